// SPDX-License-Identifier: Apache-2.0
#include "serve/incidents/incident_routes.hpp"

#include <gtest/gtest.h>

#include "serve/desk/desk_fixture.hpp"
#include "serve/desk/live_frames.hpp"

namespace bongsu::api {
namespace {

class IncidentRoutesTest : public DeskFixture {
 protected:
  std::pair<int, json::Value> Get(const std::string& target) { return Ask(routes, "GET", target); }
  std::pair<int, json::Value> Post(const std::string& target, const json::Value& body = {}) {
    return Ask(routes, "POST", target, body);
  }
  std::string Open() {
    const auto [status, body] =
        Post("/api/v1/incidents", json::Object{{"title", json::Object{{"ko", "낙하물"}}}, {"severity", 3}});
    EXPECT_EQ(status, 201);
    return std::string(body["id"].AsString());
  }
  Routes routes = IncidentRoutes(Find());
};

TEST_F(IncidentRoutesTest, OpensByHandListsOwnsAndCloses) {
  const std::string id = Open();

  EXPECT_EQ(Get("/api/v1/incidents?owner=me").second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Get("/api/v1/incidents?state=closed").second["items"].AsArray().size(), 0U);
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/release").second["owner"].IsNull(), true);
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/own").second["owner"]["name"].AsString(), "김상황");
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/close").first, 400);
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/close", json::Object{{"disposition", "real"}}).first, 200);
  EXPECT_EQ(Get("/api/v1/incidents/" + id).second["state"].AsString(), "closed");
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/close", json::Object{{"disposition", "real"}}).first, 409);
}

TEST_F(IncidentRoutesTest, AnswersAStepWithTheWholeIncident) {
  const std::string id = Open();

  const auto [status, body] = Post("/api/v1/incidents/" + id + "/steps/1", json::Object{{"act", "done"}});

  EXPECT_EQ(status, 200);
  EXPECT_EQ(body["procedure"]["steps"].AsArray()[0]["state"].AsString(), "done");
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/steps/9", json::Object{{"act", "done"}}).first, 404);
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/steps/x", json::Object{{"act", "done"}}).first, 400);
  EXPECT_EQ(Post("/api/v1/incidents/" + id + "/steps/1", json::Object{{"act", "impossible"}}).first, 400);
}

TEST_F(IncidentRoutesTest, ShowsEachDeskRecordAsTheFrameOfItsNoun) {
  Take(Bell("B-0118", kNoon));
  const std::string id = Open();
  ASSERT_EQ(Post("/api/v1/incidents/" + id + "/steps/1", json::Object{{"act", "done"}}).first, 200);

  std::map<std::string, int> frames;
  for (const model::Record& record : desk.records()) {
    const auto frame = LiveFrame(record);
    ASSERT_TRUE(frame);
    ++frames[frame->type];
    EXPECT_TRUE(frame->data["memory"].IsNull());
    EXPECT_TRUE(frame->data["change"].IsNull());
    if (frame->type == "step") {
      EXPECT_EQ(frame->data["incident"].AsString(), id);
      EXPECT_EQ(frame->data["step"]["n"].AsInt(), 1);
    }
  }

  EXPECT_EQ(frames, (std::map<std::string, int>{{"alarm", 2}, {"incident", 2}, {"step", 1}}));
  const json::Value snapshot = DeskSnapshot(alarms, incidents);
  EXPECT_EQ(snapshot["alarms"].AsArray().size(), 1U);
  EXPECT_EQ(snapshot["incidents"].AsArray().size(), 2U);
}

}  // namespace
}  // namespace bongsu::api
