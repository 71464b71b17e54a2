// SPDX-License-Identifier: Apache-2.0
#include "know/context/polygon.hpp"

#include <s2/mutable_s2shape_index.h>
#include <s2/s2builder.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2lax_polygon_shape.h>
#include <s2/s2loop_measures.h>
#include <s2/s2polygon.h>
#include <s2/s2shapeutil_visit_crossing_edge_pairs.h>

#include <algorithm>

namespace bongsu::context {
namespace {

/// Without repeats, and turned so that the smaller side is on the left.
Ring Cleaned(const Ring& ring) {
  Ring clean;
  for (const S2Point& corner : ring) {
    if (clean.empty() || clean.back() != corner) clean.push_back(corner);
  }
  while (clean.size() > 1 && clean.front() == clean.back()) clean.pop_back();
  if (clean.size() >= 3 && !S2::IsNormalized(S2PointLoopSpan(clean))) std::ranges::reverse(clean);
  return clean;
}

bool IsSimple(const Ring& ring) {
  MutableS2ShapeIndex index;
  index.Add(std::make_unique<S2LaxPolygonShape>(std::vector<Ring>{ring}));
  S2Error error;
  return !s2shapeutil::FindSelfIntersection(index, &error);
}

/// Splits edges where they cross; edges that are there an even number of times bound nothing.
std::unique_ptr<S2Polygon> Repaired(const std::vector<Ring>& rings) {
  auto polygon = std::make_unique<S2Polygon>();
  S2Builder::Options options;
  options.set_split_crossing_edges(true);
  S2Builder builder{options};
  builder.StartLayer(std::make_unique<s2builderutil::S2PolygonLayer>(
      polygon.get(), s2builderutil::S2PolygonLayer::Options{S2Builder::EdgeType::UNDIRECTED}));
  builder.AddIsFullPolygonPredicate(S2Builder::IsFullPolygon(false));
  for (const Ring& ring : rings) builder.AddLoop(S2PointLoopSpan(ring));
  S2Error error;
  if (!builder.Build(&error)) return std::make_unique<S2Polygon>();
  return polygon;
}

std::unique_ptr<S2Polygon> PolygonOf(const std::vector<Ring>& rings) {
  std::vector<std::unique_ptr<S2Loop>> loops;
  loops.reserve(rings.size());
  for (const Ring& ring : rings) loops.push_back(std::make_unique<S2Loop>(ring, S2Debug::DISABLE));
  auto polygon = std::make_unique<S2Polygon>();
  polygon->set_s2debug_override(S2Debug::DISABLE);
  polygon->InitNested(std::move(loops));
  S2Error error;
  return polygon->FindValidationError(&error) ? Repaired(rings) : std::move(polygon);
}

}  // namespace

std::unique_ptr<S2Shape> AreaOf(const std::vector<std::vector<Ring>>& polygons) {
  std::vector<std::vector<Ring>> cleaned;
  for (const auto& rings : polygons) {
    std::vector<Ring> kept;
    for (const Ring& ring : rings) {
      if (Ring clean = Cleaned(ring); clean.size() >= 3) kept.push_back(std::move(clean));
    }
    if (!kept.empty()) cleaned.push_back(std::move(kept));
  }
  if (cleaned.empty()) return nullptr;
  // Nearly all there are: one ring, nothing to repair.
  if (cleaned.size() == 1 && cleaned.front().size() == 1 && IsSimple(cleaned.front().front()))
    return std::make_unique<S2LaxPolygonShape>(cleaned.front());
  std::vector<std::unique_ptr<S2Polygon>> parts;
  for (const auto& rings : cleaned) {
    if (auto part = PolygonOf(rings); !part->is_empty()) parts.push_back(std::move(part));
  }
  if (parts.empty()) return nullptr;
  const auto whole = parts.size() == 1 ? std::move(parts.front()) : S2Polygon::DestructiveUnion(std::move(parts));
  return std::make_unique<S2LaxPolygonShape>(*whole);
}

}  // namespace bongsu::context
