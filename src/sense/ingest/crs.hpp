// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Coordinates of other reference systems (Korean grids, Web Mercator) as WGS84, by PROJ.

#include <string>

#include "base/result.hpp"
#include "model/place.hpp"

namespace bongsu::ingest {

/// True when PROJ knows a way from `crs` ("EPSG:5186") to WGS84.
bool KnownCrs(const std::string& crs);

/// @param x  easting or longitude   @param y  northing or latitude, whatever order the authority prefers
/// @errors kInvalidArgument place.bad_point (not a number, or outside of the system's area)
Result<model::LatLon> ToWgs84(const std::string& crs, double x, double y);

}  // namespace bongsu::ingest
