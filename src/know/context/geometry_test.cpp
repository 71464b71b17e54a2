// SPDX-License-Identifier: Apache-2.0
#include "know/context/geometry.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace bongsu::context {
namespace {

Geometry Read(std::string_view type, std::string_view coordinates) {
  json::Value value = json::Object{{"type", type}, {"coordinates", json::Parse(coordinates).value()}};
  return Geometry::Read(value).value();
}

bool Has(const Geometry& geometry, std::string_view point) { return geometry.Contains(Read("Point", point)); }

TEST(GeometryTest, HolesAreOutsideAndRingsMayTurnEitherWay) {
  const auto clockwise = Read("Polygon", "[[[0,0],[0,10],[10,10],[10,0],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]");
  const auto inside = Read("Point", "[2,2]");
  const auto in_hole = Read("Point", "[5,5]");
  const auto line = Read("LineString", "[[-5,2],[20,2]]");
  const auto other = Read("Polygon", "[[[5,-5],[15,-5],[15,5],[5,5],[5,-5]]]");

  EXPECT_TRUE(clockwise.Contains(inside));
  EXPECT_FALSE(clockwise.Contains(in_hole));
  EXPECT_TRUE(clockwise.Intersects(line));
  EXPECT_FALSE(clockwise.Contains(line));
  EXPECT_TRUE(clockwise.Overlaps(other));
  EXPECT_FALSE(clockwise.Overlaps(line));
  EXPECT_TRUE(inside.Equals(inside));
  EXPECT_NEAR(line.DistanceTo(in_hole), 328'400, 1'000);  // the line is an arc of a great circle, north of the parallel
}

TEST(GeometryTest, ARingThatCrossesItselfHoldsBothOfItsLobes) {
  const auto bow = Read("Polygon", "[[[0,0],[10,10],[10,0],[0,10],[0,0]]]");

  EXPECT_TRUE(Has(bow, "[1,5]"));
  EXPECT_TRUE(Has(bow, "[9,5]"));
  EXPECT_FALSE(Has(bow, "[5,1]"));
  EXPECT_FALSE(Has(bow, "[5,9]"));
  EXPECT_FALSE(Has(bow, "[100,-40]"));
  EXPECT_TRUE(bow.Equals(bow));
}

TEST(GeometryTest, ARingThatBarelyCrossesItselfIsNotTurnedInsideOut) {
  const auto building = Read("Polygon",
                             "[[[13.2865906,52.5648645],[13.2879639,52.5648645],[13.2797241,52.4988679],"
                             "[13.477478,52.4712703],[13.5049438,52.5373084],[13.2865906,52.5648645]]]");
  const auto elsewhere = Read("Polygon",
                              "[[[13.1369019,52.5198225],[13.1365585,52.5200314],[13.131752,52.4980907],"
                              "[13.1832504,52.5026887],[13.1369019,52.5198225]]]");

  EXPECT_TRUE(Has(building, "[13.39,52.52]"));
  EXPECT_FALSE(Has(building, "[13.1,52.5]"));
  EXPECT_FALSE(building.Intersects(elsewhere));
  EXPECT_NEAR(building.DistanceTo(elsewhere), 6'500, 500);
}

TEST(GeometryTest, ARepeatedPositionBoundsNothing) {
  const auto repeats = Read("Polygon", "[[[0,0],[0,0],[10,0],[10,10],[10,10],[0,10],[0,0]]]");
  const auto spike = Read("Polygon", "[[[0,0],[10,0],[20,0],[10,0],[10,10],[0,10],[0,0]]]");
  const auto touching = Read("Polygon", "[[[0,0],[5,5],[10,0],[10,10],[5,5],[0,10],[0,0]]]");
  const auto square = Read("Polygon", "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]");

  EXPECT_TRUE(repeats.Equals(square));
  EXPECT_TRUE(Has(spike, "[5,5]"));
  EXPECT_FALSE(Has(spike, "[15,0.1]"));
  EXPECT_TRUE(Has(touching, "[1,5]"));
  EXPECT_TRUE(Has(touching, "[9,5]"));
  EXPECT_FALSE(Has(touching, "[5,1]"));
}

TEST(GeometryTest, RingsThatDoNotNestCountByEvenAndOdd) {
  const auto hole_outside = Read("Polygon", "[[[0,0],[2,0],[2,2],[0,2],[0,0]],[[4,0],[6,0],[6,2],[4,2],[4,0]]]");
  const auto hole_across = Read("Polygon", "[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[2,1],[6,1],[6,3],[2,3],[2,1]]]");

  EXPECT_TRUE(Has(hole_outside, "[1,1]"));
  EXPECT_FALSE(Has(hole_outside, "[3,1]"));
  EXPECT_FALSE(Has(hole_outside, "[100,50]"));
  EXPECT_TRUE(Has(hole_across, "[1,2]"));
  EXPECT_FALSE(Has(hole_across, "[3,2]"));
  EXPECT_TRUE(Has(hole_across, "[5,2]"));
}

TEST(GeometryTest, PolygonsOfOneGeometryMayOverlap) {
  const auto both = Read("MultiPolygon",
                         "[[[[0,0],[6,0],[6,6],[0,6],[0,0]]],[[[4,0],[10,0],[10,6],[4,6],[4,0]],"
                         "[[8,2],[9,2],[9,3],[8,3],[8,2]]]]");

  EXPECT_TRUE(Has(both, "[1,1]"));
  EXPECT_TRUE(Has(both, "[5,1]"));
  EXPECT_TRUE(Has(both, "[9.5,1]"));
  EXPECT_FALSE(Has(both, "[8.5,2.5]"));
  EXPECT_FALSE(Has(both, "[50,1]"));
}

/// Even and odd on the plane: over a thousandth of a degree at the equator the sphere says the same.
bool IsInside(const std::vector<std::pair<int, int>>& ring, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const auto [ax, ay] = ring[i];
    const auto [bx, by] = ring[(i + 1) % ring.size()];
    if ((ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay)) inside = !inside;
  }
  return inside;
}

TEST(GeometryTest, AnyRingHoldsWhatCountingItsEdgesSays) {
  std::minstd_rand random{7};
  std::size_t areas = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::pair<int, int>> ring;
    for (std::size_t i = 0; i < 4 + random() % 8; ++i)
      ring.emplace_back(static_cast<int>(random() % 6), static_cast<int>(random() % 6));
    std::string text = "[[";
    for (const auto& [x, y] : ring) text += fmt::format("[{}e-4,{}e-4],", x, y);
    text += fmt::format("[{}e-4,{}e-4]]]", ring.front().first, ring.front().second);
    const auto geometry = Geometry::Read(json::Object{{"type", "Polygon"}, {"coordinates", json::Parse(text).value()}});
    for (double x = -0.63; geometry && x < 6; x += 0.917) {
      for (double y = -0.58; y < 6; y += 0.871) {
        EXPECT_EQ(Has(*geometry, fmt::format("[{}e-4,{}e-4]", x, y)), IsInside(ring, x, y)) << text << x << ' ' << y;
      }
    }
    areas += geometry ? 1 : 0;
  }
  EXPECT_GT(areas, 250U);
}

TEST(GeometryTest, AnAreaThatGoesOutAndBackIsNone) {
  const auto flat = json::Parse(R"({"type":"Polygon","coordinates":[[[0,0],[5,5],[0,0],[5,5],[0,0]]]})").value();

  EXPECT_EQ(Geometry::Read(flat).error().reason, "geo.bad");
}

}  // namespace
}  // namespace bongsu::context
