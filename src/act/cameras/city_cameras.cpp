// SPDX-License-Identifier: Apache-2.0
#include "act/cameras/city_cameras.hpp"

#include <algorithm>
#include <array>

namespace bongsu::cameras {
namespace {

struct StateWord {
  std::string_view status;  ///< As the entity has it.
  std::string_view state;   ///< AssetState
  double health;
  bool usable;
};
constexpr std::array kStates{
    StateWord{"ok", "online", 1.0, true},
    StateWord{"online", "online", 1.0, true},
    StateWord{"degraded", "degraded", 0.5, true},
    StateWord{"fault", "faulty", 0.0, false},
    StateWord{"faulty", "faulty", 0.0, false},
    StateWord{"frozen", "frozen", 0.0, false},
    StateWord{"silent", "silent", 0.0, false},
    StateWord{"maintenance", "maintenance", 0.0, false},
    StateWord{"not_commissioned", "not_commissioned", 0.0, false},
};

/// A camera that names who may view it is closed to everybody else, and to all when the list cannot be read.
bool ViewableBy(const json::Value& roles, std::string_view role) {
  if (roles.IsNull()) return true;
  if (roles.IsString()) return roles.AsString() == role;
  return std::ranges::any_of(roles.AsArray(), [&](const json::Value& one) { return one.AsString() == role; });
}

}  // namespace

std::optional<Camera> CameraOf(const context::ReplicaEntity& entity, std::string_view role) {
  const auto place = entity.place();
  if (!place) return std::nullopt;
  const json::Value& attributes = entity.attributes;
  Camera camera;
  camera.id = entity.id;
  camera.name = entity.name;
  camera.place = *place;
  if (attributes["azimuth"].IsNumber()) camera.azimuth_deg = attributes["azimuth"].AsDouble();
  camera.fov_deg = attributes["fieldOfView"].AsDouble(camera.fov_deg);
  camera.range_m = attributes["range"].AsDouble(camera.range_m);
  camera.ptz = attributes["ptz"].AsBool();
  camera.ptz_held = !attributes["ptzHolder"].AsString().empty();
  camera.viewable = ViewableBy(attributes["viewableBy"], role);
  camera.parent = attributes["refSwitch"].AsString();
  // A word that is not in the table is taken as a camera that works: an unknown vendor word must not hide a picture.
  const auto word = std::ranges::find(kStates, attributes["status"].AsString("ok"), &StateWord::status);
  const StateWord& state = word == kStates.end() ? kStates.front() : *word;
  camera.state = state.state;
  camera.health = attributes["health"].AsDouble(state.health);
  camera.streaming = attributes["streaming"].AsBool(true) && state.usable;
  return camera;
}

std::vector<Camera> CamerasOf(const std::vector<context::Replica::Hit>& hits, std::string_view role) {
  std::vector<Camera> cameras;
  for (const auto& [entity, distance_m] : hits) {
    if (auto camera = CameraOf(*entity, role)) cameras.push_back(std::move(*camera));
  }
  return cameras;
}

}  // namespace bongsu::cameras
