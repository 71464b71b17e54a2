// SPDX-License-Identifier: Apache-2.0
#include "know/context/geometry.hpp"

#include <s2/mutable_s2shape_index.h>
#include <s2/s2boolean_operation.h>
#include <s2/s2cap.h>
#include <s2/s2cell_union.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2latlng.h>
#include <s2/s2latlng_rect.h>
#include <s2/s2lax_polyline_shape.h>
#include <s2/s2point_vector_shape.h>
#include <s2/s2region_coverer.h>
#include <s2/s2shape_index_buffered_region.h>
#include <s2/s2shape_index_region.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "know/context/polygon.hpp"

namespace bongsu::context {
namespace {

constexpr double kEarthRadiusM = 6'371'008.8;
constexpr std::size_t kMaxPositions = 100'000;
constexpr std::array<std::string_view, 6> kTypes{"Point",           "MultiPoint", "LineString",
                                                 "MultiLineString", "Polygon",    "MultiPolygon"};
constexpr std::array<int, 6> kNesting{0, 1, 1, 2, 2, 3};  // arrays around a position

S2Point PointOf(const json::Value& position) {
  return S2LatLng::FromDegrees(position.AsArray()[1].AsDouble(), position.AsArray()[0].AsDouble())
      .Normalized()
      .ToPoint();
}

model::LatLon Degrees(const S2Point& point) {
  const S2LatLng at{point};
  return {at.lat().degrees(), at.lng().degrees()};
}

Result<void> CheckPosition(const json::Value& value) {
  const auto& numbers = value.AsArray();
  const bool good =
      value.IsArray() && numbers.size() >= 2 && numbers.size() <= 4 &&
      std::ranges::all_of(numbers, [](const json::Value& n) { return n.IsNumber() && std::isfinite(n.AsDouble()); });
  if (!good)
    return Fail(Code::kInvalidArgument, "geo.bad", "a position is [longitude, latitude], got {}",
                json::ToString(value).substr(0, 80));
  if (std::abs(numbers[0].AsDouble()) > 180.0 || std::abs(numbers[1].AsDouble()) > 90.0) {
    return Fail(Code::kInvalidArgument, "geo.bad", "position {} lies outside of -180..180, -90..90",
                json::ToString(value));
  }
  return {};
}

Result<void> CheckNested(const json::Value& value, int depth, std::size_t& positions) {
  if (depth == 0) {
    if (++positions > kMaxPositions)
      return Fail(Code::kInvalidArgument, "geo.bad", "more than {} positions", kMaxPositions);
    return CheckPosition(value);
  }
  if (!value.IsArray() || value.AsArray().empty()) {
    return Fail(Code::kInvalidArgument, "geo.bad", "coordinates are not nested as the geometry type wants");
  }
  for (const auto& item : value.AsArray()) {
    BONGSU_CHECK(CheckNested(item, depth - 1, positions));
  }
  return {};
}

Result<void> CheckRing(const json::Value& ring) {
  const auto& positions = ring.AsArray();
  if (positions.size() < 4)
    return Fail(Code::kInvalidArgument, "geo.bad", "a ring has at least four positions, got {}", positions.size());
  if (!(positions.front() == positions.back()))
    return Fail(Code::kInvalidArgument, "geo.bad", "a ring ends where it starts");
  return {};
}

std::vector<Ring> RingsOf(const json::Value& polygon) {
  std::vector<Ring> rings;
  for (const auto& ring : polygon.AsArray()) {
    Ring& corners = rings.emplace_back();
    for (const auto& position : ring.AsArray()) corners.push_back(PointOf(position));
  }
  return rings;
}

Covering FromCells(const std::vector<S2CellId>& cells) {
  Covering covering;
  for (const S2CellId cell : cells) {
    covering.inside.push_back({cell.range_min().id(), cell.range_max().id()});
    for (int level = cell.level() - 1; level >= 0; --level) covering.ancestors.push_back(cell.parent(level).id());
  }
  std::ranges::sort(covering.ancestors);
  const auto repeats = std::ranges::unique(covering.ancestors);
  covering.ancestors.erase(repeats.begin(), repeats.end());
  return covering;
}

template <class Region>
std::vector<S2CellId> CellsOf(const Region& region, int max_cells) {
  S2RegionCoverer::Options options;
  options.set_max_cells(max_cells);
  S2RegionCoverer coverer{options};
  std::vector<S2CellId> cells;
  coverer.GetCovering(region, &cells);
  return cells;
}

S1ChordAngle AngleOf(double meters) {
  return S1ChordAngle{S1Angle::Radians(std::clamp(meters / kEarthRadiusM, 0.0, 3.14159265358979))};
}

S2BooleanOperation::Options Closed() {
  S2BooleanOperation::Options options;
  options.set_polygon_model(S2BooleanOperation::PolygonModel::CLOSED);
  options.set_polyline_model(S2BooleanOperation::PolylineModel::CLOSED);
  return options;
}

}  // namespace

struct Geometry::State {
  int dimension = 0;
  bool single_point = false;
  S2Point first;
  MutableS2ShapeIndex index;
};

Geometry::Geometry(std::unique_ptr<State> state) : state_{std::move(state)} {}
Geometry::~Geometry() = default;
Geometry::Geometry(Geometry&&) noexcept = default;
Geometry& Geometry::operator=(Geometry&&) noexcept = default;

Result<void> Geometry::Check(const json::Value& value) {
  const auto name = value["type"].AsString();
  const auto at = std::ranges::find(kTypes, name);
  if (at == kTypes.end())
    return Fail(Code::kInvalidArgument, "geo.bad", "'{}' is no supported geometry", name.substr(0, 40));
  const json::Value& coordinates = value["coordinates"];
  std::size_t positions = 0;
  BONGSU_CHECK(CheckNested(coordinates, kNesting[static_cast<std::size_t>(at - kTypes.begin())], positions));
  if (name == "LineString" && coordinates.AsArray().size() < 2)
    return Fail(Code::kInvalidArgument, "geo.bad", "a line has at least two positions");
  if (name == "MultiLineString") {
    for (const auto& line : coordinates.AsArray()) {
      if (line.AsArray().size() < 2)
        return Fail(Code::kInvalidArgument, "geo.bad", "a line has at least two positions");
    }
  }
  if (name == "Polygon") {
    for (const auto& ring : coordinates.AsArray()) {
      BONGSU_CHECK(CheckRing(ring));
    }
  }
  if (name == "MultiPolygon") {
    for (const auto& polygon : coordinates.AsArray()) {
      for (const auto& ring : polygon.AsArray()) {
        BONGSU_CHECK(CheckRing(ring));
      }
    }
  }
  return {};
}

Result<Geometry> Geometry::Read(const json::Value& value) {
  BONGSU_CHECK(Check(value));
  const auto name = value["type"].AsString();
  const json::Value& coordinates = value["coordinates"];
  auto state = std::make_unique<State>();
  std::vector<S2Point> points;
  std::vector<std::vector<Ring>> polygons;
  const auto add_line = [&](const json::Value& line) {
    std::vector<S2Point> corners;
    for (const auto& position : line.AsArray()) corners.push_back(PointOf(position));
    state->index.Add(std::make_unique<S2LaxPolylineShape>(corners));
  };
  const json::Value* first = &coordinates;
  while (first->AsArray()[0].IsArray()) first = &first->AsArray()[0];
  state->first = PointOf(*first);

  if (name == "Point") {
    state->single_point = true;
    points.push_back(state->first);
  } else if (name == "MultiPoint") {
    for (const auto& position : coordinates.AsArray()) points.push_back(PointOf(position));
  } else if (name == "LineString") {
    add_line(coordinates);
  } else if (name == "MultiLineString") {
    for (const auto& line : coordinates.AsArray()) add_line(line);
  } else if (name == "Polygon") {
    polygons.push_back(RingsOf(coordinates));
  } else {
    for (const auto& polygon : coordinates.AsArray()) polygons.push_back(RingsOf(polygon));
  }
  state->dimension = name.ends_with("Polygon") ? 2 : name.ends_with("LineString") ? 1 : 0;
  if (!points.empty()) state->index.Add(std::make_unique<S2PointVectorShape>(std::move(points)));
  if (state->dimension == 2) {
    auto area = AreaOf(polygons);
    if (area == nullptr) return Fail(Code::kInvalidArgument, "geo.bad", "polygon has no area");
    state->index.Add(std::move(area));
  }
  state->index.ForceBuild();
  return Geometry{std::move(state)};
}

std::optional<model::LatLon> Geometry::point() const {
  if (!state_->single_point) return std::nullopt;
  return Degrees(state_->first);
}

model::LatLon Geometry::anchor() const { return Degrees(state_->first); }

std::vector<std::uint64_t> Geometry::IndexCells() const {
  if (state_->single_point) return {S2CellId{state_->first}.id()};
  std::vector<std::uint64_t> ids;
  for (const S2CellId cell : CellsOf(MakeS2ShapeIndexRegion(&state_->index), 8)) ids.push_back(cell.id());
  return ids;
}

Covering Geometry::Cover(double margin_m) const {
  if (state_->single_point) return CoverCircle(Degrees(state_->first), margin_m);
  if (margin_m <= 0) return FromCells(CellsOf(MakeS2ShapeIndexRegion(&state_->index), 16));
  return FromCells(CellsOf(S2ShapeIndexBufferedRegion{&state_->index, AngleOf(margin_m)}, 16));
}

double Geometry::DistanceTo(const Geometry& other) const {
  if (state_->single_point && other.state_->single_point) return model::DistanceMeters(anchor(), other.anchor());
  S2ClosestEdgeQuery query{&state_->index};
  S2ClosestEdgeQuery::ShapeIndexTarget target{&other.state_->index};
  return query.GetDistance(&target).ToAngle().radians() * kEarthRadiusM;
}

bool Geometry::Intersects(const Geometry& other) const {
  return S2BooleanOperation::Intersects(state_->index, other.state_->index, Closed());
}

bool Geometry::Contains(const Geometry& other) const {
  if (other.state_->dimension > state_->dimension) return false;
  return S2BooleanOperation::Contains(state_->index, other.state_->index, Closed());
}

bool Geometry::Equals(const Geometry& other) const {
  return state_->dimension == other.state_->dimension &&
         S2BooleanOperation::Equals(state_->index, other.state_->index, Closed());
}

bool Geometry::Overlaps(const Geometry& other) const {
  return state_->dimension == other.state_->dimension && Intersects(other) && !Contains(other) &&
         !other.Contains(*this);
}

std::uint64_t CellOf(model::LatLon point) {
  return S2CellId{S2LatLng::FromDegrees(point.lat_deg, point.lon_deg).Normalized()}.id();
}

Covering CoverCircle(model::LatLon point, double radius_m) {
  const S2Point center = S2LatLng::FromDegrees(point.lat_deg, point.lon_deg).Normalized().ToPoint();
  // A little more than asked: cells and haversine round differently, the exact distance is checked afterwards.
  return FromCells(CellsOf(S2Cap{center, AngleOf(radius_m * 1.0001 + 0.01)}, 16));
}

Covering CoverBox(double west, double south, double east, double north) {
  const S2LatLngRect box{R1Interval{S1Angle::Degrees(south).radians(), S1Angle::Degrees(north).radians()},
                         S1Interval{S1Angle::Degrees(west).radians(), S1Angle::Degrees(east).radians()}};
  return FromCells(CellsOf(box, 16));
}

Result<GeoQuery> GeoQuery::Parse(std::string_view georel, std::string_view geometry, std::string_view coordinates,
                                 std::string property) {
  const auto bad = [](std::string_view why) {
    return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "geo-query: {}", why);
  };
  constexpr std::array<std::pair<std::string_view, GeoRelation>, 6> kRelations{
      {{"within", GeoRelation::kWithin},
       {"contains", GeoRelation::kContains},
       {"intersects", GeoRelation::kIntersects},
       {"equals", GeoRelation::kEquals},
       {"disjoint", GeoRelation::kDisjoint},
       {"overlaps", GeoRelation::kOverlaps}}};
  GeoQuery query;
  query.property = std::move(property);
  const auto known = std::ranges::find(kRelations, georel, &std::pair<std::string_view, GeoRelation>::first);
  if (known != kRelations.end()) {
    query.relation = known->second;
  } else if (georel.starts_with("near;maxDistance==") || georel.starts_with("near;minDistance==")) {
    query.relation = georel.starts_with("near;max") ? GeoRelation::kNearMax : GeoRelation::kNearMin;
    const auto number = georel.substr(std::string_view{"near;maxDistance=="}.size());
    const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), query.distance_m);
    if (error != std::errc{} || rest != number.data() + number.size() || !std::isfinite(query.distance_m) ||
        query.distance_m <= 0) {
      return bad("the distance of near is a number of metres above 0");
    }
  } else {
    return bad(
        "georel is near;maxDistance==N, near;minDistance==N, within, contains, intersects, equals, disjoint or "
        "overlaps");
  }
  if (geometry.empty() || coordinates.empty()) return bad("georel needs geometry and coordinates");
  auto nested = json::Parse(coordinates);
  if (!nested) return bad("coordinates are no JSON");
  json::Value value;
  value.Set("type", std::string(geometry));
  value.Set("coordinates", std::move(*nested));
  auto reference = Geometry::Read(value);
  if (!reference) return bad(reference.error().message);
  query.reference = std::make_shared<const Geometry>(std::move(*reference));
  return query;
}

bool GeoQuery::Matches(const Geometry& geometry) const {
  switch (relation) {
    case GeoRelation::kNearMax:
      return geometry.DistanceTo(*reference) <= distance_m;
    case GeoRelation::kNearMin:
      return geometry.DistanceTo(*reference) >= distance_m;
    case GeoRelation::kWithin:
      return reference->Contains(geometry);
    case GeoRelation::kContains:
      return geometry.Contains(*reference);
    case GeoRelation::kIntersects:
      return reference->Intersects(geometry);
    case GeoRelation::kEquals:
      return reference->Equals(geometry);
    case GeoRelation::kDisjoint:
      return !reference->Intersects(geometry);
    case GeoRelation::kOverlaps:
      return reference->Overlaps(geometry);
  }
  return false;
}

std::optional<Covering> GeoQuery::Candidates() const {
  if (relation == GeoRelation::kNearMin || relation == GeoRelation::kDisjoint) return std::nullopt;
  return reference->Cover(relation == GeoRelation::kNearMax ? distance_m : 0);
}

}  // namespace bongsu::context
