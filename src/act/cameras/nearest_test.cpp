// SPDX-License-Identifier: Apache-2.0
// T-04: the thirty cases of geometry in nearest_cases.json, with the ids they must give.
#include "act/cameras/nearest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "act/cameras/city_cameras.hpp"

namespace bongsu::cameras {
namespace {

constexpr model::LatLon kPoint{35.8, 126.6};

/// One camera of nearest_cases.json: it stands `distance_m` from the point and looks `turned_deg` away from it.
Camera Make(const json::Value& cam) {
  Camera camera;
  camera.id = cam["id"].AsString();
  camera.place.point = model::Offset(kPoint, cam["bearing_deg"].AsDouble(), cam["distance_m"].AsDouble());
  if (cam["azimuth"].AsBool(true)) {
    const double to_point = model::BearingDeg(camera.place.point, kPoint);
    camera.azimuth_deg = std::fmod(to_point + cam["turned_deg"].AsDouble() + 360, 360.0);
  }
  camera.fov_deg = cam["fov_deg"].AsDouble(60);
  camera.range_m = cam["range_m"].AsDouble(600);
  camera.ptz = cam["ptz"].AsBool();
  camera.ptz_held = cam["held"].AsBool();
  camera.streaming = cam["streaming"].AsBool(true);
  camera.viewable = cam["viewable"].AsBool(true);
  camera.health = cam["health"].AsDouble(1);
  return camera;
}

struct Case {
  std::string name;
  std::vector<Camera> cameras;
  std::vector<std::string> expected;
  std::vector<std::string> left_out;  ///< "id reason"
  Options options;
};

/// The table the browser test reads too.
std::vector<Case> Cases() {
  std::ifstream file{"src/act/cameras/nearest_cases.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto table = json::Parse(text);
  std::vector<Case> cases;
  if (!table) return cases;
  for (const json::Value& item : (*table)["cases"].AsArray()) {
    Case one{std::string{item["name"].AsString()}, {}, {}, {}, {}};
    for (const json::Value& cam : item["cameras"].AsArray()) one.cameras.push_back(Make(cam));
    for (const json::Value& id : item["expected"].AsArray()) one.expected.emplace_back(id.AsString());
    for (const json::Value& left : item["left_out"].AsArray())
      one.left_out.push_back(fmt::format("{} {}", left["id"].AsString(), left["reason"].AsString()));
    one.options.limit = static_cast<std::size_t>(item["limit"].AsInt(4));
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<std::string> Chosen(const Case& item) {
  std::vector<std::string> ids;
  for (const Pick& pick : NearestCameras(kPoint, item.cameras, item.options)) ids.push_back(pick.camera->id);
  return ids;
}

TEST(NearestCameras, GivesTheExpectedIdsForThirtyCases) {
  const std::vector<Case> cases = Cases();
  EXPECT_EQ(cases.size(), 30U);
  for (const Case& item : cases) EXPECT_EQ(Chosen(item), item.expected) << item.name;
}

TEST(NearestCameras, SaysWhichNearOnesCannotBeShownAndWhy) {
  for (const Case& item : Cases()) {
    std::vector<std::string> left;
    for (const LeftOut& one : LeftOutCameras(kPoint, item.cameras, item.options))
      left.push_back(one.camera->id + " " + std::string{one.reason});
    EXPECT_EQ(left, item.left_out) << item.name;
  }
}

TEST(NearestCameras, DoesNotDependOnTheOrderOfItsCandidates) {
  for (Case item : Cases()) {
    std::ranges::reverse(item.cameras);

    EXPECT_EQ(Chosen(item), item.expected) << item.name;
  }
}

TEST(NearestCameras, SaysWhereItFoundThemAndWhyThereIsNoPicture) {
  const std::vector<Camera> cameras{
      Make(json::Object{{"id", "A"}, {"bearing_deg", 90}, {"distance_m", 700}, {"range_m", 900}})};

  const auto picks = NearestCameras(kPoint, cameras);

  ASSERT_EQ(picks.size(), 1U);
  const json::Value pick = ToJson(picks[0]);
  EXPECT_TRUE(pick["widened"].AsBool());
  EXPECT_TRUE(pick["in_view"].AsBool());
  EXPECT_NEAR(pick["distance_m"].AsDouble(), 700, 1);
  EXPECT_NEAR(pick["bearing_deg"].AsDouble(), 90, 1);
  EXPECT_EQ(pick["picture"]["state"].AsString(), "none");
  EXPECT_EQ(pick["picture"]["reason"]["en"].AsString(), "No video link");
}

TEST(CameraOf, ReadsAnEntityOfTheCity) {
  context::ReplicaEntity entity;
  entity.id = "urn:ngsi-ld:Camera:C-0001";
  entity.point = kPoint;
  entity.attributes = json::Object{{"azimuth", 135},
                                   {"fieldOfView", 62.5},
                                   {"range", 120},
                                   {"ptz", true},
                                   {"status", "fault"},
                                   {"streaming", true},
                                   {"refSwitch", "urn:ngsi-ld:NetworkSwitch:SW-001"}};

  const auto camera = CameraOf(entity, "operator");

  ASSERT_TRUE(camera);
  EXPECT_EQ(camera->azimuth_deg, 135);
  EXPECT_EQ(camera->fov_deg, 62.5);
  EXPECT_TRUE(camera->ptz);
  EXPECT_FALSE(camera->streaming);
  EXPECT_EQ(camera->state, "faulty");
  EXPECT_EQ(camera->parent, "urn:ngsi-ld:NetworkSwitch:SW-001");
}

TEST(CameraOf, KeepsACameraFromWhoMayNotViewItAndFromTurningWhatAnotherSteers) {
  context::ReplicaEntity entity;
  entity.id = "urn:ngsi-ld:Camera:C-0001";
  entity.point = kPoint;
  entity.attributes = json::Object{{"ptz", true}, {"ptzHolder", "112"}, {"viewableBy", json::Array{"supervisor"}}};

  EXPECT_FALSE(CameraOf(entity, "operator")->viewable);
  EXPECT_TRUE(CameraOf(entity, "supervisor")->viewable);
  EXPECT_TRUE(CameraOf(entity, "supervisor")->ptz_held);
  entity.attributes.Set("viewableBy", 7);
  EXPECT_FALSE(CameraOf(entity, "supervisor")->viewable);
}

}  // namespace
}  // namespace bongsu::cameras
