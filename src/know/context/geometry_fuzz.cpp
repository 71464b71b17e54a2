// SPDX-License-Identifier: Apache-2.0
// Reads any JSON as a geometry and puts it through index cells, coverings and every relation to three others.
#include <cstddef>
#include <cstdint>

#include "know/context/geometry.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto others = [] {
    std::vector<context::GeoQuery> queries;
    for (const auto* relation : {"near;maxDistance==1000", "near;minDistance==1000", "within", "contains", "intersects",
                                 "equals", "disjoint", "overlaps"}) {
      queries.push_back(context::GeoQuery::Parse(relation, "Point", "[126.6,35.8]", "x").value());
      queries.push_back(context::GeoQuery::Parse(relation, "LineString", "[[126.6,35.8],[127,36]]", "x").value());
      queries.push_back(
          context::GeoQuery::Parse(relation, "Polygon", "[[[126,35],[127,35],[127,36],[126,36],[126,35]]]", "x")
              .value());
    }
    return queries;
  }();
  if (size > 2000) return 0;  // every relation looks at all edges; the bound on positions is tested elsewhere
  const auto value = json::Parse({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const auto geometry = context::Geometry::Read(*value);
  if (!geometry) return 0;
  (void)geometry->IndexCells();
  (void)geometry->Cover(50);
  (void)geometry->Cover(0);
  for (const auto& query : others) (void)query.Matches(*geometry);
  return 0;
}
