// SPDX-License-Identifier: Apache-2.0
#include "model/place.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bongsu::model {
namespace {

constexpr double kEarthRadiusM = 6'371'008.8;  // mean radius, IUGG
constexpr double kRad = std::numbers::pi / 180.0;

}  // namespace

double DistanceMeters(LatLon from, LatLon to) {
  const double half_lat = (to.lat_deg - from.lat_deg) * kRad / 2;
  const double half_lon = (to.lon_deg - from.lon_deg) * kRad / 2;
  const double a = std::sin(half_lat) * std::sin(half_lat) + std::cos(from.lat_deg * kRad) *
                                                                 std::cos(to.lat_deg * kRad) * std::sin(half_lon) *
                                                                 std::sin(half_lon);
  return 2 * kEarthRadiusM * std::asin(std::min(1.0, std::sqrt(a)));
}

double BearingDeg(LatLon from, LatLon to) {
  const double d_lon = (to.lon_deg - from.lon_deg) * kRad;
  const double y = std::sin(d_lon) * std::cos(to.lat_deg * kRad);
  const double x = std::cos(from.lat_deg * kRad) * std::sin(to.lat_deg * kRad) -
                   std::sin(from.lat_deg * kRad) * std::cos(to.lat_deg * kRad) * std::cos(d_lon);
  const double bearing = std::atan2(y, x) / kRad;
  return bearing < 0 ? bearing + 360.0 : bearing;
}

double AngleBetweenDeg(double a_deg, double b_deg) {
  const double difference = std::fmod(std::abs(a_deg - b_deg), 360.0);
  return difference > 180.0 ? 360.0 - difference : difference;
}

LatLon Offset(LatLon from, double bearing_deg, double distance_m) {
  const double angle = distance_m / kEarthRadiusM;
  const double lat = from.lat_deg * kRad;
  const double to_lat =
      std::asin(std::sin(lat) * std::cos(angle) + std::cos(lat) * std::sin(angle) * std::cos(bearing_deg * kRad));
  const double d_lon = std::atan2(std::sin(bearing_deg * kRad) * std::sin(angle) * std::cos(lat),
                                  std::cos(angle) - std::sin(lat) * std::sin(to_lat));
  return {to_lat / kRad, from.lon_deg + d_lon / kRad};
}

json::Value ToJson(const LText& text) {
  json::Value value;
  value.Set("ko", text.ko);
  if (!text.en.empty()) value.Set("en", text.en);
  return value;
}

LText LTextFromJson(const json::Value& value) {
  if (value.IsString()) return {std::string(value.AsString()), {}};
  return {std::string(value["ko"].AsString()), std::string(value["en"].AsString())};
}

json::Value ToJson(const Place& place) {
  json::Value value;
  value.Set("lat", place.point.lat_deg);
  value.Set("lon", place.point.lon_deg);
  if (place.accuracy_m) value.Set("accuracy_m", *place.accuracy_m);
  if (place.name != LText{}) value.Set("name", ToJson(place.name));
  if (place.address != LText{}) value.Set("address", ToJson(place.address));
  if (place.district != LText{}) value.Set("district", ToJson(place.district));
  if (!place.floor.empty()) value.Set("floor", place.floor);
  if (!place.entity.empty()) value.Set("entity", place.entity);
  return value;
}

std::optional<Place> PlaceFromJson(const json::Value& value) {
  if (!value["lat"].IsNumber() || !value["lon"].IsNumber()) return std::nullopt;
  Place place;
  place.point = {value["lat"].AsDouble(), value["lon"].AsDouble()};
  if (value["accuracy_m"].IsNumber()) place.accuracy_m = value["accuracy_m"].AsDouble();
  place.name = LTextFromJson(value["name"]);
  place.address = LTextFromJson(value["address"]);
  place.district = LTextFromJson(value["district"]);
  place.floor = value["floor"].AsString();
  place.entity = value["entity"].AsString();
  return place;
}

}  // namespace bongsu::model
