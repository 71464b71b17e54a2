// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Areas as S2 wants them from rings as people write them: rings may turn either way, repeat a position, touch or cross
/// themselves and each other. What lies inside of an odd number of a polygon's rings is its area (even-odd), as GeoJSON
/// is drawn; the polygons of a MultiPolygon are united. RFC 7946 section 3.1.6 forbids none of it.
/// Private to geometry.cpp: names S2.

#include <s2/s2point.h>
#include <s2/s2shape.h>

#include <memory>
#include <vector>

namespace bongsu::context {

using Ring = std::vector<S2Point>;  ///< Corners; the last is joined to the first.

/// @param polygons  each the rings of one polygon
/// @returns null when nothing has an area
std::unique_ptr<S2Shape> AreaOf(const std::vector<std::vector<Ring>>& polygons);

}  // namespace bongsu::context
