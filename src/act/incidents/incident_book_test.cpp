// SPDX-License-Identifier: Apache-2.0
// The book alone, fed with kAlarm records; with alarms and procedures together it is in serve/alarms/desk_thread_test.
#include "act/incidents/incident_book.hpp"

#include <gtest/gtest.h>

#include "know/desk/fake_desk.hpp"

namespace bongsu::incidents {
namespace {

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};

class IncidentBookTest : public ::testing::Test {
 protected:
  IncidentBookTest() { desk.Keep(book); }
  struct Row {
    std::string id;
    std::string why = "raised";
    std::string entity = {};
    std::string service = "safety";
    int severity = 3;
    json::Value owner = {};
    json::Value closed = {};
  };
  void Alarm(const Row& row) {
    const json::Value payload = json::Object{{"id", row.id},
                                             {"occurrence", 1},
                                             {"severity", row.severity},
                                             {"title", json::Object{{"ko", "비상벨"}}},
                                             {"service", row.service},
                                             {"owner", row.owner},
                                             {"closed", row.closed},
                                             {"change", json::Object{{"why", row.why}, {"by", row.owner}}},
                                             {"memory", json::Object{{"entity", row.entity}, {"procedure", ""}}}};
    (void)desk.Do([&](desk::DeskBatch& batch) {
      batch.Add(model::Kind::kAlarm, row.id, json::ToString(payload));
      return Result<json::Value>{nullptr};
    });
  }
  desk::FakeDesk desk{kNoon};
  IncidentBook book;
};

TEST_F(IncidentBookTest, OpensOneForAnAlarmThatJoinsNothing) {
  Alarm({.id = "A1", .entity = "bell-1"});
  Alarm({.id = "A2", .entity = "bell-2"});

  EXPECT_EQ(book.List(false).size(), 2U);
  EXPECT_EQ(book.List(false)[0]->state, State::kNew);
}

TEST_F(IncidentBookTest, TakesAnotherAlarmOfTheSameEntityInForHalfAnHour) {
  Alarm({.id = "A1", .entity = "bell-1"});
  desk.Advance(30min);
  Alarm({.id = "A2", .entity = "bell-1", .severity = 1});
  EXPECT_EQ(book.List(false).size(), 1U);
  EXPECT_EQ(book.List(false)[0]->alarms, (std::vector<std::string>{"A1", "A2"}));
  EXPECT_EQ(book.List(false)[0]->severity, 1);

  desk.Advance(1us);
  Alarm({.id = "A3", .entity = "bell-1"});

  EXPECT_EQ(book.List(false).size(), 2U);
}

TEST_F(IncidentBookTest, KeepsServicesOfOneEntityApart) {
  Alarm({.id = "A1", .entity = "link-112", .service = "crime"});
  Alarm({.id = "A2", .entity = "link-112", .service = "ems"});

  EXPECT_EQ(book.List(false).size(), 2U);
}

TEST_F(IncidentBookTest, TellsTheBeginningOfANewOccurrenceToItsOwnIncidentOnly) {
  Alarm({.id = "A1"});
  Alarm({.id = "A1", .why = "closed", .closed = json::Object{{"disposition", "real"}, {"by", model::ToJson(kKim)}}});
  const std::size_t told = book.List(true)[0]->timeline.size();
  desk.Advance(1h);

  Alarm({.id = "A1"});

  ASSERT_EQ(book.List(true).size(), 2U);
  EXPECT_EQ(book.List(true)[1]->timeline.size(), told);
  EXPECT_EQ(book.List(true)[1]->disposition, "real");
  EXPECT_TRUE(book.List(true)[0]->open());
}

TEST_F(IncidentBookTest, ListsAtMostTwoHundredAlarmsOfAStormAndKnowsTheRest) {
  for (int i = 0; i < 250; ++i) Alarm({.id = fmt::format("A{}", i), .entity = "camera-1"});

  EXPECT_EQ(book.List(false).size(), 1U);
  EXPECT_EQ(book.List(false)[0]->alarms.size(), Incident::kMaxAlarms);
  Alarm({.id = "A249", .why = "repeated", .entity = "camera-1"});
  EXPECT_EQ(book.List(false).size(), 1U);
}

}  // namespace
}  // namespace bongsu::incidents
