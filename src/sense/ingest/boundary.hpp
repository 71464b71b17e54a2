// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The city's boundary: is a point inside?

#include <vector>

#include "base/json.hpp"
#include "model/place.hpp"

namespace bongsu::ingest {

class Boundary {
 public:
  /// @param geometry  GeoJSON Polygon or MultiPolygon, WGS84; or a Feature(Collection) of them
  /// @errors kInvalidArgument boundary.bad
  static Result<Boundary> FromGeoJson(const json::Value& geometry);
  static Boundary FromBox(double west, double south, double east, double north);
  bool Contains(model::LatLon point) const;

 private:
  using Ring = std::vector<model::LatLon>;
  Result<void> Add(const json::Value& geometry);
  std::vector<Ring> rings_;  ///< Holes too: a point is inside when it lies in an odd number of rings.
};

}  // namespace bongsu::ingest
