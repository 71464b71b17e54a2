// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which cameras an operator is shown for a place: the four best usable ones, always the same for the same input.
///
///   score = 0.45 (the place lies in the view sector, or a free PTZ camera can turn to it)
///         + 0.25 (1 - distance / radius)
///         + 0.15 health
///         + 0.15 (smallest angle to the bearings already chosen / 180°)
///
/// Candidates: within 500 m, streaming, viewable by the operator; when fewer than two are there, within 1 km, said so.
/// Chosen one after the other, best score first, ties by id. Source: console.md S2.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/place.hpp"

namespace bongsu::cameras {

struct Camera {
  std::string id;
  model::LText name;
  model::Place place;
  std::optional<double> azimuth_deg;  ///< Where it looks, clockwise from north; unknown: its sector is unknown.
  double fov_deg = 60;                ///< Width of the view sector; 360 sees all round.
  double range_m = 100;               ///< How far it tells a person.
  bool ptz = false;
  bool ptz_held = false;  ///< Somebody of higher priority steers it.
  bool streaming = true;
  bool viewable = true;          ///< The operator may view it.
  double health = 1;             ///< 0..1
  std::string state = "online";  ///< AssetState of api/openapi.yaml
  std::string parent;            ///< Switch it hangs on; empty for none.
};

struct Options {
  std::size_t limit = 4;
  double radius_m = 500;
  double wide_radius_m = 1000;
  std::size_t enough = 2;  ///< Fewer usable ones than this widen the radius.
};

struct Pick {
  const Camera* camera = nullptr;
  double distance_m = 0;
  double bearing_deg = 0;  ///< From the place to the camera.
  bool in_view = false;    ///< The place lies in the view sector as the camera stands now.
  double score = 0;
  bool widened = false;  ///< Farther than radius_m.
};

/// A near camera the operator does not get, and why: a missing one must never look like none.
struct LeftOut {
  const Camera* camera = nullptr;
  double distance_m = 0;
  std::string_view reason;  ///< CameraLeftOut.reason of api/openapi.yaml
};

/// Pure. Picks point into `candidates`.
std::vector<Pick> NearestCameras(model::LatLon point, std::span<const Camera> candidates, const Options& options = {});
/// Those within radius_m that cannot be shown, nearest first, at most `limit`. Pure; points into `candidates`.
std::vector<LeftOut> LeftOutCameras(model::LatLon point, std::span<const Camera> candidates,
                                    const Options& options = {});

/// CameraPick of api/openapi.yaml. There is no video yet, so its picture is "none" with the reason.
json::Value ToJson(const Pick& pick);
/// CameraLeftOut of api/openapi.yaml.
json::Value ToJson(const LeftOut& left_out);
/// Camera of api/openapi.yaml.
json::Value ToJson(const Camera& camera);

}  // namespace bongsu::cameras
