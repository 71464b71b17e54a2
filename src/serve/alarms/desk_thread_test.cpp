// SPDX-License-Identifier: Apache-2.0
// Alarms, incidents and procedures together on one desk: what an operator lives through.
#include <gtest/gtest.h>

#include <array>

#include "act/incidents/incident_book.hpp"
#include "act/sop/procedure_book.hpp"
#include "decide/alarms/alarm_book.hpp"
#include "know/desk/fake_desk.hpp"

namespace bongsu {
namespace {

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};
const model::Person kLee{"00000000000000000000000LEE", "이관제"};

constexpr std::string_view kBell = R"(
id: bell
version: 3
title: {ko: 비상벨}
service: safety
manual: true
steps:
  - {text: {ko: 응답}, due: 10s}
  - {text: {ko: 영상 확인}}
  - {text: {ko: 종결}}
)";

class DeskThread : public ::testing::Test {
 protected:
  DeskThread() {
    EXPECT_TRUE(library.Add(kBell, "bell.yaml"));
    desk.Keep(alarms);
    desk.Keep(incidents);
    desk.Keep(procedures);
  }
  model::Finding Bell(std::string_view device, TimePoint at, std::string_view rule = "bell-press") const {
    model::Finding finding;
    finding.tenant = 1;
    finding.rule = rule;
    finding.key = device;
    finding.entity = fmt::format("urn:ngsi-ld:EmergencyBell:{}", device);
    finding.id = model::FindingId(1, finding.rule, finding.key, at);
    finding.first_at = finding.last_at = finding.received_at = at;
    finding.severity = 2;
    finding.title = {"비상벨", ""};
    finding.service = "safety";
    finding.procedure = "bell";
    return finding;
  }
  const alarms::AlarmRow& Take(const model::Finding& finding) {
    (void)desk.Do([&](desk::DeskBatch& batch) {
      alarms.OnFinding(finding, batch);
      return Result<json::Value>{nullptr};
    });
    return Row(finding);
  }
  const alarms::AlarmRow& Row(const model::Finding& f) const {
    return *alarms.Find(model::AlarmId{model::AlarmIdOf(f.tenant, f.rule, f.key)});
  }
  const incidents::Incident& IncidentOf(const model::Finding& finding) const {
    return *incidents.Find(*Row(finding).incident);
  }
  Result<json::Value> OnAlarm(std::string verb, const model::Finding& about, json::Value arguments = {},
                              model::Person by = kKim) {
    const model::DeskAct act{std::move(verb), ToText(Row(about).id), by, false, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return alarms.Do(act, batch); }, by.id);
  }
  Result<json::Value> OnIncident(std::string verb, std::string id, json::Value arguments = {},
                                 model::Person by = kKim) {
    const model::DeskAct act{std::move(verb), std::move(id), by, false, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return incidents.Do(act, batch); }, by.id);
  }
  Result<json::Value> OnStep(std::string incident, std::size_t n, json::Value arguments, model::Person by = kKim) {
    const model::DeskAct act{"step", std::move(incident), by, false, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return procedures.Do(act, n, batch); }, by.id);
  }
  std::string Everything() const {
    std::string text;
    for (const alarms::AlarmRow* row : alarms.Board()) text += json::ToString(ToJson(*row)) + "\n";
    for (const incidents::Incident* incident : incidents.List(true)) {
      text += json::ToString(ToJson(*incident)) + json::ToString(incident->timeline) + "\n";
    }
    return text;
  }

  sop::Library library;
  desk::FakeDesk desk{kNoon};
  alarms::AlarmBook alarms;
  incidents::IncidentBook incidents{
      [this](std::string_view id, std::string_view service, TimePoint at) { return library.Start(id, service, at); }};
  sop::ProcedureBook procedures;
};

TEST_F(DeskThread, OpensAnIncidentWithItsProcedureForANewAlarm) {
  const auto bell = Bell("B-0118", kNoon);

  const alarms::AlarmRow& row = Take(bell);

  ASSERT_TRUE(row.incident);
  EXPECT_EQ(IncidentOf(bell).state, incidents::State::kNew);
  EXPECT_EQ(IncidentOf(bell).procedure["version"].AsInt(), 3);
  EXPECT_EQ(row.procedure["total"].AsInt(), 3);
  EXPECT_EQ(row.procedure["next"]["ko"].AsString(), "응답");
}

TEST_F(DeskThread, GivesTheIncidentToWhoAnswersTheAlarm) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);

  ASSERT_TRUE(OnAlarm("acknowledge", bell));

  EXPECT_EQ(IncidentOf(bell).owner, kKim);
  EXPECT_EQ(IncidentOf(bell).state, incidents::State::kInProgress);
}

TEST_F(DeskThread, ClosesTheIncidentWithItsLastAlarmAndTakesBothBack) {
  const auto press = Bell("B-0118", kNoon);
  const auto silent = Bell("B-0118", kNoon, "bell-silent");
  Take(press);
  Take(silent);
  ASSERT_EQ(Row(press).incident, Row(silent).incident);

  ASSERT_TRUE(OnAlarm("close", press, json::Object{{"disposition", "real"}}));
  EXPECT_TRUE(IncidentOf(press).open());
  ASSERT_TRUE(OnAlarm("close", silent, json::Object{{"disposition", "false_sensor"}}));
  EXPECT_FALSE(IncidentOf(press).open());
  EXPECT_EQ(IncidentOf(press).disposition, "false_sensor");

  ASSERT_TRUE(OnAlarm("undo", silent));

  EXPECT_TRUE(IncidentOf(silent).open());
  EXPECT_FALSE(IncidentOf(silent).owner);
  EXPECT_EQ(IncidentOf(silent).state, incidents::State::kNew);
}

TEST_F(DeskThread, ClosesTheAlarmsOfAnIncidentThatIsClosed) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);

  ASSERT_TRUE(OnIncident("close", ToText(*Row(bell).incident), json::Object{{"disposition", "drill"}}));

  ASSERT_TRUE(Row(bell).closed);
  EXPECT_EQ(Row(bell).closed->disposition, "drill");
  EXPECT_EQ(Row(bell).closed->by, kKim);
}

TEST_F(DeskThread, MovesOwnershipOnlyByTheIncident) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(OnAlarm("acknowledge", bell));
  const std::string id = ToText(*Row(bell).incident);

  ASSERT_TRUE(OnIncident("own", id, {}, kLee));
  EXPECT_EQ(Row(bell).owner, kLee);
  EXPECT_EQ(OnIncident("release", id, {}, kKim).error().reason, "incident.not_owner");
  ASSERT_TRUE(OnIncident("release", id, {}, kLee));

  EXPECT_FALSE(Row(bell).owner);
}

TEST_F(DeskThread, CountsStepsOnTheBoardAndIsResolvedAfterTheLast) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  const std::string id = ToText(*Row(bell).incident);

  ASSERT_TRUE(OnStep(id, 2, json::Object{{"act", "done"}}));
  EXPECT_EQ(Row(bell).procedure["done"].AsInt(), 1);
  EXPECT_EQ(IncidentOf(bell).owner, kKim);
  ASSERT_TRUE(OnStep(id, 1, json::Object{{"act", "done"}}));
  ASSERT_TRUE(OnStep(id, 3, json::Object{{"act", "done"}}));
  EXPECT_EQ(IncidentOf(bell).state, incidents::State::kResolved);
  ASSERT_TRUE(OnStep(id, 3, json::Object{{"act", "undo"}}));

  EXPECT_EQ(IncidentOf(bell).state, incidents::State::kInProgress);
  EXPECT_TRUE(Row(bell).procedure["next"].IsObject());
}

TEST_F(DeskThread, MarksAStepLateAtItsSecond) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);

  desk.Advance(10s);

  EXPECT_TRUE(IncidentOf(bell).procedure["steps"].AsArray()[0]["late"].AsBool());
}

TEST_F(DeskThread, KeepsTheProcedureVersionAnIncidentStartedWith) {
  const auto first = Bell("B-0118", kNoon);
  Take(first);
  std::string text{kBell};
  text.replace(text.find("version: 3"), 10, "version: 4");
  library = sop::Library{};
  ASSERT_TRUE(library.Add(text, "bell.yaml"));

  const auto second = Bell("B-0417", kNoon);
  Take(second);

  EXPECT_EQ(IncidentOf(first).procedure["version"].AsInt(), 3);
  EXPECT_EQ(IncidentOf(second).procedure["version"].AsInt(), 4);
}

TEST_F(DeskThread, OpensAnIncidentByHandInOneAct) {
  const auto opened = OnIncident("open", "",
                                 json::Object{{"title", json::Object{{"ko", "도로 낙하물"}}},
                                              {"severity", 2},
                                              {"service", "safety"},
                                              {"place", json::Object{{"lat", 35.8}, {"lon", 126.6}}}});

  ASSERT_TRUE(opened);
  EXPECT_TRUE((*opened)["manual"].AsBool());
  EXPECT_EQ((*opened)["owner"]["name"].AsString(), "김상황");
  EXPECT_EQ((*opened)["procedure"]["id"].AsString(), "bell");
  EXPECT_EQ(OnIncident("open", "", json::Object{{"severity", 2}}).error().reason, "incident.title");
}

TEST_F(DeskThread, EscalatesAlarmsIntoOneIncident) {
  const auto a = Bell("B-0001", kNoon);
  const auto b = Bell("B-0002", kNoon);
  Take(a);
  Take(b);
  const auto before = *Row(b).incident;

  const auto opened = OnIncident("open", "",
                                 json::Object{{"title", json::Object{{"ko", "연쇄"}}},
                                              {"severity", 1},
                                              {"alarms", json::Array{ToText(Row(a).id), ToText(Row(b).id)}}});

  ASSERT_TRUE(opened);
  EXPECT_EQ(ToText(*Row(a).incident), (*opened)["id"].AsString());
  EXPECT_EQ(Row(a).incident, Row(b).incident);
  EXPECT_FALSE(incidents.Find(before)->open());
  EXPECT_EQ(Row(a).owner, kKim);
}

TEST_F(DeskThread, HasOneIncidentForTheCamerasOfADeadSwitch) {
  auto camera = Bell("C-0001", kNoon, "camera-frozen");
  camera.parent_key = "urn:ngsi-ld:NetworkSwitch:SW-031";
  Take(camera);
  auto dead = Bell("SW-031", kNoon + 60s, "camera-net");
  dead.entity = camera.parent_key;

  Take(dead);

  EXPECT_EQ(Row(camera).incident, Row(dead).incident);
  EXPECT_EQ(incidents.List(false).size(), 1U);
  EXPECT_EQ(incidents.List(true).size(), 2U);
}

TEST_F(DeskThread, HasOneIncidentForEachRowOfAFlood) {
  for (int i = 0; i < 200; ++i) {
    auto finding = Bell(fmt::format("D-{:04}", i), kNoon,
                        std::array{"camera-frozen", "bell-press", "fire"}[static_cast<std::size_t>(i % 3)]);
    finding.severity = i % 3 == 2 ? 1 : 3;
    Take(finding);
    desk.Advance(300ms);
  }

  std::size_t rows = 0;
  for (const alarms::AlarmRow* row : alarms.Board()) {
    rows += !row->parent;
    ASSERT_TRUE(row->incident);
    if (row->parent) {
      EXPECT_EQ(row->incident, alarms.Find(*row->parent)->incident);
    }
  }
  EXPECT_LE(rows, 6U);
  EXPECT_EQ(incidents.List(false).size(), rows);
}

TEST_F(DeskThread, TellsTheStoryOfAnIncidentInOrder) {
  const auto bell = Bell("B-0118", kNoon);
  Take(bell);
  ASSERT_TRUE(OnAlarm("acknowledge", bell));
  ASSERT_TRUE(OnStep(ToText(*Row(bell).incident), 1, json::Object{{"act", "done"}}));
  ASSERT_TRUE(OnAlarm("comment", bell, json::Object{{"text", "아이들 장난"}}));
  ASSERT_TRUE(OnAlarm("close", bell, json::Object{{"disposition", "information"}}));

  std::string story;
  for (const json::Value& entry : IncidentOf(bell).timeline) {
    story += fmt::format("{} {}\n", entry["kind"].AsString(), entry["text"]["ko"].AsString());
  }

  EXPECT_EQ(story,
            "act 상황 개시\nalarm 경보 발생: 비상벨\nact 경보 확인: 비상벨\nact 담당 지정: 김상황\nstep 1. 응답: 완료\n"
            "comment 아이들 장난\nact 경보 종결: 비상벨 (information)\nact 상황 종결: information\n");
}

TEST_F(DeskThread, FoldsToTheSameDeskAfterARestart) {
  for (int i = 0; i < 30; ++i) Take(Bell(fmt::format("B-{:04}", i), kNoon + std::chrono::seconds{i}));
  const auto first = Bell("B-0029", kNoon + 29s);
  ASSERT_TRUE(OnAlarm("acknowledge", Bell("B-0000", kNoon)));
  ASSERT_TRUE(OnAlarm("close", Bell("B-0000", kNoon), json::Object{{"disposition", "duplicate"}}));
  desk.Advance(1min);
  Take(first);
  const std::string before = Everything();

  desk.Refold();

  EXPECT_EQ(Everything(), before);
}

}  // namespace
}  // namespace bongsu
