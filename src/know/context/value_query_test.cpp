// SPDX-License-Identifier: Apache-2.0
#include "know/context/value_query.hpp"

#include <gtest/gtest.h>

#include "know/context/patch.hpp"
#include "know/context/selection.hpp"

namespace bongsu::context {
namespace {

std::string AddPrefix(std::string_view name) {
  return name.find(':') != std::string_view::npos ? std::string(name) : "x:" + std::string(name);
}

class ValueQueryTest : public ::testing::Test {
 protected:
  ValueQueryTest() {
    const auto body = json::Parse(R"~({"type":["x:Car","x:Vehicle"],"scope":["/Madrid/Centro","/Seoul"],
      "x:speed":[{"type":"Property","value":55,"observedAt":"2026-11-22T10:00:00Z","x:source":{"type":"Property","value":"radar"}},
                 {"type":"Property","value":80,"datasetId":"urn:d:1"}],
      "x:brand":{"type":"Property","value":"Hyundai (Ulsan)"},
      "x:tags":{"type":"Property","value":["red","fast"]},
      "x:address":{"type":"Property","value":{"city":"Seoul","geo":{"zone":3}}},
      "x:on":{"type":"Property","value":true},
      "x:since":{"type":"Property","value":{"@type":"DateTime","@value":"2026-01-02T00:00:00Z"}},
      "x:owner":{"type":"Relationship","object":"urn:ngsi-ld:Person:1"},
      "x:parts":{"type":"Relationship","object":["urn:p:1","urn:p:2"]},
      "x:label":{"type":"LanguageProperty","languageMap":{"ko":"차","en":"car"}},
      "x:colour":{"type":"VocabProperty","vocab":"x:blue"},
      "x:raw":{"type":"JsonProperty","json":{"k":{"m":5}}}})~");
    ApplyPatch(entity_, {model::PatchOp::kCreate, "urn:car:1", *body}, FromMicros(1'764'000'000'000'000), names_);
  }

  bool Matches(std::string_view q) const {
    const auto query = ValueQuery::Parse(q, {AddPrefix, {"x:colour"}});
    EXPECT_TRUE(query) << q << ": " << (query ? "" : query.error().message);
    return query && query->Matches(*entity_);
  }

  Names names_;
  std::unique_ptr<Entity> entity_;
};

TEST_F(ValueQueryTest, AsksLinkedEntitiesOnceTheyAreKnown) {
  const auto query = ValueQuery::Parse(R"(owner{Person,Firm:works{name}}=="Kim";speed)", {AddPrefix, {}, true}).value();

  const auto links = query.links();

  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(query.linked_depth(), 2U);
  EXPECT_TRUE(links[0]->types.empty());
  EXPECT_EQ(links[1]->types, (std::vector<std::string>{"x:Person", "x:Firm"}));
  EXPECT_FALSE(query.Matches(*entity_));
  links[1]->ids = std::make_shared<const std::unordered_set<std::string>>(std::unordered_set<std::string>{"urn:x:2"});
  EXPECT_FALSE(query.Matches(*entity_));
  links[1]->ids =
      std::make_shared<const std::unordered_set<std::string>>(std::unordered_set<std::string>{"urn:ngsi-ld:Person:1"});
  EXPECT_TRUE(query.Matches(*entity_));
}

TEST_F(ValueQueryTest, AsksWhoeverKnowsWhereALinkLeads) {
  const auto query = ValueQuery::Parse(R"(owner{Person:name}=="Kim")", {AddPrefix, {}, true}).value();
  std::vector<std::string> asked;
  const auto reach = [&](bool is) {
    return [&asked, is](const ValueQuery::Link& link, const std::string& id) {
      asked.push_back(id + " " + link.types.front());
      return is;
    };
  };

  EXPECT_TRUE(query.Matches(*entity_, reach(true)));
  EXPECT_FALSE(query.Matches(*entity_, reach(false)));
  EXPECT_EQ(asked, (std::vector<std::string>{"urn:ngsi-ld:Person:1 x:Person", "urn:ngsi-ld:Person:1 x:Person"}));
}

TEST_F(ValueQueryTest, OpenedHoldsForWhateverALinkMayLeadTo) {
  const auto parse = [](const char* q) { return ValueQuery::Parse(q, {AddPrefix, {}, true}).value(); };

  EXPECT_FALSE(parse(R"(owner{name}=="Kim")").Matches(*entity_));
  EXPECT_TRUE(parse(R"(owner{name}=="Kim")").Opened().Matches(*entity_));
  EXPECT_TRUE(parse(R"(!owner{name})").Opened().Matches(*entity_));
  EXPECT_FALSE(parse(R"(owner{name}=="Kim";nothing)").Opened().Matches(*entity_));
}

TEST_F(ValueQueryTest, ALinkMeansEntitiesOfItsTypesThatSayItsTerm) {
  const auto query = ValueQuery::Parse(R"(a{Other:colour})", {AddPrefix, {}, true}).value();
  const auto any = ValueQuery::Parse(R"(a{colour})", {AddPrefix, {}, true}).value();
  const auto nobody = [](const ValueQuery::Link&, const std::string&) { return false; };

  EXPECT_FALSE(ValueQuery::Means(*query.links().front(), *entity_, nobody));
  EXPECT_TRUE(ValueQuery::Means(*any.links().front(), *entity_, nobody));
}

TEST_F(ValueQueryTest, WhatALinkedEntityIsAskedHasTheOperator) {
  const auto query = ValueQuery::Parse(R"(parts{brand}~="^Hyun")", {AddPrefix, {}, true}).value();

  const auto asked = ValueQuery::Of(*query.links().front());

  EXPECT_TRUE(asked.Matches(*entity_));
  EXPECT_FALSE(ValueQuery::Parse("parts{brand}", {AddPrefix, {}, false}));
  for (const auto* q :
       {"parts{}", "parts{brand", "parts{:brand}", "parts{A,:brand}", "parts{brand}}", "parts{{brand}}"})
    EXPECT_FALSE(ValueQuery::Parse(q, {AddPrefix, {}, true})) << q;
}

TEST_F(ValueQueryTest, TakesAWordWithoutQuotesAsATerm) {
  EXPECT_TRUE(Matches("colour==blue"));  // expanded
  EXPECT_TRUE(Matches("tags==red,green"));
  EXPECT_FALSE(Matches("brand==Kia"));
}

TEST_F(ValueQueryTest, MatchesWhatTheGrammarSays) {
  for (const auto* q : {"speed",
                        "speed==55",
                        "speed==80",
                        "speed>=55;brand",
                        "speed<10|on==true",
                        "(speed<10|on==true);tags",
                        "speed==50..60",
                        "speed==1,2,55",
                        "speed!=1,2,3",
                        "brand==\"Hyundai (Ulsan)\"",
                        "brand~=\"^Hyun\"",
                        "brand~=Hyundai.*",
                        "brand!~=\"Kia\"",
                        "tags==\"red\"",
                        "tags!=\"blue\"",
                        "address[city]==\"Seoul\"",
                        "address[geo.zone]>2",
                        "address[city]",
                        "owner==urn:ngsi-ld:Person:1",
                        "owner==\"urn:ngsi-ld:Person:1\"",
                        "parts==urn:p:2",
                        "parts!=urn:p:3",
                        "label[ko]==\"차\"",
                        "label[*]==\"car\"",
                        "label==\"car\"",
                        "label[*]!=\"bus\"",
                        "colour==\"blue\"",
                        "raw[k.m]==5",
                        "speed.source==\"radar\"",
                        "speed.observedAt>2026-01-01T00:00:00Z",
                        "since>2026-01-01T00:00:00Z",
                        "since==2026-01-02T00:00:00Z",
                        "createdAt>2020-01-01T00:00:00Z",
                        "!nothing",
                        "speed.source",
                        "on!=false",
                        "brand==\"a;b|c\"|speed==55",
                        "speed!=\"55\"",
                        "((speed==55));((on==true|on==false))"}) {
    EXPECT_TRUE(Matches(q)) << q;
  }
}

TEST_F(ValueQueryTest, DoesNotMatchAnythingElse) {
  for (const auto* q : {"nothing",
                        "!speed",
                        "speed==56",
                        "speed>80",
                        "speed==\"55\"",
                        "nothing!=5",
                        "brand>5",
                        "brand~=\"^Ulsan\"",
                        "speed~=5",
                        "speed!~=5",
                        "tags!=\"red\"",
                        "address[town]",
                        "address[town]!=\"x\"",
                        "owner>urn:a:1",
                        "owner~=\"urn\"",
                        "label[fr]==\"car\"",
                        "label[*]!=\"car\"",
                        "speed.nothing",
                        "speed.unitCode==\"KMH\"",
                        "since<2026-01-01T00:00:00Z",
                        "on==false",
                        "speed==60..70",
                        "parts!=urn:p:1",
                        "speed==55;on==false"}) {
    EXPECT_FALSE(Matches(q)) << q;
  }
}

TEST_F(ValueQueryTest, RefusesWhatIsNoQuery) {
  for (const auto* q :
       {"", ";", "speed==", "speed==12abc", "speed==\"x", "speed>1,2", "speed>1..2", "(speed", "speed)", "speed[",
        "speed[]", "==5", "speed;;on", "speed|", "rel{name}==5", "brand~=\"(\"", "speed==1..\"a\"", "a b==5"}) {
    const auto query = ValueQuery::Parse(q, {AddPrefix, {}});
    ASSERT_FALSE(query) << q;
    EXPECT_EQ(query.error().reason, "ngsi.BadRequestData") << q;
  }
  EXPECT_EQ(ValueQuery::Parse(std::string(40, '(') + "a" + std::string(40, ')'), {AddPrefix, {}}).error().reason,
            "ngsi.TooComplexQuery");
}

TEST_F(ValueQueryTest, SelectsByTypeAndScope) {
  for (const auto* text : {"Car", "Bus,Car", "Bus|Vehicle", "(Car;Vehicle)", "(Bus;Car),Vehicle", "*"}) {
    EXPECT_TRUE(TypeQuery::Parse(text, AddPrefix)->Matches(*entity_)) << text;
  }
  for (const auto* text : {"Bus", "(Car;Bus)"})
    EXPECT_FALSE(TypeQuery::Parse(text, AddPrefix)->Matches(*entity_)) << text;
  for (const auto* text : {"", ",", "(Car", "Car,", "Car;"}) EXPECT_FALSE(TypeQuery::Parse(text, AddPrefix)) << text;

  for (const auto* text :
       {"/Seoul", "Seoul", "/Madrid/#", "/+/Centro", "/#", "/Rome,/Seoul", "/Seoul;/Madrid/Centro", "/Seoul/#"}) {
    EXPECT_TRUE(ScopeQuery::Parse(text)->Matches(*entity_)) << text;
  }
  for (const auto* text : {"/Madrid", "/+/Sur", "/Seoul;/Rome"})
    EXPECT_FALSE(ScopeQuery::Parse(text)->Matches(*entity_)) << text;
  for (const auto* text : {"/Ma-drid", "//", "/1a", "/#/a"}) EXPECT_FALSE(ScopeQuery::Parse(text)) << text;
}

TEST(GeoQueryTest, RefusesBadGeometriesByName) {
  const auto refused = [](std::string_view georel, std::string_view geometry, std::string_view coordinates) {
    const auto query = GeoQuery::Parse(georel, geometry, coordinates, "x:location");
    EXPECT_FALSE(query) << georel << geometry << coordinates;
    return query ? "" : query.error().reason;
  };
  for (const auto* georel :
       {"near", "near;maxDistance==0", "near;maxDistance==-1", "near;maxDistance==inf", "near;maxDistance=5", "inside",
        "", "near;maxDistance==1;minDistance==2", "near;maxDistance==1x"}) {
    EXPECT_EQ(refused(georel, "Point", "[1,2]"), "ngsi.BadRequestData") << georel;
  }
  refused("within", "Polygon", "[[1,2],[3,4]]");
  refused("within", "Polygon", "[[[1,2],[3,4],[1,2]]]");
  refused("within", "Polygon", "[[[1,2],[3,4],[5,6],[7,8]]]");
  refused("within", "Point", "[1]");
  refused("within", "Point", "[200,1]");
  refused("within", "Point", "x");
  refused("within", "GeometryCollection", "[]");
  refused("within", "", "[1,2]");
  refused("within", "Point", "");
}

}  // namespace
}  // namespace bongsu::context
