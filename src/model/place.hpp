// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where something is, on the WGS84 ellipsoid treated as a sphere of 6,371,008.8 m.

#include <optional>
#include <string>

#include "base/json.hpp"

namespace bongsu::model {

struct LatLon {
  double lat_deg = 0;
  double lon_deg = 0;
  friend bool operator==(const LatLon&, const LatLon&) = default;
};

/// Great-circle distance in metres.
double DistanceMeters(LatLon from, LatLon to);
/// Initial bearing in degrees, 0 north, 90 east, [0, 360).
double BearingDeg(LatLon from, LatLon to);
/// Smallest angle between two bearings, [0, 180].
double AngleBetweenDeg(double a_deg, double b_deg);
/// The point `distance_m` metres from `from` along `bearing_deg`.
LatLon Offset(LatLon from, double bearing_deg, double distance_m);

/// A text in Korean and, when there is one, in English.
struct LText {
  std::string ko;
  std::string en;
  friend bool operator==(const LText&, const LText&) = default;
};

json::Value ToJson(const LText& text);
LText LTextFromJson(const json::Value& value);  ///< A plain string counts as Korean.

struct Place {
  LatLon point;
  std::optional<double> accuracy_m;
  LText name;
  LText address;
  LText district;
  std::string floor;
  std::string entity;  ///< Id of the entity whose place this is; empty for none.
};

/// {"lat","lon","accuracy_m"?,"name"?,"address"?,"district"?,"floor"?,"entity"?}
json::Value ToJson(const Place& place);
std::optional<Place> PlaceFromJson(const json::Value& value);

}  // namespace bongsu::model
