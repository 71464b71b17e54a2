// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/mapping.hpp"

#include <gtest/gtest.h>

#include "sense/ingest/decode.hpp"

namespace bongsu::ingest {
namespace {

const TimePoint kArrived = *ParseTime("2026-11-22T01:00:01Z");

Mapping Load(std::string_view text) {
  auto node = yaml::Parse(text, "m.yaml");
  EXPECT_TRUE(node) << node.error().message;
  auto mapping = Mapping::Load(*node, "m.yaml");
  EXPECT_TRUE(mapping) << mapping.error().message;
  return *std::move(mapping);
}

std::string Complaint(std::string_view text) {
  auto node = yaml::Parse(text, "m.yaml");
  if (!node) return node.error().message;
  const auto mapping = Mapping::Load(*node, "m.yaml");
  return mapping ? "" : mapping.error().message;
}

std::vector<Result<Meaning>> Apply(const Mapping& mapping, std::string_view bytes, std::string_view topic = {},
                                   Surroundings surroundings = {}) {
  const auto document = Decode(mapping.format(), bytes);
  EXPECT_TRUE(document) << document.error().message;
  static const Zone seoul = *Zone::Load("Asia/Seoul");
  Scope scope{.message = &*document,
              .root = &*document,
              .topic = topic,
              .groups = nullptr,
              .source = "s",
              .tenant = "default",
              .arrived = kArrived,
              .zone = &seoul};
  Groups groups;
  EXPECT_TRUE(mapping.Matches(scope, groups));
  scope.groups = &groups;
  return mapping.Apply(scope, surroundings);
}

constexpr std::string_view kAir = R"(
mapping: air-reading
match: {topic: "city/air/+/obs"}
event:
  type: air.reading
  class: observation
  admission: observation
  logsource: {category: sensor, product: air}
  id: "{topic}-{/ts}"
  time: {from: /ts}
  entity: "urn:ngsi-ld:AirQualityStation:{topic.2}"
  fields: {pm25: {from: /pm25, type: number}, temp: /temp, note: /note}
entity:
  type: AirQualityStation
  attributes:
    pm25: {from: /pm25, type: number, unit: GQ}
)";

TEST(Mapping, TurnsAReadingIntoAnEventAndAChangeOfItsStation) {
  const Mapping mapping = Load(kAir);

  const auto meanings =
      Apply(mapping, R"({"id":"AQ-01","ts":"2026-11-22T01:00:00.000Z","pm25":17,"temp":8.1,"note":"  "})",
            "city/air/AQ-01/obs");

  ASSERT_EQ(meanings.size(), 1U);
  ASSERT_TRUE(meanings[0]) << meanings[0].error().message;
  const model::Event& event = meanings[0]->event;
  EXPECT_EQ(event.id, "city/air/AQ-01/obs-2026-11-22T01:00:00.000Z");
  EXPECT_EQ(FormatUtc(event.at), "2026-11-22T01:00:00Z");
  EXPECT_EQ(json::ToString(json::Value{event.fields}), R"({"pm25":17,"temp":8.1})");
  ASSERT_EQ(meanings[0]->patches.size(), 1U);
  EXPECT_EQ(
      json::ToString(meanings[0]->patches[0].body),
      R"({"id":"urn:ngsi-ld:AirQualityStation:AQ-01","type":"https://uri.etsi.org/ngsi-ld/default-context/AirQualityStation",)"
      R"("https://uri.etsi.org/ngsi-ld/default-context/pm25":{"type":"Property","value":17,"unitCode":"GQ","observedAt":"2026-11-22T01:00:00Z"}})");
}

TEST(Mapping, LeavesABlankCellOutButRefusesAValueOfTheWrongType) {
  const Mapping mapping = Load(kAir);

  const auto blank = Apply(mapping, R"({"ts":"2026-11-22T01:00:00Z","pm25":""})", "city/air/AQ-01/obs");
  const auto wrong = Apply(mapping, R"({"ts":"2026-11-22T01:00:00Z","pm25":"n/a"})", "city/air/AQ-01/obs");

  ASSERT_TRUE(blank[0]);
  EXPECT_TRUE(blank[0]->event.fields.empty());
  EXPECT_TRUE(blank[0]->patches.empty());
  ASSERT_FALSE(wrong[0]);
  EXPECT_EQ(wrong[0].error().reason, "mapping.bad_value");
}

TEST(Mapping, NamesLineAndColumnOfAKeyItDoesNotKnow) {
  EXPECT_EQ(Complaint("mapping: a\nevent:\n  type: x\n  colour: red\n").substr(0, 14), "m.yaml:4:3: 'c");
  EXPECT_EQ(Complaint("mapping: a\nevent:\n  type: x\n  fields: {a: pm25}\n").substr(0, 16), "m.yaml:4:15: 'pm");
  EXPECT_EQ(Complaint("mapping: a\nmatch: {msg_pattern: \"(\"}\nevent: {type: x}\n").substr(0, 11), "m.yaml:2:22");
  EXPECT_NE(Complaint("mapping: a\n"), "");
  EXPECT_NE(Complaint("mapping: a\nevent:\n  type: x\n  fields: {a: {from: /a, table: none}}\n"), "");
  EXPECT_NE(Complaint("mapping: a\nevent:\n  type: x\n  place: {x: /x, y: /y, crs: EPSG:999999}\n"), "");
}

TEST(Mapping, GivesOneMeaningForEachElementAndSeesTheRootThroughACaret) {
  const Mapping mapping = Load(R"(
mapping: messages
match: {path: /header/resultCode, equals: "00"}
each: /body
event: {type: disaster.message, id: "{/SN}", time: {from: /CRT_DT, format: "%Y/%m/%d %H:%M:%S"}, fields: {text: /MSG_CN, code: ^/header/resultCode}}
)");

  const auto meanings = Apply(
      mapping,
      R"({"header":{"resultCode":"00"},"body":[{"SN":1,"CRT_DT":"2026/11/22 14:25:00","MSG_CN":"a"},{"SN":2,"CRT_DT":"2026/11/22 25:25:00"}]})");

  ASSERT_EQ(meanings.size(), 2U);
  ASSERT_TRUE(meanings[0]);
  EXPECT_EQ(FormatUtc(meanings[0]->event.at), "2026-11-22T05:25:00Z");
  EXPECT_EQ(json::ToString(json::Value{meanings[0]->event.fields}), R"({"text":"a","code":"00"})");
  ASSERT_FALSE(meanings[1]);
  EXPECT_EQ(meanings[1].error().reason, "mapping.bad_time");
}

TEST(Mapping, ReadsTablesCasesAndConstants) {
  const Mapping mapping = Load(R"(
mapping: m
tables: {cmd: {"발표": issued, "해제": lifted}}
event:
  type: "facility.{/kind}"
  id: none
  fields:
    command: {from: /cmd, table: cmd}
    lamp: {cases: [{where: [{path: /command, equals: on}, {path: /lit, equals: 0}], then: dark}], else: fine}
    fixed: {value: 3}
)");

  const auto meanings = Apply(mapping, R"({"kind":"x","cmd":"발표","command":"on","lit":0})");

  ASSERT_TRUE(meanings[0]);
  EXPECT_TRUE(meanings[0]->without_identity);
  EXPECT_EQ(meanings[0]->event.type, "facility.x");
  EXPECT_EQ(json::ToString(json::Value{meanings[0]->event.fields}), R"({"command":"issued","lamp":"dark","fixed":3})");
}

TEST(Mapping, BringsKoreanGridCoordinatesToWgs84AndSwapsWhatIsSwapped) {
  const Mapping grid = Load("mapping: g\nevent: {type: x, id: none, place: {x: /x, y: /y, crs: EPSG:5186}}\n");
  const Mapping degrees = Load("mapping: d\nevent: {type: x, id: none, place: {lat: /lat, lon: /lon}}\n");

  const auto seoul = Apply(grid, R"({"x":200000,"y":600000})");
  const auto swapped = Apply(degrees, R"({"lat":"126.607190","lon":"35.808360"})");
  const auto nowhere = Apply(degrees, R"({"lat":"0","lon":"0"})");

  ASSERT_TRUE(seoul[0] && seoul[0]->event.place);
  EXPECT_NEAR(seoul[0]->event.place->point.lat_deg, 38.0, 1e-6);
  EXPECT_NEAR(seoul[0]->event.place->point.lon_deg, 127.0, 1e-6);
  ASSERT_TRUE(swapped[0] && swapped[0]->event.place);
  EXPECT_NEAR(swapped[0]->event.place->point.lat_deg, 35.808360, 1e-9);
  ASSERT_TRUE(nowhere[0]);
  EXPECT_FALSE(nowhere[0]->event.place);
}

TEST(Mapping, TakesThePlaceOfTheEntityAndSaysWhetherAPointIsInTheCity) {
  const Mapping by_entity = Load("mapping: e\nevent: {type: x, id: none, entity: \"urn:x:{/id}\"}\n");
  const Mapping by_point =
      Load("mapping: p\nevent: {type: x, id: none, place: {lat: /lat, lon: /lon, outside: quarantine}}\n");
  model::Place known;
  known.point = {35.8, 126.6};
  const Surroundings around{
      .place_of = [&](std::string_view id) { return id == "urn:x:1" ? std::optional{known} : std::nullopt; },
      .in_city = [](model::LatLon point) { return std::optional{point.lat_deg < 36}; }};

  const auto there = Apply(by_entity, R"({"id":"1"})", {}, around);
  const auto inside = Apply(by_point, R"({"lat":35.8,"lon":126.6})", {}, around);
  const auto outside = Apply(by_point, R"({"lat":37.5,"lon":127})", {}, around);

  ASSERT_TRUE(there[0] && there[0]->event.place);
  EXPECT_EQ(there[0]->event.place->entity, "urn:x:1");
  ASSERT_TRUE(inside[0]);
  EXPECT_EQ(json::ToString(json::Value{inside[0]->event.fields}), R"({"in_city":true})");
  ASSERT_FALSE(outside[0]);
  EXPECT_EQ(outside[0].error().reason, "place.outside");
}

TEST(Mapping, ReadsPlainNumbersCsvLinesFormsAndTexts) {
  const Mapping plain = Load("mapping: a\nevent: {type: pump.level, id: none, fields: {level: \"\"}}\n");
  const Mapping csv = Load(
      "mapping: b\nformat: csv-line\ncolumns: [t, v]\nevent: {type: x, id: none, fields: {v: {from: /v, type: "
      "number}}}\n");
  const Mapping form = Load("mapping: c\nformat: form\nevent: {type: x, id: none, fields: {v: /v}}\n");
  const Mapping text = Load(
      "mapping: d\nformat: text\npattern: '^T=(?P<t>[0-9.]+)'\nevent: {type: x, id: none, fields: {t: {from: /t, type: "
      "number, scale: 2}}}\n");

  EXPECT_EQ(json::ToString(json::Value{Apply(plain, "0.82")[0]->event.fields}), R"({"level":0.82})");
  EXPECT_EQ(json::ToString(json::Value{Apply(csv, "a,\"1\"")[0]->event.fields}), R"({"v":1})");
  EXPECT_EQ(json::ToString(json::Value{Apply(form, "v=a%20b&w=1")[0]->event.fields}), R"({"v":"a b"})");
  EXPECT_EQ(json::ToString(json::Value{Apply(text, "T=4.5 ok")[0]->event.fields}), R"({"t":9})");
}

TEST(Zone, KnowsSummerTimeAndTakesTheFirstOfARepeatedHour) {
  const Zone denver = *Zone::Load("America/Denver");

  EXPECT_EQ(FormatUtc(denver.ToUtc(*ParseTime("2019-05-03T05:07:00Z"))), "2019-05-03T11:07:00Z");
  EXPECT_EQ(FormatUtc(denver.ToUtc(*ParseTime("2019-01-03T05:07:00Z"))), "2019-01-03T12:07:00Z");
  EXPECT_EQ(FormatUtc(denver.ToUtc(*ParseTime("2019-11-03T01:30:00Z"))), "2019-11-03T07:30:00Z");
  EXPECT_EQ(FormatUtc(Zone::Load("+09:00")->ToUtc(*ParseTime("2026-11-22T10:00:00Z"))), "2026-11-22T01:00:00Z");
  EXPECT_FALSE(Zone::Load("Mars/Olympus"));
  EXPECT_FALSE(Zone::Load("../../etc/passwd"));
}

TEST(TopicFilter, FollowsTheRulesOfTheStandard) {
  EXPECT_TRUE(TopicMatches("city/+/AQ-01/obs", "city/air/AQ-01/obs"));
  EXPECT_TRUE(TopicMatches("city/#", "city"));
  EXPECT_TRUE(TopicMatches("#", "a/b"));
  EXPECT_FALSE(TopicMatches("#", "$SYS/x"));
  EXPECT_FALSE(TopicMatches("city/+", "city/a/b"));
  EXPECT_FALSE(TopicMatches("city/a", "city/a/b"));
}

}  // namespace
}  // namespace bongsu::ingest
