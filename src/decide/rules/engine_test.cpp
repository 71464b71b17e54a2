// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "decide/rules/testing.hpp"

namespace bongsu::rules {
namespace {

using model::FindingStatus;
using testing::Bench;
using testing::kNoon;

constexpr std::string_view kBell = R"(
title: Bell
id: bell
logsource: {category: device, product: bell}
detection:
  press: {type: bell.press}
  condition: press
bongsu:
  service: crime
  severity: 2
  title: {ko: "비상벨 {entity_name}", en: "Bell {entity_name}"}
)";

/// What a linked system says.
model::Event From(model::LogSource source, Duration at, std::string type, std::string entity,
                  json::Object fields = {}) {
  model::Event event = Bench::Event(at, std::move(type), std::move(fields), std::move(entity));
  event.log_source = std::move(source);
  return event;
}
model::Event At(model::Event event, double lat, double lon) {
  event.place = model::Place{};
  event.place->point = {lat, lon};
  return event;
}
model::Event Press(Duration at, int bell = 1, const char* type = "bell.press") {
  return From({"device", "bell", ""}, at, type, fmt::format("urn:ngsi-ld:EmergencyBell:B-{}", bell), {{"press", "p1"}});
}

TEST(RuleEngine, TellsAtOnceWhatOneEventMeans) {
  Bench bench{kBell};

  const auto findings = bench.Send(Press(0s));

  ASSERT_TRUE(bench.complaints.empty()) << bench.complaints[0].message;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].status, FindingStatus::kProvisional);
  EXPECT_EQ(findings[0].severity, 2);
  EXPECT_EQ(findings[0].key, "urn:ngsi-ld:EmergencyBell:B-1");
  EXPECT_EQ(findings[0].title.ko, "비상벨 B-1");
  EXPECT_EQ(json::ToString(findings[0].explanation["clauses"]),
            R"([{"text":"type is bell.press","satisfied_by":["1/1"]}])");
}

TEST(RuleEngine, ARuleServesAnyPackThereIs) {
  const auto with = [](std::string_view service) {
    std::string rule{kBell};
    rule.replace(rule.find("service: crime"), 14, fmt::format("service: {}", service));
    const Bench bench{rule};
    return bench.complaints.empty() ? std::string("taken") : bench.complaints[0].code;
  };

  EXPECT_EQ(with("lifts"), "taken");
  EXPECT_EQ(with("Lifts and doors"), "rules.bad_value");
}

TEST(RuleEngine, SeesOnlyEventsOfTheRulesLogSource) {
  Bench bench{kBell};
  model::Event event = Press(0s);
  event.log_source = {"device", "door", ""};

  EXPECT_TRUE(bench.Send(event).empty());
}

TEST(RuleEngine, DropsAPositionThatIsKnown) {
  Bench bench{kBell};
  model::Event event = Press(0s);
  event.position = {3, 9};

  EXPECT_EQ(bench.Send(event).size(), 1U);
  EXPECT_TRUE(bench.Send(event).empty());
  EXPECT_EQ(bench.engine->counters().repeated, 1U);
}

TEST(RuleEngine, MakesAFindingFinalBehindTheWatermark) {
  Bench bench{kBell};
  bench.Send(Press(0s));
  bench.Send(Press(11min, 2));

  const auto findings = bench.Tick(11min);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].status, FindingStatus::kFinal);
  EXPECT_EQ(findings[0].revision, 2U);
  EXPECT_EQ(findings[0].window_start, kNoon);
}

TEST(RuleEngine, WaitsForLateEventsAsLongAsTheSourceSays) {
  Bench bench{kBell};
  bench.engine->SetLateness(0, "test", 2min);
  bench.Send(Press(0s));
  EXPECT_TRUE(bench.Tick(1min).empty());
  bench.Send(Press(150s, 2));

  const auto findings = bench.Tick(150s);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].status, FindingStatus::kFinal);
  EXPECT_EQ(findings[0].window_start, kNoon);
}

TEST(RuleEngine, ASilentSourceIsWaitedForAsLongAsItSays) {
  Bench bench{kBell};
  bench.engine->SetLateness(0, "test", 4min);
  bench.Send(Press(0s));
  EXPECT_TRUE(bench.Tick(210s).empty());

  const auto findings = bench.Tick(5min);  // silent for three times its interval

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].status, FindingStatus::kFinal);
}

TEST(RuleEngine, WaitsForNoSourceLongerThanADay) {
  Bench bench{kBell};
  bench.engine->SetLateness(0, "test", 48h);
  bench.Send(Press(0s));
  EXPECT_TRUE(bench.Tick(23h).empty());

  EXPECT_EQ(bench.Tick(25h).size(), 1U);
}

constexpr std::string_view kLogin = R"(
title: Guess
id: guess
logsource: {product: linux, service: sshd}
detection:
  failed: {type: ssh.failed}
  accepted: {type: ssh.accepted}
  condition: accepted
bongsu:
  sequence:
    - {when: failed, count: 3}
    - {when: accepted}
  within: 10m
  key: "{entity}|{user}"
)";

model::Event Login(Duration at, const char* type, const char* user = "ops") {
  return From({"", "linux", "sshd"}, at, type, "SV-02", {{"user", user}});
}

TEST(RuleEngine, FindsASequenceOnlyInItsOrderAndForOneKey) {
  Bench bench{kLogin};
  for (const Duration at : {0s, 4s, 8s}) bench.Send(Login(at, "ssh.failed"));

  EXPECT_TRUE(bench.Send(Login(10s, "ssh.accepted", "backup")).empty());
  const auto findings = bench.Send(Login(12s, "ssh.accepted"));

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].count, 4U);
  EXPECT_EQ(findings[0].events.size(), 4U);
  EXPECT_TRUE(bench.Send(Login(13s, "ssh.accepted")).empty());
}

constexpr std::string_view kLevel = R"(
title: Water
id: water
logsource: {category: sensor, product: water}
detection:
  reading: {type: water.level}
  high: {level|gte: 15}
  low: {level|lt: 10}
  condition: reading and high
bongsu:
  of: reading
  clear: reading and low
  for: 3m
)";

model::Event Level(Duration at, double level) {
  return From({"sensor", "water", "gauge"}, at, "water.level", "urn:ngsi-ld:WaterLevelGauge:WG-1", {{"level", level}});
}

TEST(RuleEngine, RaisesWhenAConditionHeldAndClearsBelowTheLowerMark) {
  Bench bench{kLevel};
  EXPECT_TRUE(bench.Send(Level(0s, 16)).empty());
  EXPECT_EQ(bench.engine->NextDue(), kNoon + 3min);
  EXPECT_TRUE(bench.Tick(2min).empty());

  const auto raised = bench.Tick(3min);
  const auto between = bench.Send(Level(4min, 12));
  const auto cleared = bench.Send(Level(5min, 9));

  ASSERT_EQ(raised.size(), 1U);
  EXPECT_FALSE(raised[0].clears);
  EXPECT_TRUE(between.empty());
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_TRUE(cleared[0].clears);
  EXPECT_EQ(cleared[0].id, raised[0].id);
}

TEST(RuleEngine, AReadingBetweenTheMarksBreaksAHold) {
  Bench bench{kLevel};
  bench.Send(Level(0s, 16));
  bench.Send(Level(1min, 12));

  EXPECT_TRUE(bench.Tick(4min).empty());
}

TEST(RuleEngine, ALateReadingTakesBackWhatWasTold) {
  Bench bench{kLevel};
  bench.Send(Level(0s, 16));
  const auto raised = bench.Tick(3min);
  ASSERT_EQ(raised.size(), 1U);
  model::Event late = Level(1min, 12);
  late.received_at = kNoon + 4min;

  const auto findings = bench.Send(late);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].status, FindingStatus::kWithdrawn);
  EXPECT_EQ(findings[0].id, raised[0].id);
  EXPECT_EQ(findings[0].revision, 2U);
}

constexpr std::string_view kSwitch = R"(
title: Switch
id: switch
logsource: {category: device, product: vms}
detection:
  lost: {type: vms.video_loss}
  back: {type: vms.video_restored}
  condition: lost
bongsu:
  clear: back
  each: "{entity}"
  at_least: 3
  for: 60s
  key: "{entity.refSwitch}"
  entity: "{entity.refSwitch}"
)";

TEST(RuleEngine, JoinsChildrenOfOneParentIntoOneFinding) {
  Bench bench{kSwitch};
  for (int i = 1; i <= 14; ++i) {
    const std::string id = fmt::format("C-{}", i);
    bench.context.entities[id] = {"Camera", {id, ""}, {}, json::Value{json::Object{{"refSwitch", "SW-031"}}}};
  }
  const auto send = [&](int camera, Duration at, const char* type) {
    return bench.Send(From({"device", "vms", ""}, at, type, fmt::format("C-{}", camera)));
  };
  for (int i = 1; i <= 14; ++i) send(i, 30s, "vms.video_loss");

  const auto raised = bench.Tick(90s);
  std::vector<model::Finding> cleared;
  for (int i = 1; i <= 14; ++i) {
    for (auto& finding : send(i, 40min, "vms.video_restored")) cleared.push_back(finding);
  }

  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(raised[0].count, 14U);
  EXPECT_EQ(raised[0].entity, "SW-031");
  EXPECT_TRUE(std::ranges::any_of(cleared, &model::Finding::clears));
}

constexpr std::string_view kVoice = R"(
title: No voice
id: no-voice
logsource: {category: device, product: bell}
detection:
  press: {type: bell.press}
  voice: {type: bell.voice}
  condition: press
bongsu:
  missing: {when: voice, within: 15s}
)";

TEST(RuleEngine, TellsWhatIsMissingOnlyAfterItsTime) {
  Bench bench{kVoice};
  bench.Send(Press(0s));
  EXPECT_TRUE(bench.Tick(14s).empty());

  EXPECT_EQ(bench.Tick(15s).size(), 1U);
}

TEST(RuleEngine, AnAnswerInTimeMeansNothingIsMissing) {
  Bench bench{kVoice};
  bench.Send(Press(0s));
  bench.Send(Press(10s, 1, "bell.voice"));

  EXPECT_TRUE(bench.Tick(60s).empty());
}

constexpr std::string_view kSilent = R"(
title: Silent
id: silent
logsource: {category: device, product: camera}
detection:
  beat: {type: camera.health}
  condition: beat
bongsu:
  silence: 60s
)";

TEST(RuleEngine, HearsASilenceAndItsEnd) {
  Bench bench{kSilent};
  const auto beat = [&](Duration at) { return bench.Send(From({"device", "camera", ""}, at, "camera.health", "C-1")); };
  beat(0s);
  beat(20s);

  const auto silent = bench.Tick(80s);
  const auto back = beat(100s);

  ASSERT_EQ(silent.size(), 1U);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_TRUE(back[0].clears);
  EXPECT_EQ(back[0].id, silent[0].id);
}

constexpr std::string_view kCorrelation = R"(
title: Base
id: base-fail
logsource: {product: linux, service: sshd}
detection:
  failed: {type: ssh.failed}
  condition: failed
---
title: Many failures
id: many
correlation:
  type: event_count
  rules: [base-fail]
  group-by: [user]
  timespan: 1m
  condition: {gte: 3}
level: high
)";

TEST(RuleEngine, CountsASigmaCorrelationAndKeepsItsBaseQuiet) {
  Bench bench{kCorrelation};
  ASSERT_TRUE(bench.complaints.empty()) << bench.complaints[0].message;
  EXPECT_TRUE(bench.Send(Login(0s, "ssh.failed")).empty());
  EXPECT_TRUE(bench.Send(Login(10s, "ssh.failed", "other")).empty());
  EXPECT_TRUE(bench.Send(Login(20s, "ssh.failed")).empty());

  const auto findings = bench.Send(Login(50s, "ssh.failed"));

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "many");
  EXPECT_EQ(findings[0].key, "ops");
  EXPECT_EQ(findings[0].count, 3U);
}

constexpr std::string_view kFight = R"(
title: Bell
id: bell
logsource: {category: device, product: bell}
detection:
  press: {type: bell.press}
  condition: press
---
title: Fight near a bell
id: fight
logsource: {category: video, product: analytics}
detection:
  fight: {type: analytics.fight}
  condition: fight
bongsu:
  near: {rule: bell, within_m: 300, within: 5m}
)";

TEST(RuleEngine, MeetsAnotherRulesEventNearby) {
  Bench bench{kFight};
  ASSERT_TRUE(bench.complaints.empty()) << bench.complaints[0].message;
  const model::Event fight = From({"video", "analytics", ""}, 60s, "analytics.fight", "C-1");
  bench.Send(At(Press(0s), 35.8100, 126.6000));

  EXPECT_TRUE(bench.Send(At(fight, 35.8140, 126.6000)).empty());   // 445 m
  const auto findings = bench.Send(At(fight, 35.8120, 126.6000));  // 222 m

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "fight");
  EXPECT_EQ(findings[0].entity, "C-1");
}

constexpr std::string_view kMoved = R"(
title: Moved
id: moved
logsource: {category: agency}
detection:
  message: {type: 112UC001}
  condition: message
bongsu:
  change: {place_m: 100, within: 24h}
  key: "{case}"
  joins: call
)";

TEST(RuleEngine, TellsThatAPlaceMovedUnderTheRuleItJoins) {
  Bench bench{kMoved};
  const auto message = [&](Duration at, double lat) {
    return bench.Send(At(From({"agency", "112", ""}, at, "112UC001", "", {{"case", "c1"}}), lat, 126.6));
  };
  EXPECT_TRUE(message(0s, 35.8100).empty());
  EXPECT_TRUE(message(60s, 35.8105).empty());

  const auto findings = message(120s, 35.8130);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "call");
  EXPECT_EQ(findings[0].key, "c1");
}

TEST(RuleEngine, RisesWithinAWindow) {
  Bench bench{R"(
title: Rise
id: rise
logsource: {category: sensor, product: water}
detection:
  reading: {type: water.level}
  condition: reading
bongsu:
  change: {field: level, by: 0.5, within: 30m}
)"};

  EXPECT_TRUE(bench.Send(Level(0s, 1.0)).empty());
  EXPECT_TRUE(bench.Send(Level(40min, 1.4)).empty());
  EXPECT_TRUE(bench.Send(Level(50min, 1.8)).empty());
  EXPECT_EQ(bench.Send(Level(60min, 1.95)).size(), 1U);
}

/// Final findings of `bench` by id, without what may depend on arrival.
std::map<std::string, std::string> Finals(const std::vector<model::Finding>& told) {
  std::map<Hash128, model::Finding> newest;
  for (const model::Finding& finding : told) {
    EXPECT_GE(finding.revision, newest[finding.id].revision);
    newest[finding.id] = finding;
  }
  std::map<std::string, std::string> out;
  for (auto& [id, finding] : newest) {
    if (finding.status == FindingStatus::kWithdrawn) continue;
    EXPECT_EQ(finding.status, FindingStatus::kFinal) << finding.rule;
    finding.revision = 0;
    finding.received_at = {};
    out[ToText(id)] = model::ToRecord(finding, 1).payload;
  }
  return out;
}

/// The first pair that differs.
std::string Difference(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  for (const auto& [id, text] : a) {
    const auto found = b.find(id);
    if (found == b.end()) return "only shuffled: " + text;
    if (found->second != text) return text + "\n" + found->second;
  }
  for (const auto& [id, text] : b) {
    if (!a.contains(id)) return "only in order: " + text;
  }
  return "";
}

/// Arrival orders inside the bound: each event comes up to nine minutes late.
std::map<std::string, std::string> PlayShuffled(std::string_view rules, std::vector<model::Event> events,
                                                unsigned seed) {
  Bench bench{rules};
  std::mt19937 random{seed};
  std::uniform_int_distribution<int> late{0, seed == 0 ? 0 : 540};
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].position = {1, i + 1};
    events[i].received_at = events[i].at + std::chrono::seconds{late(random)};
  }
  std::sort(events.begin(), events.end(), [](const model::Event& a, const model::Event& b) {
    return a.received_at != b.received_at ? a.received_at < b.received_at : a.position < b.position;
  });
  for (const model::Event& event : events) {
    bench.Tick(event.received_at - kNoon);
    bench.Send(event);
  }
  for (int minute = 0; minute < 60; ++minute) bench.Tick(4h + std::chrono::minutes{minute});
  return Finals(bench.told);
}

TEST(RuleEngine, FinalFindingsDoNotDependOnTheOrderOfArrival) {
  std::mt19937 random{7};
  std::vector<model::Event> events;
  for (int i = 0; i < 300; ++i) {
    const Duration at = std::chrono::seconds{random() % 7200};
    switch (random() % 4) {
      case 0:
        events.push_back(Press(at));
        break;
      case 1:
        events.push_back(Level(at, static_cast<double>(random() % 25)));
        break;
      case 2:
        events.push_back(Login(at, random() % 4 == 0 ? "ssh.accepted" : "ssh.failed"));
        break;
      default:
        events.push_back(Press(at, 1, "bell.voice"));
    }
  }
  std::sort(events.begin(), events.end(),
            [](const model::Event& a, const model::Event& b) { return a.at != b.at ? a.at < b.at : a.type < b.type; });
  for (const std::string_view rules : {kBell, kLogin, kLevel, kVoice, kCorrelation}) {
    const auto in_order = PlayShuffled(rules, events, 0);
    EXPECT_FALSE(in_order.empty());
    for (unsigned seed = 1; seed <= 8; ++seed)
      EXPECT_TRUE(PlayShuffled(rules, events, seed) == in_order)
          << Difference(PlayShuffled(rules, events, seed), in_order) << seed;
  }
}

/// A process that ends, and the next one that reads the journal again.
class RuleEngineRestart : public ::testing::Test {
 protected:
  /// The first process hears `events`; they lie in the journal.
  void Live(std::vector<model::Event> events) {
    for (std::size_t i = 0; i < events.size(); ++i) events[i].position = {1, i + 1};
    journal = std::move(events);
    for (const model::Event& event : journal) before.Send(event);
  }
  /// What the second process tells when the first `recorded` findings and the events from `from` on are read again.
  std::vector<model::Finding> Restart(std::size_t recorded, Duration at, std::size_t from = 0) {
    after.engine->BeginRecovery();
    for (std::size_t i = 0; i < recorded; ++i) after.engine->Recover(before.told[i]);
    for (std::size_t i = from; i < journal.size(); ++i) after.Send(journal[i]);
    std::vector<model::Finding> again;
    after.Take(after.engine->EndRecovery(kNoon + at), again);
    return again;
  }

  Bench before{kLevel};
  Bench after{kLevel};
  std::vector<model::Event> journal;
};

TEST_F(RuleEngineRestart, TellsNothingTwice) {
  Live({Level(0s, 16), Level(1min, 17), Level(4min, 16), Level(6min, 5)});
  ASSERT_EQ(before.told.size(), 2U);

  const auto again = Restart(2, 6min);

  EXPECT_TRUE(again.empty());
  EXPECT_EQ(after.engine->counters().differences, 0U);
}

TEST_F(RuleEngineRestart, TellsWhatWasNotRecorded) {
  Live({Level(0s, 16), Level(4min, 16), Level(6min, 5)});

  const auto again = Restart(1, 6min);  // the clearing was lost with the process

  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].clears);
  EXPECT_EQ(again[0].revision, 2U);
}

TEST_F(RuleEngineRestart, GoesOnWithAConditionOlderThanTheEventsReadAgain) {
  Live({Level(0s, 16)});
  before.Tick(3min);
  ASSERT_EQ(before.told.size(), 1U);

  Restart(1, 3h, 1);
  const auto cleared = after.Send(Level(3h, 5));

  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_TRUE(cleared[0].clears);
  EXPECT_EQ(cleared[0].id, before.told[0].id);
}

TEST(RuleEngine, AFloodOfKeysDoesNotPushOutASlowSequence) {
  Bench bench{std::string(kLogin) + "  max_keys: 100\n"};
  bench.Send(Login(0s, "ssh.failed"));
  bench.Send(Login(1s, "ssh.failed"));
  for (int i = 0; i < 5000; ++i) bench.Send(Login(2s, "ssh.failed", fmt::format("user{}", i).c_str()));
  bench.Send(Login(3s, "ssh.failed"));

  EXPECT_EQ(bench.Send(Login(4s, "ssh.accepted")).size(), 1U);
  EXPECT_LE(bench.engine->keys(), 100U);
  EXPECT_GT(bench.engine->counters().keys_evicted, 4000U);
}

TEST(RuleEngine, AHotReloadKeepsWhatUnchangedRulesHold) {
  Bench bench{kLevel};
  bench.Send(Level(0s, 16));
  Bench same{kLevel};

  bench.engine->Reload(same.set);

  EXPECT_EQ(bench.Tick(3min).size(), 1U);
}

TEST(RuleEngine, AHotReloadDropsWhatAChangedRuleHeld) {
  Bench bench{kLevel};
  bench.Send(Level(0s, 16));
  Bench other{std::string(kLevel) + "  # another text\n"};
  ASSERT_TRUE(other.complaints.empty());

  bench.engine->Reload(other.set);

  EXPECT_TRUE(bench.Tick(3min).empty());
  EXPECT_EQ(bench.engine->keys(), 0U);
}

TEST(RuleEngine, AHitOfAnOldRuleThatArrivesAfterTheReloadIsToldWhenItMeansSomethingAlone) {
  Bench bench{kBell};
  Bench changed{std::string(kBell) + " # another text\n"};
  auto on_its_way = bench.engine->OnEvent(Press(0s));
  ASSERT_EQ(on_its_way.size(), 1U);

  bench.engine->Reload(changed.set);

  EXPECT_EQ(bench.engine->OnHit(std::move(on_its_way.front())).findings.size(), 1U);
  Bench level{kLevel};
  Bench other_level{std::string(kLevel) + "  # another text\n"};
  auto of_a_hold = level.engine->OnEvent(Level(0s, 16));
  ASSERT_EQ(of_a_hold.size(), 1U);
  level.engine->Reload(other_level.set);
  level.engine->OnHit(std::move(of_a_hold.front()));
  EXPECT_EQ(level.engine->keys(), 0U);
  EXPECT_EQ(level.engine->outdated(), 1U);
}

TEST(RuleEngine, AHitOfANewRuleMayArriveBeforeTheReload) {
  Bench bench{kLevel};
  Bench other{std::string(kLevel) + "  # another text\n"};
  auto early = other.engine->OnEvent(Level(0s, 16));
  ASSERT_EQ(early.size(), 1U);

  bench.engine->OnHit(std::move(early.front()));
  bench.engine->Reload(other.set);

  EXPECT_EQ(bench.Tick(3min).size(), 1U);
}

}  // namespace
}  // namespace bongsu::rules
