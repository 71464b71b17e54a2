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

}  // namespace

std::optional<Camera> CameraOf(const context::ReplicaEntity& entity) {
  if (!entity.place) return std::nullopt;
  const json::Value& attributes = entity.attributes;
  Camera camera;
  camera.id = entity.id;
  camera.name = entity.name;
  camera.place = *entity.place;
  if (attributes["azimuth"].IsNumber()) camera.azimuth_deg = attributes["azimuth"].AsDouble();
  camera.fov_deg = attributes["fieldOfView"].AsDouble(camera.fov_deg);
  camera.range_m = attributes["range"].AsDouble(camera.range_m);
  camera.ptz = attributes["ptz"].AsBool();
  camera.parent = attributes["refSwitch"].AsString();
  // A word that is not in the table is taken as a camera that works: an unknown vendor word must not hide a picture.
  const auto word = std::ranges::find(kStates, attributes["status"].AsString("ok"), &StateWord::status);
  const StateWord& state = word == kStates.end() ? kStates.front() : *word;
  camera.state = state.state;
  camera.health = attributes["health"].AsDouble(state.health);
  camera.streaming = attributes["streaming"].AsBool(true) && state.usable;
  return camera;
}

std::vector<Camera> CamerasOf(const std::vector<context::Replica::Hit>& hits) {
  std::vector<Camera> cameras;
  for (const auto& [entity, distance_m] : hits) {
    if (auto camera = CameraOf(*entity)) cameras.push_back(std::move(*camera));
  }
  return cameras;
}

}  // namespace bongsu::cameras
