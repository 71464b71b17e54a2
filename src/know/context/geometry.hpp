// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Geometry on the sphere: reads GeoJSON, covers it with S2 cells for the index, answers the georel predicates.
/// S2 is named in geometry.cpp and polygon.* alone. Sources: RFC 7946; GS CIM 009 V1.9.1 clauses 4.7 and 4.10.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "model/place.hpp"

namespace bongsu::context {

/// A closed range of S2 cell ids, and cells that contain it.
struct CellRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct Covering {
  std::vector<CellRange> inside;         ///< Ids of cells and points that lie in the covering.
  std::vector<std::uint64_t> ancestors;  ///< Larger cells that contain a part of it.
};

/// A checked geometry; a value that may be shared between threads once made.
class Geometry {
 public:
  ~Geometry();
  Geometry(Geometry&&) noexcept;
  Geometry& operator=(Geometry&&) noexcept;

  /// @param value  GeoJSON geometry: Point, MultiPoint, LineString, MultiLineString, Polygon or MultiPolygon;
  ///               longitude first, degrees; rings closed and of at least four positions; at most 100,000 positions
  /// @errors kInvalidArgument geo.bad (names what is wrong)
  static Result<Geometry> Read(const json::Value& value);
  /// The same without building anything: only the check.
  static Result<void> Check(const json::Value& value);

  /// Set when the geometry is a Point.
  std::optional<model::LatLon> point() const;
  /// Some position of it; for labels and distances.
  model::LatLon anchor() const;
  /// At most eight cell ids under which the index keeps it; one leaf cell for a Point.
  std::vector<std::uint64_t> IndexCells() const;
  /// Cells to look at for everything within `margin_m` metres of it.
  Covering Cover(double margin_m) const;

  /// Metres between the nearest points of both; 0 when they touch or overlap.
  double DistanceTo(const Geometry& other) const;
  bool Intersects(const Geometry& other) const;
  /// True when no part of `other` lies outside of this; boundaries count as inside.
  bool Contains(const Geometry& other) const;
  bool Equals(const Geometry& other) const;
  /// Same dimension, common part, and neither contains the other.
  bool Overlaps(const Geometry& other) const;

 private:
  struct State;
  explicit Geometry(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

std::uint64_t CellOf(model::LatLon point);
/// Cells within `radius_m` metres of `point`.
Covering CoverCircle(model::LatLon point, double radius_m);
/// Cells of a box given in degrees; west > east crosses the date line.
Covering CoverBox(double west, double south, double east, double north);

enum class GeoRelation : std::uint8_t {
  kNearMax,
  kNearMin,
  kWithin,
  kContains,
  kIntersects,
  kEquals,
  kDisjoint,
  kOverlaps
};

struct GeoQuery {
  GeoRelation relation = GeoRelation::kWithin;
  double distance_m = 0;
  std::shared_ptr<const Geometry> reference;
  std::string property;  ///< IRI of the GeoProperty.

  /// @param georel       "near;maxDistance==2000", "within" …
  /// @param geometry     GeoJSON type word
  /// @param coordinates  JSON text
  /// @errors kInvalidArgument ngsi.BadRequestData
  static Result<GeoQuery> Parse(std::string_view georel, std::string_view geometry, std::string_view coordinates,
                                std::string property);
  bool Matches(const Geometry& geometry) const;
  /// Where the index has to look; empty when everything must be looked at (minDistance, disjoint).
  std::optional<Covering> Candidates() const;
};

}  // namespace bongsu::context
