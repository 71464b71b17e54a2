// SPDX-License-Identifier: Apache-2.0
// T-04: thirty cases of geometry, with the ids they must give.
#include "act/cameras/nearest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "act/cameras/city_cameras.hpp"

namespace bongsu::cameras {
namespace {

constexpr model::LatLon kPoint{35.8, 126.6};

/// A camera `distance_m` from the point on `bearing_deg`. `turned_deg`: how far it looks away from the point.
struct Cam {
  const char* id;
  double bearing_deg;
  double distance_m;
  double turned_deg = 0;
  double fov_deg = 60;
  double range_m = 600;
  const char* flags = "";  ///< p PTZ, h PTZ held, o offline, n not viewable, u azimuth unknown, s sick (health 0.2)
};

Camera Make(const Cam& cam) {
  const std::string_view flags{cam.flags};
  const auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
  Camera camera;
  camera.id = cam.id;
  camera.place.point = model::Offset(kPoint, cam.bearing_deg, cam.distance_m);
  if (!has('u'))
    camera.azimuth_deg = std::fmod(model::BearingDeg(camera.place.point, kPoint) + cam.turned_deg + 360, 360.0);
  camera.fov_deg = cam.fov_deg;
  camera.range_m = cam.range_m;
  camera.ptz = has('p') || has('h');
  camera.ptz_held = has('h');
  camera.streaming = !has('o');
  camera.viewable = !has('n');
  camera.health = has('s') ? 0.2 : 1;
  return camera;
}

struct Case {
  const char* name;
  std::vector<Cam> cameras;
  std::vector<std::string> expected;
  Options options = {};
};

const std::vector<Case> kCases{
    {"nothing there", {}, {}},
    {"one camera", {{"A", 0, 100}}, {"A"}},
    {"four of one distance go by id first, then by bearing",
     {{"D", 270, 100}, {"C", 180, 100}, {"B", 90, 100}, {"A", 0, 100}},
     {"A", "C", "B", "D"}},
    {"at most four",
     {{"A", 0, 100}, {"B", 72, 110}, {"C", 144, 120}, {"D", 216, 130}, {"E", 288, 140}},
     {"A", "C", "B", "D"}},
    {"nearer is better", {{"A", 0, 300}, {"B", 180, 100}}, {"B", "A"}},
    {"looking at it beats being near", {{"A", 0, 50, 180}, {"B", 180, 450}}, {"B", "A"}},
    {"edge of the sector counts", {{"A", 0, 100, 29.9}, {"B", 180, 90, 31}}, {"A", "B"}},
    {"beyond its range it does not see", {{"A", 0, 200, 0, 60, 150}, {"B", 180, 400}}, {"B", "A"}},
    {"all round camera sees behind itself", {{"A", 0, 100, 180, 360}, {"B", 180, 50, 180}}, {"A", "B"}},
    {"free PTZ can turn", {{"A", 0, 100, 180, 60, 600, "p"}, {"B", 180, 50, 180}}, {"A", "B"}},
    {"held PTZ cannot turn", {{"A", 0, 100, 180, 60, 600, "h"}, {"B", 180, 200}}, {"B", "A"}},
    {"held PTZ that looks at it still sees", {{"A", 0, 100, 0, 60, 600, "h"}, {"B", 180, 200}}, {"A", "B"}},
    {"PTZ out of its range cannot help", {{"A", 0, 300, 180, 60, 200, "p"}, {"B", 180, 450}}, {"B", "A"}},
    {"offline is left out", {{"A", 0, 50, 0, 60, 600, "o"}, {"B", 90, 100}, {"C", 180, 200}}, {"B", "C"}},
    {"not viewable is left out", {{"A", 0, 50, 0, 60, 600, "n"}, {"B", 90, 100}, {"C", 180, 200}}, {"B", "C"}},
    {"all offline gives none", {{"A", 0, 50, 0, 60, 600, "o"}, {"B", 90, 100, 0, 60, 600, "o"}}, {}},
    {"same bearing loses to another side", {{"A", 0, 100}, {"B", 0, 110}, {"C", 180, 200}}, {"A", "C", "B"}},
    {"same bearing wins when much nearer", {{"A", 0, 50}, {"B", 1, 60}, {"C", 90, 499, 180}}, {"A", "B", "C"}},
    {"sick camera loses", {{"A", 0, 100, 0, 60, 600, "s"}, {"B", 180, 150}}, {"B", "A"}},
    {"sick but the only one that sees", {{"A", 0, 100, 0, 60, 600, "s"}, {"B", 180, 100, 180}}, {"A", "B"}},
    {"unknown azimuth sees nothing", {{"A", 0, 50, 0, 60, 600, "u"}, {"B", 180, 300}}, {"B", "A"}},
    {"unknown azimuth with PTZ can turn", {{"A", 0, 50, 0, 60, 600, "up"}, {"B", 180, 300}}, {"A", "B"}},
    {"none in 500 m widens to 1 km", {{"A", 0, 700, 0, 60, 900}, {"B", 180, 900, 0, 60, 950}}, {"A", "B"}},
    {"one in 500 m widens too", {{"A", 0, 400}, {"B", 180, 800, 0, 60, 900}}, {"A", "B"}},
    {"two in 500 m do not widen", {{"A", 0, 490, 180}, {"B", 90, 495, 180}, {"C", 180, 505}}, {"A", "B"}},
    {"beyond 1 km is never taken", {{"A", 0, 1001, 0, 60, 2000}, {"B", 90, 999, 0, 60, 2000}}, {"B"}},
    {"just inside 500 m counts", {{"A", 0, 499.5}, {"B", 180, 499.5}}, {"A", "B"}},
    {"exact twins go by id", {{"C-0002", 45, 100}, {"C-0001", 45, 100}}, {"C-0001", "C-0002"}},
    {"at the point itself", {{"A", 0, 0, 180, 360}, {"B", 90, 100}}, {"A", "B"}},
    {"two wanted, two given", {{"A", 0, 100}, {"B", 120, 100}, {"C", 240, 100}}, {"A", "B"}, {.limit = 2}},
};

TEST(NearestCameras, GivesTheExpectedIdsForThirtyCases) {
  EXPECT_EQ(kCases.size(), 30U);
  for (const Case& item : kCases) {
    std::vector<Camera> cameras;
    for (const Cam& cam : item.cameras) cameras.push_back(Make(cam));

    std::vector<std::string> ids;
    for (const Pick& pick : NearestCameras(kPoint, cameras, item.options)) ids.push_back(pick.camera->id);

    EXPECT_EQ(ids, item.expected) << item.name;
  }
}

TEST(NearestCameras, DoesNotDependOnTheOrderOfItsCandidates) {
  for (const Case& item : kCases) {
    std::vector<Camera> cameras;
    for (const Cam& cam : item.cameras) cameras.push_back(Make(cam));
    std::ranges::reverse(cameras);

    std::vector<std::string> ids;
    for (const Pick& pick : NearestCameras(kPoint, cameras, item.options)) ids.push_back(pick.camera->id);

    EXPECT_EQ(ids, item.expected) << item.name;
  }
}

TEST(NearestCameras, SaysWhereItFoundThemAndWhyThereIsNoPicture) {
  const std::vector<Camera> cameras{Make({"A", 90, 700, 0, 60, 900})};

  const auto picks = NearestCameras(kPoint, cameras);

  ASSERT_EQ(picks.size(), 1U);
  const json::Value pick = ToJson(picks[0]);
  EXPECT_TRUE(pick["widened"].AsBool());
  EXPECT_TRUE(pick["in_view"].AsBool());
  EXPECT_NEAR(pick["distance_m"].AsDouble(), 700, 1);
  EXPECT_NEAR(pick["bearing_deg"].AsDouble(), 90, 1);
  EXPECT_EQ(pick["picture"]["state"].AsString(), "none");
  EXPECT_EQ(pick["picture"]["reason"]["en"].AsString(), "Video is not linked yet");
}

TEST(CameraOf, ReadsAnEntityOfTheCity) {
  context::ReplicaEntity entity;
  entity.id = "urn:ngsi-ld:Camera:C-0001";
  entity.place = model::Place{};
  entity.place->point = kPoint;
  entity.attributes = json::Object{{"azimuth", 135},
                                   {"fieldOfView", 62.5},
                                   {"range", 120},
                                   {"ptz", true},
                                   {"status", "fault"},
                                   {"streaming", true},
                                   {"refSwitch", "urn:ngsi-ld:NetworkSwitch:SW-001"}};

  const auto camera = CameraOf(entity);

  ASSERT_TRUE(camera);
  EXPECT_EQ(camera->azimuth_deg, 135);
  EXPECT_EQ(camera->fov_deg, 62.5);
  EXPECT_TRUE(camera->ptz);
  EXPECT_FALSE(camera->streaming);
  EXPECT_EQ(camera->state, "faulty");
  EXPECT_EQ(camera->parent, "urn:ngsi-ld:NetworkSwitch:SW-001");
}

}  // namespace
}  // namespace bongsu::cameras
