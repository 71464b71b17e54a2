// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The map in cells at least `size_m` wide, so that two things at most `size_m` apart meet in one cell's state.

#include <string>
#include <vector>

#include "model/place.hpp"

namespace bongsu::rules {

/// Cells of size `size_m` that hold a point at most `radius_m` from `point`; radius 0 gives the one it lies in.
std::vector<std::string> CellsOf(model::LatLon point, double radius_m, double size_m);

}  // namespace bongsu::rules
