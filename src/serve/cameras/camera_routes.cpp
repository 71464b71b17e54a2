// SPDX-License-Identifier: Apache-2.0
#include "serve/cameras/camera_routes.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "act/cameras/city_cameras.hpp"

namespace bongsu::api {
namespace {

using guard::Permission;

Result<double> Number(std::string_view text, std::string_view name, double least, double most) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || !(number >= least && number <= most)) {
    return Fail(Code::kInvalidArgument, "list.bad_filter", "{} is a number from {} to {}, not '{}'", name, least, most,
                text);
  }
  return number;
}

struct Box {
  double west = -180, south = -90, east = 180, north = 90;
  bool Holds(model::LatLon point) const {
    return point.lon_deg >= west && point.lon_deg <= east && point.lat_deg >= south && point.lat_deg <= north;
  }
};

Result<Box> BoxOf(const http::Request& request) {
  const auto query = request.Query("bbox");
  if (!query) return Box{};
  std::string_view text = *query;
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t end = i < 3 ? std::min(text.find(','), text.size()) : text.size();
    BONGSU_TRY(numbers[i], Number(text.substr(0, end), "bbox", i % 2 == 0 ? -180 : -90, i % 2 == 0 ? 180 : 90));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Box{numbers[0], numbers[1], numbers[2], numbers[3]};
}

Result<std::size_t> Limit(const http::Request& request, std::size_t otherwise, std::size_t most) {
  const auto query = request.Query("limit");
  if (!query) return otherwise;
  BONGSU_TRY(const double number, Number(*query, "limit", 1, static_cast<double>(most)));
  return static_cast<std::size_t>(number);
}

/// Cameras inside ?bbox by id, from the one after ?cursor.
Result<json::Value> List(const context::Replica& city, const Call& call) {
  BONGSU_TRY(const Box box, BoxOf(call.request));
  BONGSU_TRY(const std::size_t limit, Limit(call.request, 100, 1000));
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
  BONGSU_TRY(const double lat_deg, Number(call.request.Query("lat").value_or(""), "lat", -90, 90));
  BONGSU_TRY(const double lon_deg, Number(call.request.Query("lon").value_or(""), "lon", -180, 180));
  cameras::Options options;
  BONGSU_TRY(options.limit, Limit(call.request, options.limit, 16));
  const model::LatLon point{lat_deg, lon_deg};
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
