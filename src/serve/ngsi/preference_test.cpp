// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/preference.hpp"

#include <gtest/gtest.h>

namespace bongsu::ngsi {
namespace {

json::Value Said(int minor, std::string_view text) {
  json::Value value = json::Parse(text).value();
  ReadableFor(minor, value);
  return value;
}

json::Value Json(std::string_view text) { return json::Parse(text).value(); }

TEST(PreferenceTest, IsFoundAmongOthersInAnyCaseAndWithParameters) {
  EXPECT_EQ(PreferredMinor("ngsi-ld=1.5"), 5);
  EXPECT_EQ(PreferredMinor("NGSI-LD=\"1.0\";q=0.1"), 0);
  EXPECT_EQ(PreferredMinor("respond-async, ngsi-ld = 1.9"), 9);
  EXPECT_EQ(PreferredMinor("body=json"), std::nullopt);
  EXPECT_EQ(PreferredMinor("ngsi-ld=2.0"), std::nullopt);
  EXPECT_EQ(PreferredMinor("ngsi-ld=1.x"), std::nullopt);
  EXPECT_EQ(Preference("wait=10, body=json", "body"), "json");
  EXPECT_EQ(Preference("", "body"), std::nullopt);
}

TEST(PreferenceTest, NewerKindsAreReadAsPropertyOrRelationship) {
  constexpr std::string_view kEntity = R"({"id":"urn:a:1","type":"T","scope":"/A",
    "v":{"type":"VocabProperty","vocab":"blue","expiresAt":"2030-01-01T00:00:00Z"},
    "j":{"type":"JsonProperty","json":{"vocab":1}},
    "l":{"type":"ListRelationship","objectList":[{"object":"urn:b:1"}]},
    "n":{"type":"LanguageProperty","languageMap":{"en":"x"}},
    "p":{"type":"Property","value":{"vocab":2},"s":{"type":"VocabProperty","vocab":"deep"}}})";

  EXPECT_EQ(Said(5, kEntity), Json(R"({"id":"urn:a:1","type":"T","scope":"/A",
    "v":{"type":"Property","value":"blue"},
    "j":{"type":"Property","value":{"vocab":1}},
    "l":{"type":"Relationship","object":["urn:b:1"]},
    "n":{"type":"LanguageProperty","languageMap":{"en":"x"}},
    "p":{"type":"Property","value":{"vocab":2},"s":{"type":"Property","value":"deep"}}})"));
  EXPECT_EQ(Said(3, kEntity)["n"], Json(R"({"type":"Property","value":{"en":"x"}})"));
  EXPECT_EQ(Said(3, kEntity).Find("scope"), nullptr);
}

TEST(PreferenceTest, BeforeInstancesTheDefaultOneIsLeft) {
  constexpr std::string_view kEntity = R"([{"id":"urn:a:1","type":["T","U"],
    "p":[{"type":"Property","value":1,"datasetId":"urn:d:1"},{"type":"Property","value":2,"unitCode":"KMH"}]}])";

  EXPECT_EQ(Said(2, kEntity), Json(R"([{"id":"urn:a:1","type":["T","U"],"p":{"type":"Property","value":2}}])"));
  EXPECT_EQ(Said(0, kEntity).AsArray()[0]["type"].AsString(), "T");
}

TEST(PreferenceTest, SimplifiedAndGeoJsonAreFollowedToo) {
  EXPECT_EQ(Said(7, R"({"id":"urn:a:1","type":"T","v":{"vocab":"blue"},"n":{"languageMap":{"en":"x"}}})"),
            Json(R"({"id":"urn:a:1","type":"T","v":"blue","n":{"languageMap":{"en":"x"}}})"));
  EXPECT_EQ(Said(7, R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,
              "properties":{"type":"T","v":{"type":"VocabProperty","vocab":"blue"}}}]})")["features"]
                .AsArray()[0]["properties"]["v"],
            Json(R"({"type":"Property","value":"blue"})"));
}

TEST(PreferenceTest, WhatIsKnownStaysAsItIs) {
  json::Value entity = Json(R"({"id":"urn:a:1","type":"T","p":{"type":"Property","value":[1,2],"unitCode":"KMH"}})");

  EXPECT_FALSE(ReadableFor(9, entity));
  EXPECT_FALSE(ReadableFor(3, entity));
  EXPECT_TRUE(ReadableFor(1, entity));
}

}  // namespace
}  // namespace bongsu::ngsi
