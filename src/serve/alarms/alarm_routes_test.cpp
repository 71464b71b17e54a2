// SPDX-License-Identifier: Apache-2.0
#include "serve/alarms/alarm_routes.hpp"

#include <gtest/gtest.h>

#include "model/event.hpp"
#include "serve/desk/desk_fixture.hpp"

namespace bongsu::api {
namespace {

class AlarmRoutesTest : public DeskFixture {
 protected:
  std::pair<int, json::Value> Get(const std::string& target) { return Ask(routes, "GET", target); }
  std::pair<int, json::Value> Post(const std::string& target, const json::Value& body = {}) {
    return Ask(routes, "POST", target, body);
  }
  Routes routes = AlarmRoutes(Find());
};

TEST_F(AlarmRoutesTest, ListsTheBoardBySeverityThenNewest) {
  auto low = Bell("B-0001", kNoon);
  low.severity = 4;
  Take(low);
  desk.Advance(1s);
  const std::string older = Take(Bell("B-0002", kNoon + 1s));
  desk.Advance(1s);
  const std::string newer = Take(Bell("B-0003", kNoon + 2s));

  const auto [status, body] = Get("/api/v1/alarms");

  EXPECT_EQ(status, 200);
  ASSERT_EQ(body["items"].AsArray().size(), 3U);
  EXPECT_EQ(body["items"].AsArray()[0]["id"].AsString(), newer);
  EXPECT_EQ(body["items"].AsArray()[1]["id"].AsString(), older);
  EXPECT_EQ(body["items"].AsArray()[2]["severity"].AsInt(), 4);
}

TEST_F(AlarmRoutesTest, FiltersAndPages) {
  for (int i = 0; i < 5; ++i) Take(Bell(fmt::format("B-{:04}", i), kNoon));
  const std::string one = Take(Bell("B-0099", kNoon));
  ASSERT_EQ(Post("/api/v1/alarms/" + one + "/acknowledge").first, 200);

  EXPECT_EQ(Get("/api/v1/alarms?state=acked").second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Get("/api/v1/alarms?state=unacked&severity=2").second["items"].AsArray().size(), 5U);
  EXPECT_EQ(Get("/api/v1/alarms?severity=1").second["items"].AsArray().size(), 0U);
  EXPECT_EQ(Get("/api/v1/alarms?shelved=true").second["items"].AsArray().size(), 0U);
  EXPECT_EQ(Get("/api/v1/alarms?severity=9").first, 400);
  EXPECT_EQ(Get("/api/v1/alarms?limit=0").first, 400);
  EXPECT_EQ(Get("/api/v1/alarms?since=yesterday").first, 400);

  std::size_t rows = 0;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const auto [status, body] = Get("/api/v1/alarms?limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(status, 200);
    rows += body["items"].AsArray().size();
    cursor = body["next"].AsString();
    if (cursor.empty()) break;
  }
  EXPECT_EQ(rows, 6U);
  EXPECT_EQ(Get("/api/v1/alarms?cursor=gone").first, 400);
}

TEST_F(AlarmRoutesTest, AnswersTheLoserOfARaceWithTheOwner) {
  const std::string id = Take(Bell("B-0118", kNoon));
  ASSERT_EQ(Post("/api/v1/alarms/" + id + "/acknowledge").first, 200);
  caller.id = "00000000000000000000000LEE";
  caller.name = "이관제";

  const auto [status, body] = Post("/api/v1/alarms/" + id + "/acknowledge");

  EXPECT_EQ(status, 409);
  EXPECT_EQ(body["reason"].AsString(), "alarm.already_owned");
  EXPECT_EQ(body["owner"]["name"].AsString(), "김상황");
}

TEST_F(AlarmRoutesTest, ShelvesClosesUndoesAndComments) {
  const std::string id = Take(Bell("B-0118", kNoon));

  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/shelve", json::Object{{"reason", "공사"}, {"minutes", 30}}).first, 200);
  EXPECT_EQ(Get("/api/v1/alarms?shelved=true").second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/unshelve").first, 200);
  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/comment", json::Object{{"text", "확인 중"}}).first, 200);
  const auto closed = Post("/api/v1/alarms/" + id + "/close", json::Object{{"disposition", "false_sensor"}});
  EXPECT_EQ(closed.second["closed"]["disposition"].AsString(), "false_sensor");
  EXPECT_EQ(Get("/api/v1/alarms").second["items"].AsArray().size(), 0U);
  EXPECT_EQ(Get("/api/v1/alarms?closed=true").second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/undo").first, 200);
  EXPECT_EQ(Get("/api/v1/alarms").second["items"].AsArray().size(), 1U);
}

TEST_F(AlarmRoutesTest, LetsOnlyASupervisorShelveACriticalAlarm) {
  auto fire = Bell("FD-0331", kNoon);
  fire.severity = 1;
  const std::string id = Take(fire);

  const auto [status, body] =
      Post("/api/v1/alarms/" + id + "/shelve", json::Object{{"reason", "훈련"}, {"minutes", 30}});
  EXPECT_EQ(status, 403);
  EXPECT_EQ(body["reason"].AsString(), "alarm.shelf_critical");
  caller.role = guard::Role::kSupervisor;

  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/shelve", json::Object{{"reason", "훈련"}, {"minutes", 30}}).first, 200);
}

TEST_F(AlarmRoutesTest, ExplainsAnAlarmByTheEventsItCameFrom) {
  model::Event event;
  event.tenant = 1;
  event.source = "bell-gateway";
  event.type = "bell.press";
  event.at = kNoon - 1s;
  event.fields = {{"press", "b0118-1"}};
  model::Record record = model::ToRecord(event, 16);
  record.position = {3, 17};
  record.ingest_time = kNoon - 500ms;
  journal.records[record.position] = record;
  auto bell = Bell("B-0118", kNoon);
  bell.events = {{3, 17}, {3, 18}};
  bell.explanation = json::Object{
      {"clauses", json::Array{json::Object{{"text", "press exists"}, {"satisfied_by", json::Array{"3/17"}}}}},
      {"values", json::Object{{"press", "b0118-1"}}},
      {"text", json::Object{{"ko", "벨이 눌렸다"}}}};
  const std::string id = Take(bell);
  ASSERT_EQ(Post("/api/v1/alarms/" + id + "/acknowledge").first, 200);

  const auto [status, detail] = Get("/api/v1/alarms/" + id);

  EXPECT_EQ(status, 200);
  const json::Value& why = detail["explanation"];
  EXPECT_EQ(why["rule"].AsString(), "bell-press");
  EXPECT_EQ(why["text"]["ko"].AsString(), "벨이 눌렸다");
  ASSERT_EQ(why["events"].AsArray().size(), 1U);
  EXPECT_EQ(why["events"].AsArray()[0]["id"].AsString(), "3/17");
  EXPECT_EQ(why["events"].AsArray()[0]["fields"]["press"].AsString(), "b0118-1");
  EXPECT_EQ(why["events_gone"].AsInt(), 1);
  EXPECT_EQ(detail["timeline"].AsArray()[0]["kind"].AsString(), "event");
  EXPECT_EQ(detail["incident"]["owner"]["name"].AsString(), "김상황");
  EXPECT_TRUE(detail["cameras"].IsArray());
  EXPECT_TRUE(detail["nearest"].IsArray());
}

TEST_F(AlarmRoutesTest, SaysWhatIsUnknownOrNotJson) {
  EXPECT_EQ(Get("/api/v1/alarms/00000000000000000000000XYZ").first, 404);
  EXPECT_EQ(Post("/api/v1/alarms/nonsense/acknowledge").first, 404);
  const std::string id = Take(Bell("B-0118", kNoon));
  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/close", json::Array{1}).second["reason"].AsString(), "http.bad_body");
  EXPECT_EQ(Post("/api/v1/alarms/" + id + "/close").second["reason"].AsString(), "alarm.disposition");
}

}  // namespace
}  // namespace bongsu::api
