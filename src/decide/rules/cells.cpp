// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/cells.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bongsu::rules {

std::vector<std::string> CellsOf(model::LatLon point, double radius_m, double size_m) {
  constexpr double kMetersPerDegree = 6'371'008.8 * std::numbers::pi / 180.0;
  const double row_deg = size_m / kMetersPerDegree;
  const double reach_deg = radius_m / kMetersPerDegree;
  const auto row_of = [&](double lat) { return static_cast<long>(std::floor(lat / row_deg)); };
  std::vector<std::string> cells;
  for (long row = row_of(point.lat_deg - reach_deg); row <= row_of(point.lat_deg + reach_deg); ++row) {
    // A row's columns are as wide as its narrower edge needs; past 85 degrees a row is one cell.
    const double edge = std::max(std::abs(static_cast<double>(row)), std::abs(static_cast<double>(row + 1))) * row_deg;
    if (edge > 85) {
      cells.push_back(fmt::format("{}:pole", row));
      continue;
    }
    const double narrow = std::cos(edge * std::numbers::pi / 180.0);
    const double column_deg = row_deg / narrow;
    const auto first = static_cast<long>(std::floor((point.lon_deg - reach_deg / narrow) / column_deg));
    const auto last = static_cast<long>(std::floor((point.lon_deg + reach_deg / narrow) / column_deg));
    for (long column = first; column <= last; ++column) cells.push_back(fmt::format("{}:{}", row, column));
  }
  return cells;
}

}  // namespace bongsu::rules
