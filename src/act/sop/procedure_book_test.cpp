// SPDX-License-Identifier: Apache-2.0
#include "act/sop/procedure_book.hpp"

#include <gtest/gtest.h>

#include "know/desk/fake_desk.hpp"

namespace bongsu::sop {
namespace {

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};
constexpr std::string_view kIncident = "0000000000000000000000NC01";

class ProcedureBookTest : public ::testing::Test {
 protected:
  ProcedureBookTest() {
    desk.Keep(book);
    EXPECT_TRUE(library.Add(R"(
id: link
version: 1
title: {ko: 두절}
steps:
  - {text: {ko: 확인}, due: 30s}
  - id: mine
    text: {ko: 우리 쪽인가}
    question: {answers: [{id: yes, label: {ko: 예}}, {id: no, label: {ko: 아니오}}]}
  - {text: {ko: 전화}, due: 1m, if: {mine: [no]}}
)",
                            "link.yaml"));
    const json::Value started = library.Start("link", "", kNoon);
    Incident("new", started);
  }
  void Incident(std::string state, const json::Value& started = {}) {
    json::Value payload = json::Object{{"id", kIncident},
                                       {"state", std::move(state)},
                                       {"opened_at", FormatUtc(kNoon)},
                                       {"procedure", started["procedure"]}};
    if (!started.IsNull()) payload.Set("memory", json::Object{{"run", started["run"]}});
    (void)desk.Do([&](desk::DeskBatch& batch) {
      batch.Add(model::Kind::kIncident, std::string(kIncident), json::ToString(payload));
      return Result<json::Value>{nullptr};
    });
  }
  Result<json::Value> Act(std::size_t n, json::Object arguments) {
    const model::DeskAct act{"step", std::string(kIncident), kKim, false, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return book.Do(act, n, batch); }, kKim.id);
  }
  const json::Value& Step(std::size_t n) const {
    return book.Find(model::IncidentId{*HashFromText(kIncident)})->procedure()["steps"].AsArray()[n - 1];
  }

  Library library;
  desk::FakeDesk desk{kNoon};
  ProcedureBook book;
};

TEST_F(ProcedureBookTest, RecordsAnActWithWhoAndTheStepsThatFollow) {
  const std::size_t before = desk.records().size();

  const auto answered = Act(2, {{"act", "answer"}, {"answer", "no"}});

  ASSERT_TRUE(answered);
  ASSERT_EQ(desk.records().size(), before + 2);
  const auto act = json::Parse(desk.records()[before].payload);
  EXPECT_EQ((*act)["by"]["name"].AsString(), "김상황");
  EXPECT_TRUE((*act)["out_of_order"].AsBool());
  EXPECT_EQ((*json::Parse(desk.records()[before + 1].payload))["act"].AsString(), "shown");
  EXPECT_EQ(Step(3)["state"].AsString(), "open");
  EXPECT_EQ(desk.audits().back().first, "step.answer");
}

TEST_F(ProcedureBookTest, BecomesLateStepByStepAndOnlyOnce) {
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "no"}}));
  const std::size_t before = desk.records().size();

  desk.Advance(10min);

  EXPECT_TRUE(Step(1)["late"].AsBool());
  EXPECT_TRUE(Step(3)["late"].AsBool());
  EXPECT_EQ(desk.records().size(), before + 2);
  EXPECT_EQ(desk.records()[before].ingest_time, kNoon + 30s);
  EXPECT_EQ(desk.records()[before + 1].ingest_time, kNoon + 1min);
}

TEST_F(ProcedureBookTest, StandsStillWhileItsIncidentIsClosed) {
  Incident("closed");
  desk.Advance(10min);
  EXPECT_FALSE(Step(1)["late"].AsBool());
  EXPECT_EQ(Act(1, {{"act", "done"}}).error().reason, "incident.closed");

  Incident("new");

  EXPECT_TRUE(Act(1, {{"act", "done"}}));
  EXPECT_TRUE(Step(1)["late"].AsBool());
}

TEST_F(ProcedureBookTest, IsTheSameAfterARestart) {
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "no"}}));
  const std::string before = json::ToString(book.Find(model::IncidentId{*HashFromText(kIncident)})->procedure());
  const TimePoint due = book.NextDue();

  desk.Refold();

  EXPECT_EQ(json::ToString(book.Find(model::IncidentId{*HashFromText(kIncident)})->procedure()), before);
  EXPECT_EQ(book.NextDue(), due);
}

}  // namespace
}  // namespace bongsu::sop
