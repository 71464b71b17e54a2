// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Reading the query part of an address, with complaints that name the parameter, its bounds and what was given.

#include <cstdint>
#include <string_view>

#include "model/place.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::api {

inline constexpr std::size_t kPage = 100;  ///< Items of a list when no limit is given.
inline constexpr std::size_t kMostOfPage = 1000;

/// A whole number; `otherwise` when the address does not name it. @errors kInvalidArgument http.bad_query
Result<std::uint64_t> NumberOf(const http::Request& request, std::string_view name, std::uint64_t otherwise,
                               std::uint64_t least, std::uint64_t most);
/// ?limit= of a list. @errors kInvalidArgument http.bad_query
Result<std::size_t> LimitOf(const http::Request& request, std::size_t otherwise = kPage,
                            std::size_t most = kMostOfPage);

/// ?lat=, ?lon=: degrees. @errors kInvalidArgument http.bad_query, also when one is missing
Result<model::LatLon> PointOf(const http::Request& request);

struct Box {
  double west = -180, south = -90, east = 180, north = 90;  ///< Degrees; west > east: over the 180th meridian.
  bool Holds(model::LatLon point) const {
    const bool east_of_west = point.lon_deg >= west;
    const bool west_of_east = point.lon_deg <= east;
    return (west <= east ? east_of_west && west_of_east : east_of_west || west_of_east) && point.lat_deg >= south &&
           point.lat_deg <= north;
  }
};
/// ?bbox=west,south,east,north; the whole world when it is not given. @errors kInvalidArgument http.bad_query
Result<Box> BoxOf(const http::Request& request);

}  // namespace bongsu::api
