// SPDX-License-Identifier: Apache-2.0
#include "act/cameras/nearest.hpp"

#include <algorithm>
#include <cmath>

namespace bongsu::cameras {
namespace {

constexpr double kViewWeight = 0.45;
constexpr double kDistanceWeight = 0.25;
constexpr double kHealthWeight = 0.15;
constexpr double kDiversityWeight = 0.15;

bool InView(const Camera& camera, model::LatLon point, double distance_m) {
  if (distance_m > camera.range_m) return false;
  if (camera.fov_deg >= 360) return true;
  if (!camera.azimuth_deg) return false;
  const double to_point = model::BearingDeg(camera.place.point, point);
  return model::AngleBetweenDeg(*camera.azimuth_deg, to_point) <= camera.fov_deg / 2;
}

std::vector<Pick> Within(model::LatLon point, std::span<const Camera> candidates, double radius_m,
                         const Options& options) {
  std::vector<Pick> picks;
  for (const Camera& camera : candidates) {
    if (!camera.streaming || !camera.viewable) continue;
    const double distance_m = model::DistanceMeters(point, camera.place.point);
    if (distance_m > radius_m) continue;
    const bool in_view = InView(camera, point, distance_m);
    const bool can_turn = camera.ptz && !camera.ptz_held && distance_m <= camera.range_m;
    Pick pick{&camera, distance_m, model::BearingDeg(point, camera.place.point),
              in_view, 0,          distance_m > options.radius_m};
    pick.score = kViewWeight * (in_view || can_turn ? 1 : 0) + kDistanceWeight * (1 - distance_m / radius_m) +
                 kHealthWeight * std::clamp(camera.health, 0.0, 1.0);
    picks.push_back(pick);
  }
  return picks;
}

/// Smallest angle to what is chosen, as a share of 180°; 1 for the first.
double Diversity(const Pick& pick, const std::vector<Pick>& chosen) {
  double smallest = 180;
  for (const Pick& other : chosen)
    smallest = std::min(smallest, model::AngleBetweenDeg(pick.bearing_deg, other.bearing_deg));
  return smallest / 180;
}

// What is written is what is compared: a millionth decides nothing, the id does.
double Rounded(double score) { return std::round(score * 1e6) / 1e6; }

}  // namespace

std::vector<Pick> NearestCameras(model::LatLon point, std::span<const Camera> candidates, const Options& options) {
  std::vector<Pick> open = Within(point, candidates, options.radius_m, options);
  if (open.size() < options.enough) open = Within(point, candidates, options.wide_radius_m, options);
  std::vector<Pick> chosen;
  while (chosen.size() < options.limit && !open.empty()) {
    const auto score = [&](const Pick& pick) {
      return Rounded(pick.score + kDiversityWeight * Diversity(pick, chosen));
    };
    const auto best = std::ranges::min_element(open, [&](const Pick& a, const Pick& b) {
      const double score_a = score(a);
      const double score_b = score(b);
      return score_a != score_b ? score_a > score_b : a.camera->id < b.camera->id;
    });
    Pick pick = *best;
    pick.score = score(pick);
    open.erase(best);
    chosen.push_back(pick);
  }
  return chosen;
}

std::vector<LeftOut> LeftOutCameras(model::LatLon point, std::span<const Camera> candidates, const Options& options) {
  std::vector<LeftOut> left;
  for (const Camera& camera : candidates) {
    if (camera.streaming && camera.viewable) continue;
    const double distance_m = model::DistanceMeters(point, camera.place.point);
    if (distance_m > options.radius_m) continue;
    // Who may not view a camera is not told how it fares.
    std::string_view fault = camera.state;
    if (fault == "online" || fault == "degraded") fault = "not_streaming";
    left.push_back({&camera, distance_m, camera.viewable ? fault : "restricted"});
  }
  std::ranges::sort(left, [](const LeftOut& a, const LeftOut& b) {
    return a.distance_m != b.distance_m ? a.distance_m < b.distance_m : a.camera->id < b.camera->id;
  });
  if (left.size() > options.limit) left.resize(options.limit);
  return left;
}

json::Value ToJson(const LeftOut& left_out) {
  return json::Object{{"id", left_out.camera->id},
                      {"name", model::ToJson(left_out.camera->name)},
                      {"distance_m", std::round(left_out.distance_m * 10) / 10},
                      {"reason", std::string{left_out.reason}}};
}

json::Value ToJson(const Pick& pick) {
  const Camera& camera = *pick.camera;
  json::Value value =
      json::Object{{"id", camera.id}, {"name", model::ToJson(camera.name)}, {"place", model::ToJson(camera.place)}};
  value.Set("distance_m", std::round(pick.distance_m * 10) / 10);
  value.Set("bearing_deg", std::fmod(std::round(pick.bearing_deg), 360.0));
  if (camera.azimuth_deg) value.Set("azimuth_deg", *camera.azimuth_deg);
  value.Set("fov_deg", camera.fov_deg);
  value.Set("range_m", camera.range_m);
  value.Set("in_view", pick.in_view);
  value.Set("score", std::round(pick.score * 1000) / 1000);
  value.Set("health", camera.health);
  value.Set("ptz", camera.ptz);
  value.Set("picture",
            json::Object{{"state", "none"}, {"reason", json::Object{{"ko", "영상 미연결"}, {"en", "No video link"}}}});
  value.Set("widened", pick.widened);
  return value;
}

json::Value ToJson(const Camera& camera) {
  json::Value value =
      json::Object{{"id", camera.id}, {"name", model::ToJson(camera.name)}, {"place", model::ToJson(camera.place)}};
  value.Set("state", camera.state);
  if (camera.azimuth_deg) value.Set("azimuth_deg", *camera.azimuth_deg);
  value.Set("fov_deg", camera.fov_deg);
  value.Set("range_m", camera.range_m);
  value.Set("ptz", camera.ptz);
  value.Set("health", camera.health);
  if (!camera.parent.empty()) value.Set("parent", camera.parent);
  return value;
}

}  // namespace bongsu::cameras
