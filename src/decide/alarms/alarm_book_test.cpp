// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm_book.hpp"

#include <gtest/gtest.h>

#include "know/desk/fake_desk.hpp"

namespace bongsu::alarms {
namespace {

using model::AlarmState;
using model::FindingStatus;

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};
const model::Person kLee{"00000000000000000000000LEE", "이관제"};

class AlarmBookTest : public ::testing::Test {
 protected:
  explicit AlarmBookTest(double clock_scale = 1.0) : desk{kNoon, clock_scale} { desk.Keep(book); }

  model::Finding Bell(std::string_view device, TimePoint at, std::uint32_t revision = 1) const {
    model::Finding finding;
    finding.tenant = 1;
    finding.rule = "bell-press";
    finding.rule_version = "2";
    finding.key = device;
    finding.entity = fmt::format("urn:ngsi-ld:EmergencyBell:{}", device);
    finding.id = model::FindingId(1, finding.rule, finding.key, at);
    finding.revision = revision;
    finding.window_start = finding.first_at = finding.last_at = at;
    finding.received_at = at + 200ms;
    finding.severity = 2;
    finding.title = {"비상벨", "Emergency bell"};
    finding.service = "safety";
    finding.position = "video";
    finding.procedure = "bell";
    finding.sources = {"bell-gateway"};
    finding.place = model::Place{.point = {35.8, 126.6},
                                 .accuracy_m = {},
                                 .name = {},
                                 .address = {},
                                 .district = {},
                                 .floor = {},
                                 .entity = finding.entity};
    return finding;
  }
  void Take(const model::Finding& finding) {
    (void)desk.Do([&](desk::DeskBatch& batch) {
      book.OnFinding(finding, batch);
      return Result<json::Value>{nullptr};
    });
  }
  Result<json::Value> Act(std::string verb, const model::Finding& about, model::Person by = kKim,
                          json::Value arguments = {}, bool supervisor = false) {
    const model::DeskAct act{std::move(verb), ToText(IdOf(about)), by, supervisor, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return book.Do(act, batch); }, by.id);
  }
  static model::AlarmId IdOf(const model::Finding& f) {
    return model::AlarmId{model::AlarmIdOf(f.tenant, f.rule, f.key)};
  }
  const AlarmRow& Row(const model::Finding& finding) const { return *book.Find(IdOf(finding)); }
  std::string BoardText() const {
    std::string text;
    for (const AlarmRow* row : book.Board()) text += json::ToString(ToJson(*row)) + "\n";
    return text;
  }

  desk::FakeDesk desk;
  AlarmBook book;
};

/// `--clock scale=60`: an hour of the city a minute.
class AlarmBookOnAScaledClockTest : public AlarmBookTest {
 protected:
  AlarmBookOnAScaledClockTest() : AlarmBookTest{60.0} {}
};

TEST_F(AlarmBookTest, ShowsOneRowForAFindingWithEverythingTheOperatorAsks) {
  const auto bell = Bell("B-0118", kNoon - 2s);

  Take(bell);

  const json::Value row = ToJson(Row(bell));
  EXPECT_EQ(row["state"].AsString(), "unacked");
  EXPECT_EQ(row["occurrence"].AsInt(), 1);
  EXPECT_EQ(row["rule_version"].AsInt(), 2);
  EXPECT_EQ(row["detect_delay_ms"].AsInt(), 200);
  EXPECT_EQ(row["place"]["lat"].AsDouble(), 35.8);
  EXPECT_EQ(row["source"].AsString(), "bell-gateway");
  EXPECT_EQ(row["title"]["en"].AsString(), "Emergency bell");
  EXPECT_TRUE(row["owner"].IsNull());
}

TEST_F(AlarmBookTest, IgnoresAFindingThatWasTakenBefore) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  const std::size_t records = desk.records().size();

  Take(bell);

  EXPECT_EQ(desk.records().size(), records);
  EXPECT_EQ(Row(bell).count, 1U);
}

TEST_F(AlarmBookTest, TakesNothingTwiceWhenTheJournalIsToldAgain) {
  std::vector<model::Finding> journal;
  for (int i = 0; i < 100; ++i) {
    journal.push_back(Bell("B-0118", kNoon + std::chrono::seconds{i}));
    journal.back().record = {3, static_cast<std::uint64_t>(i) + 1};
  }
  for (int i = 0; i < 100; ++i) {
    journal.push_back(journal[static_cast<std::size_t>(i)]);
    journal.back().revision = 2;
    journal.back().status = FindingStatus::kFinal;
    journal.back().record.seq += 100;
  }
  for (const model::Finding& finding : journal) Take(finding);
  ASSERT_EQ(Row(journal[0]).count, 100U);
  const std::size_t records = desk.records().size();

  for (const model::Finding& finding : journal) Take(finding);

  EXPECT_EQ(Row(journal[0]).count, 100U);
  EXPECT_EQ(desk.records().size(), records);
}

TEST_F(AlarmBookTest, CountsARepeatInsteadOfMakingARow) {
  for (int i = 0; i < 30; ++i) Take(Bell("B-0118", kNoon + std::chrono::seconds{i}));

  EXPECT_EQ(book.Board().size(), 1U);
  EXPECT_EQ(book.Board()[0]->count, 30U);
  EXPECT_EQ(book.Board()[0]->occurrence, 1);
}

TEST_F(AlarmBookTest, FollowsTheCountOfAFindingThatGrows) {
  auto fault = Bell("SW-031", kNoon);
  fault.count = 3;
  Take(fault);
  fault.revision = 2;
  fault.count = 14;

  Take(fault);

  EXPECT_EQ(Row(fault).count, 14U);
}

TEST_F(AlarmBookTest, KeepsAnUnansweredAlarmOnTheDeskAfterItClears) {
  auto bell = Bell("B-0118", kNoon);
  Take(bell);
  bell.revision = 2;
  bell.clears = true;

  Take(bell);

  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
  EXPECT_EQ(book.Board().size(), 1U);
}

TEST_F(AlarmBookTest, NumbersTheOccurrenceWhenItComesBackAfterNormal) {
  auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell));
  bell.revision = 2;
  bell.clears = true;
  Take(bell);
  ASSERT_EQ(Row(bell).state, AlarmState::kNormal);

  Take(Bell("B-0118", kNoon + 5min));

  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(bell).occurrence, 2);
}

TEST_F(AlarmBookTest, BeginsAgainAfterClosing) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("close", bell, kKim, json::Object{{"disposition", "false_sensor"}}));
  EXPECT_TRUE(book.Board().empty());
  EXPECT_EQ(book.Closed().size(), 1U);

  Take(Bell("B-0118", kNoon + 1h));

  EXPECT_EQ(Row(bell).occurrence, 2);
  EXPECT_EQ(Row(bell).count, 1U);
  EXPECT_FALSE(Row(bell).closed);
  EXPECT_TRUE(book.Closed().empty());
}

TEST_F(AlarmBookTest, ShowsAWithdrawnFindingAsCorrectedAndReturned) {
  auto bell = Bell("B-0118", kNoon);
  Take(bell);
  bell.revision = 2;
  bell.status = FindingStatus::kWithdrawn;

  Take(bell);

  EXPECT_EQ(ToJson(Row(bell))["status"].AsString(), "corrected");
  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
  ASSERT_EQ(Row(bell).corrections.size(), 1U);
  EXPECT_TRUE(Row(bell).corrections[0]["new"]["withdrawn"].AsBool());
}

TEST_F(AlarmBookTest, KeepsOldAndNewFactsOfACorrection) {
  auto bell = Bell("B-0118", kNoon);
  Take(bell);
  bell.revision = 2;
  bell.status = FindingStatus::kCorrected;
  bell.place->point = {35.9, 126.6};

  Take(bell);

  ASSERT_EQ(Row(bell).corrections.size(), 1U);
  EXPECT_EQ(Row(bell).corrections[0]["old"]["place"]["lat"].AsDouble(), 35.8);
  EXPECT_EQ(Row(bell).corrections[0]["new"]["place"]["lat"].AsDouble(), 35.9);
}

TEST_F(AlarmBookTest, RaisesAgainWhenACorrectionTakesBackThatTheConditionEnded) {
  auto signal = Bell("TS-014", kNoon);
  Take(signal);
  signal.revision = 2;
  signal.clears = true;
  Take(signal);
  ASSERT_EQ(Row(signal).state, AlarmState::kReturned);
  signal.revision = 3;
  signal.clears = false;
  signal.status = FindingStatus::kCorrected;

  Take(signal);

  EXPECT_EQ(Row(signal).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, StaysClearedWhenAFindingThatSomebodyElseEndedBecomesFinal) {
  auto call = Bell("112-1", kNoon);
  Take(call);
  auto finished = Bell("112-1", kNoon + 20min);
  finished.clears = true;
  Take(finished);
  call.revision = 2;
  call.status = FindingStatus::kFinal;

  Take(call);

  EXPECT_EQ(Row(call).state, AlarmState::kReturned);
}

TEST_F(AlarmBookTest, DoesNotEndWhatCameAgainWhenTheEarlierFindingBecomesFinal) {
  auto first = Bell("B-0118", kNoon);
  Take(first);
  first.revision = 2;
  first.clears = true;
  Take(first);
  Take(Bell("B-0118", kNoon + 60s));
  first.revision = 3;
  first.status = FindingStatus::kFinal;

  Take(first);

  EXPECT_EQ(Row(first).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, LetsAnOlderFindingCorrectTheCountButNotTheFacts) {
  auto first = Bell("B-0118", kNoon);
  Take(first);
  auto second = Bell("B-0118", kNoon + 1min);
  second.title.ko = "비상벨 2회";
  Take(second);
  first.revision = 2;
  first.status = FindingStatus::kWithdrawn;
  first.count = 0;

  Take(first);

  EXPECT_EQ(Row(first).title.ko, "비상벨 2회");
  EXPECT_EQ(Row(first).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(first).count, 1U);
  EXPECT_EQ(Row(first).status, FindingStatus::kProvisional);
}

TEST_F(AlarmBookTest, AsksAgainWhenAnAnsweredConditionGetsWorse) {
  auto water = Bell("UP-2", kNoon);
  water.severity = 3;
  Take(water);
  ASSERT_TRUE(Act("acknowledge", water));
  water.revision = 2;
  water.severity = 1;

  Take(water);

  EXPECT_EQ(Row(water).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(water).severity, 1);
  EXPECT_EQ(Row(water).severities.size(), 2U);
  EXPECT_EQ(Row(water).owner, kKim);
}

TEST_F(AlarmBookTest, GivesAnAlarmOneOwnerAndNamesThemToTheLoser) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell, kKim));

  const auto second = Act("acknowledge", bell, kLee);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "alarm.already_owned");
  EXPECT_EQ(Row(bell).owner, kKim);
  EXPECT_EQ(desk.audits().size(), 1U);
}

TEST_F(AlarmBookTest, ShelvesForAnHourUnlessToldAndReturnsByItself) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("shelve", bell, kKim, json::Object{{"reason", "공사 중"}}));
  ASSERT_TRUE(Row(bell).shelved);
  EXPECT_EQ(Row(bell).shelved->until, kNoon + 1h);

  desk.Advance(59min);
  EXPECT_TRUE(Row(bell).shelved);
  desk.Advance(1min);

  EXPECT_FALSE(Row(bell).shelved);
  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, RefusesAShelfThatIsTooLongWithoutReasonOrCritical) {
  auto bell = Bell("B-0118", kNoon);
  auto fire = Bell("FD-0331", kNoon);
  fire.severity = 1;
  Take(bell);
  Take(fire);

  EXPECT_EQ(Act("shelve", bell, kKim, json::Object{{"reason", "x"}, {"minutes", 481}}).error().reason,
            "alarm.shelf_minutes");
  EXPECT_EQ(Act("shelve", bell).error().reason, "alarm.shelf_reason");
  EXPECT_EQ(Act("shelve", fire, kKim, json::Object{{"reason", "x"}}).error().reason, "alarm.shelf_critical");
  EXPECT_TRUE(Act("shelve", fire, kLee, json::Object{{"reason", "x"}}, true));
}

TEST_F(AlarmBookTest, TakesAnActBackWithinTenSecondsForItsOwnActor) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("close", bell, kKim, json::Object{{"disposition", "false_ai"}}));

  EXPECT_EQ(Act("undo", bell, kLee).error().reason, "alarm.nothing_to_undo");
  desk.Advance(10s);
  ASSERT_TRUE(Act("undo", bell, kKim));

  EXPECT_FALSE(Row(bell).closed);
  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
  EXPECT_FALSE(Row(bell).owner);
}

TEST_F(AlarmBookTest, RefusesToTakeBackAfterTenSeconds) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(10s + 1us);

  EXPECT_EQ(Act("undo", bell).error().reason, "alarm.undo_expired");
  EXPECT_EQ(Row(bell).state, AlarmState::kAcked);
}

TEST_F(AlarmBookOnAScaledClockTest, TakesAnActBackWithinTenSecondsAsPeopleLiveThem) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(60 * 10s);

  EXPECT_TRUE(Act("undo", bell));
}

TEST_F(AlarmBookOnAScaledClockTest, SaysTheAgeOfAnActTooOldAsPeopleLiveIt) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(60 * 12s);

  const auto undone = Act("undo", bell);

  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().reason, "alarm.undo_expired");
  EXPECT_EQ(undone.error().message, "an act is taken back within 10 s, this one is 12 s old");
}

TEST_F(AlarmBookTest, LeavesAnAnswerTakenBackAsReturnedWhenTheConditionWentMeanwhile) {
  auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(Act("acknowledge", bell));
  bell.revision = 2;
  bell.clears = true;
  Take(bell);

  ASSERT_TRUE(Act("undo", bell));

  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
}

TEST_F(AlarmBookTest, RefusesToCloseWithoutADisposition) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);

  EXPECT_EQ(Act("close", bell).error().reason, "alarm.disposition");
  EXPECT_EQ(Act("close", bell, kKim, json::Object{{"disposition", "whatever"}}).error().reason, "alarm.disposition");
}

TEST_F(AlarmBookTest, PutsTheCamerasOfADeadSwitchUnderOneRow) {
  const auto camera = [&](int n) {
    auto frozen = Bell(fmt::format("C-{:04}", n), kNoon);
    frozen.rule = "camera-frozen";
    frozen.id = model::FindingId(1, frozen.rule, frozen.key, kNoon);
    frozen.parent_key = "urn:ngsi-ld:NetworkSwitch:SW-031";
    return frozen;
  };
  for (int n = 0; n < 7; ++n) Take(camera(n));
  auto dead = Bell("SW-031", kNoon + 60s);
  dead.rule = "camera-net-dead";
  dead.entity = "urn:ngsi-ld:NetworkSwitch:SW-031";

  Take(dead);
  for (int n = 7; n < 14; ++n) Take(camera(n));

  std::size_t shown = 0;
  for (const AlarmRow* row : book.Board()) shown += !row->parent;
  EXPECT_EQ(shown, 1U);
  EXPECT_EQ(Row(dead).children, 14);
  EXPECT_TRUE(Row(camera(3)).suppressed);
  EXPECT_FALSE(book.flood().At("video", desk.clock().Now()));
}

TEST_F(AlarmBookTest, GathersACauseThatAFloodHadGroupedAlready) {
  const auto camera = [&](int n, int pole) {
    auto frozen = Bell(fmt::format("C-{:04}", n), kNoon);
    frozen.rule = "camera-frozen";
    frozen.parent_key = fmt::format("urn:ngsi-ld:NetworkSwitch:SW-{:03}", pole);
    return frozen;
  };
  for (int n = 0; n < 15; ++n) {
    Take(camera(n, 31));
    desk.Advance(1ms);
  }
  Take(camera(99, 32));
  auto dead = Bell("SW-031", kNoon);
  dead.rule = "camera-frozen";
  dead.entity = "urn:ngsi-ld:NetworkSwitch:SW-031";
  ASSERT_TRUE(book.flood().At("video", desk.clock().Now()));
  ASSERT_EQ(Row(camera(0, 31)).children, 14);

  Take(dead);

  EXPECT_EQ(Row(dead).children, 15);
  EXPECT_FALSE(Row(dead).parent);
  EXPECT_FALSE(Row(camera(99, 32)).parent);
  for (int n = 0; n < 15; ++n) EXPECT_EQ(Row(camera(n, 31)).children, 0) << n;
}

TEST_F(AlarmBookTest, ClosesTheRowsUnderARowWithItAndBringsThemBackTogether) {
  auto dead = Bell("SW-031", kNoon);
  dead.entity = "urn:ngsi-ld:NetworkSwitch:SW-031";
  auto camera = Bell("C-0001", kNoon);
  camera.rule = "camera-frozen";
  camera.parent_key = dead.entity;
  Take(dead);
  Take(camera);

  ASSERT_TRUE(Act("close", dead, kKim, json::Object{{"disposition", "real"}}));
  EXPECT_TRUE(Row(camera).closed);
  ASSERT_TRUE(Act("undo", dead, kKim));

  EXPECT_FALSE(Row(camera).closed);
  EXPECT_EQ(Row(camera).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, ShowsAtMostSixRowsForTwoHundredAlarmsOfThreeCausesWithTheCriticalOnTop) {
  for (int i = 0; i < 200; ++i) {
    auto finding = Bell(fmt::format("D-{:04}", i), kNoon + std::chrono::milliseconds{300 * i});
    const int cause = i % 3;
    finding.rule = std::array{"camera-frozen", "bell-press", "fire-119"}[static_cast<std::size_t>(cause)];
    finding.severity = cause == 2 ? 1 : 3;
    // One cause stays in a street, one in a district, one is spread over the city.
    const double spread_m = std::array{100.0, 900.0, 6000.0}[static_cast<std::size_t>(cause)];
    finding.place->point = model::Offset({35.8, 126.6}, i * 37.0, spread_m * (i % 10) / 10);
    desk.clock().Set(kNoon + std::chrono::milliseconds{300 * i});
    Take(finding);
  }

  std::vector<const AlarmRow*> shown;
  for (const AlarmRow* row : book.Board()) {
    if (!row->parent) shown.push_back(row);
  }
  EXPECT_EQ(book.Board().size(), 200U);
  EXPECT_LE(shown.size(), 6U);
  ASSERT_FALSE(shown.empty());
  EXPECT_EQ(shown.front()->severity, 1);
  std::int64_t total = 0;
  for (const AlarmRow* row : shown) total += 1 + row->children;
  EXPECT_EQ(total, 200);
}

TEST_F(AlarmBookTest, FoldsToTheSameBoardAfterARestart) {
  for (int i = 0; i < 15; ++i) Take(Bell(fmt::format("B-{:04}", i), kNoon + std::chrono::seconds{i}));
  const auto first = Bell("B-0000", kNoon);
  ASSERT_TRUE(Act("acknowledge", first));
  ASSERT_TRUE(Act("comment", first, kKim, json::Object{{"text", "확인"}}));
  const std::string before = BoardText();

  desk.Refold();

  EXPECT_EQ(BoardText(), before);
  EXPECT_TRUE(book.flood().At("video", desk.clock().Now()));
  Take(first);
  EXPECT_EQ(BoardText(), before);
}

TEST(Flood, BeginsAboveTenInTenMinutesAndEndsBelowFive) {
  Flood flood;
  for (int i = 0; i < 10; ++i) flood.Raised("video", kNoon + std::chrono::seconds{i});
  EXPECT_FALSE(flood.At("video", kNoon + 10s));
  flood.Raised("video", kNoon + 10s);

  EXPECT_TRUE(flood.At("video", kNoon + 10s));
  EXPECT_FALSE(flood.At("cyber", kNoon + 10s));
  EXPECT_TRUE(flood.At("video", kNoon + 10min));
  EXPECT_FALSE(flood.At("video", kNoon + 10min + 8s));
}

TEST(Flood, CountsEachTenMinutesOfEightHours) {
  Flood flood;
  for (int i = 0; i < 12; ++i) flood.Raised("video", kNoon);
  flood.Raised("cyber", kNoon + 10min);

  const auto rate = flood.Rate(kNoon + 10min);

  ASSERT_EQ(rate.size(), 48U);
  EXPECT_EQ(rate[46], 12);
  EXPECT_EQ(rate[47], 1);
  EXPECT_DOUBLE_EQ(flood.FloodShare(kNoon + 10min), 1.0 / 48);
  EXPECT_EQ(flood.Rate(kNoon + 9h)[47], 0);
}

}  // namespace
}  // namespace bongsu::alarms
