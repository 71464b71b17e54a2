// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/boundary.hpp"

namespace bongsu::ingest {
namespace {

auto Bad(std::string_view why) { return Fail(Code::kInvalidArgument, "boundary.bad", "the city's boundary: {}", why); }

}  // namespace

Result<void> Boundary::Add(const json::Value& geometry) {
  const std::string_view type = geometry["type"].AsString();
  if (type == "FeatureCollection") {
    for (const json::Value& feature : geometry["features"].AsArray()) BONGSU_CHECK(Add(feature));
    return {};
  }
  if (type == "Feature") return Add(geometry["geometry"]);
  if (type == "MultiPolygon") {
    for (const json::Value& polygon : geometry["coordinates"].AsArray()) {
      json::Value one;
      one.Set("type", "Polygon");
      one.Set("coordinates", polygon);
      BONGSU_CHECK(Add(one));
    }
    return {};
  }
  if (type != "Polygon") return Bad("a Polygon or MultiPolygon is expected");
  for (const json::Value& ring : geometry["coordinates"].AsArray()) {
    Ring points;
    for (const json::Value& point : ring.AsArray()) {
      if (point.AsArray().size() < 2) return Bad("a point has less than two numbers");
      points.push_back({point.AsArray()[1].AsDouble(), point.AsArray()[0].AsDouble()});
    }
    if (points.size() < 4) return Bad("a ring has less than four points");
    rings_.push_back(std::move(points));
  }
  return {};
}

Result<Boundary> Boundary::FromGeoJson(const json::Value& geometry) {
  Boundary made;
  BONGSU_CHECK(made.Add(geometry));
  if (made.rings_.empty()) return Bad("it has no ring");
  return made;
}

Boundary Boundary::FromBox(double west, double south, double east, double north) {
  Boundary made;
  made.rings_.push_back({{south, west}, {south, east}, {north, east}, {north, west}, {south, west}});
  return made;
}

bool Boundary::Contains(model::LatLon point) const {
  bool inside = false;
  for (const Ring& ring : rings_) {
    for (std::size_t i = 0, before = ring.size() - 1; i < ring.size(); before = i++) {
      const model::LatLon a = ring[i];
      const model::LatLon b = ring[before];
      if ((a.lat_deg > point.lat_deg) == (b.lat_deg > point.lat_deg)) continue;
      const double crossing =
          (b.lon_deg - a.lon_deg) * (point.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg) + a.lon_deg;
      if (point.lon_deg < crossing) inside = !inside;
    }
  }
  return inside;
}

}  // namespace bongsu::ingest
