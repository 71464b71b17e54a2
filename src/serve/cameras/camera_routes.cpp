// SPDX-License-Identifier: Apache-2.0
#include "serve/cameras/camera_routes.hpp"

#include "act/cameras/city_cameras.hpp"
#include "serve/api/query.hpp"

namespace bongsu::api {
namespace {

using guard::Permission;

/// Cameras inside ?bbox by id, from the one after ?cursor.
Result<json::Value> List(const context::Replica& city, const Call& call) {
  BONGSU_TRY(const Box box, BoxOf(call.request));
  BONGSU_TRY(const std::size_t limit, LimitOf(call.request));
  const std::string cursor{call.request.Query("cursor").value_or("")};
  json::Array items;
  std::string last;
  bool more = false;
  city.ForEach(call.caller.tenant, "Camera", [&](const context::ReplicaEntity& entity) {
    const auto camera =
        more || entity.id <= cursor ? std::nullopt : cameras::CameraOf(entity, guard::RoleName(call.caller.role));
    if (!camera || !box.Holds(camera->place.point)) return;
    if (items.size() == limit) {
      more = true;
      return;
    }
    last = camera->id;
    items.push_back(cameras::ToJson(*camera));
  });
  json::Value answer = json::Object{{"items", std::move(items)}};
  if (more) answer.Set("next", last);
  return answer;
}

Result<json::Value> Nearest(const context::Replica& city, const Call& call) {
  BONGSU_TRY(const model::LatLon point, PointOf(call.request));
  cameras::Options options;
  BONGSU_TRY(options.limit, LimitOf(call.request, options.limit, 16));
  const auto candidates = cameras::CamerasOf(city.Near(call.caller.tenant, point, options.wide_radius_m, "Camera"),
                                             guard::RoleName(call.caller.role));
  json::Array items;
  for (const cameras::Pick& pick : cameras::NearestCameras(point, candidates, options))
    items.push_back(cameras::ToJson(pick));
  return json::Value{json::Object{{"items", std::move(items)}}};
}

Handler Look(CityHere city, Result<json::Value> (*look)(const context::Replica&, const Call&)) {
  return [city = std::move(city), look](const Call& call, const http::Respond& respond) {
    const context::Replica* here = city();
    if (here == nullptr) {
      respond(http::ProblemResponse({Code::kUnavailable, "camera.no_city", "the context is not ready yet"}));
      return;
    }
    const auto answer = look(*here, call);
    respond(answer ? http::JsonResponse(200, *answer) : http::ProblemResponse(answer.error()));
  };
}

}  // namespace

Routes CameraRoutes(const CityHere& city) {
  return {{"GET", "/api/v1/cameras/nearest", Permission::kReadPicture, Look(city, &Nearest)},
          {"GET", "/api/v1/cameras", Permission::kReadPicture, Look(city, &List)}};
}

}  // namespace bongsu::api
