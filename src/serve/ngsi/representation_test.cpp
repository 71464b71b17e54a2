// SPDX-License-Identifier: Apache-2.0
// How entities are shown.
#include "serve/ngsi/ngsi_fake.hpp"

namespace bongsu::ngsi {
namespace {

TEST_F(NgsiTest, GivesTheRepresentationAskedFor) {
  Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"));
  const std::string at = "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1";

  EXPECT_EQ(
      Body(Send("GET", at + "?options=keyValues")),
      json::Parse(R"({"id":"urn:ngsi-ld:Camera:C-1","type":"Camera","name":{"languageMap":{"ko":"시장","en":"Market"}},
              "location":{"type":"Point","coordinates":[126.6,35.8]},"azimuth":90,"refSwitch":"urn:ngsi-ld:NetworkSwitch:SW-1"})")
          .value());
  EXPECT_EQ(
      Body(Send("GET", at + "?format=concise")),
      json::Parse(R"({"id":"urn:ngsi-ld:Camera:C-1","type":"Camera","name":{"languageMap":{"ko":"시장","en":"Market"}},
              "location":{"type":"Point","coordinates":[126.6,35.8]},"azimuth":{"value":90,"unitCode":"DD","observedAt":"2026-11-22T10:00:00Z"},
              "refSwitch":{"object":"urn:ngsi-ld:NetworkSwitch:SW-1"}})")
          .value());
  const auto times = Body(Send("GET", at + "?options=sysAttrs"));
  EXPECT_FALSE(times["createdAt"].IsNull());
  EXPECT_FALSE(times["azimuth"]["modifiedAt"].IsNull());
  EXPECT_EQ(Body(Send("GET", at + "?attrs=azimuth")).AsObject().size(), 3U);
  EXPECT_EQ(Send("GET", at + "?attrs=nothing").status, 404);
  EXPECT_EQ(Body(Send("GET", at + "?pick=id,azimuth")).AsObject().size(), 2U);
  EXPECT_EQ(Body(Send("GET", at + "?omit=azimuth,name")).AsObject().size(), 4U);
  EXPECT_EQ(Send("GET", at + "?pick=a&omit=a").status, 400);
  EXPECT_EQ(Body(Send("GET", at + "?lang=fr;q=0.2,en"))["name"],
            json::Parse(R"({"type":"Property","value":"Market","lang":"en"})").value());
  EXPECT_EQ(Body(Send("GET", at + "?lang=ko&options=keyValues"))["name"].AsString(), "시장");

  const auto feature =
      Send("GET", at + "?options=keyValues", {}, {{"Accept", "application/geo+json"}, {"Prefer", "body=json"}});
  EXPECT_EQ(feature.content_type, "application/geo+json");
  EXPECT_EQ(Body(feature)["type"].AsString(), "Feature");
  EXPECT_EQ(Body(feature)["geometry"]["type"].AsString(), "Point");
  EXPECT_EQ(Body(feature)["properties"]["azimuth"].AsInt(), 90);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=Camera", {}, {{"Accept", "application/geo+json"}}))["features"]
                .AsArray()
                .size(),
            1U);
}

TEST_F(NgsiTest, SaysEntitiesForReadersOfAnEarlierVersion) {
  Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1","type":"T","colour":{"vocab":"blue"}})");

  const auto altered = Send("GET", "/ngsi-ld/v1/entities/urn:a:1", {}, {{"Prefer", "NGSI-LD=\"1.5\""}});
  const auto same = Send("GET", "/ngsi-ld/v1/entities?type=T", {}, {{"Prefer", "ngsi-ld=1.9"}});

  EXPECT_EQ(altered.status, 203);
  EXPECT_EQ(http::HeaderOf(altered.headers, "Preference-Applied"), "ngsi-ld=1.5");
  EXPECT_EQ(Body(altered)["colour"]["type"].AsString(), "Property");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(http::HeaderOf(same.headers, "Preference-Applied"), "ngsi-ld=1.9");
}

TEST_F(NgsiTest, KeepsAProofWithWhatItSeals) {
  const auto send = [&](const std::string& attribute) {
    return Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1","type":"Car",)" + attribute + "}", kLink).status;
  };
  EXPECT_EQ(send(R"("speed":{"value":1,"entityIdSealed":"urn:a:1"})"), 400);
  EXPECT_EQ(send(R"("ngsildproof":{"value":"text"})"), 400);
  EXPECT_EQ(send(R"("ngsildproof":{"value":{"k":1},"entityTypeSealed":42})"), 400);

  EXPECT_EQ(send(R"("ngsildproof":{"value":{"k":1},"entityIdSealed":"urn:a:1","entityTypeSealed":"Car"})"), 201);

  const auto proof = Body(Send("GET", "/ngsi-ld/v1/entities/urn:a:1", {}, kLink))["ngsildproof"];
  EXPECT_EQ(proof["entityTypeSealed"].AsString(), "Car");
  EXPECT_EQ(proof["entityIdSealed"].AsString(), "urn:a:1");
}

TEST_F(NgsiTest, ConciseIsReadBackAsItWas) {
  Send("POST", "/ngsi-ld/v1/entities",
       R"({"id":"urn:a:1","type":"T","note":{"type":"Property","value":{"value":"x","docUri":"y"}},)"
       R"("empty":{"type":"Property","value":{}},"list":{"type":"Property","value":[{"object":"urn:b:1"}]}})");
  const auto normalized = Body(Send("GET", "/ngsi-ld/v1/entities/urn:a:1"));

  const auto concise = Send("GET", "/ngsi-ld/v1/entities/urn:a:1?format=concise").body;
  EXPECT_EQ(Send("PUT", "/ngsi-ld/v1/entities/urn:a:1", concise).status, 204);

  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities/urn:a:1")), normalized) << concise;
}

TEST_F(NgsiTest, ConcisePropertyOfAGeometryStaysAProperty) {
  Send("POST", "/ngsi-ld/v1/entities",
       R"({"id":"urn:a:1","type":"T","area":{"type":"Property","value":{"type":"Point","coordinates":[1,2]}}})");

  const auto concise = Body(Send("GET", "/ngsi-ld/v1/entities/urn:a:1?format=concise"));

  EXPECT_EQ(concise["area"],
            json::Parse(R"({"type":"Property","value":{"type":"Point","coordinates":[1,2]}})").value());
}

TEST_F(NgsiTest, OmitThatLeavesNothingIsNotFound) {
  Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1","type":"T","name":"x"})");

  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities/urn:a:1?omit=id,type,name").status, 404);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=T&attrs=name&datasetId=urn:d:1")).AsArray().size(), 1U);
  EXPECT_EQ(Type(Send("POST", "/ngsi-ld/v1/entities", "[]")), "InvalidRequest");
}

}  // namespace
}  // namespace bongsu::ngsi
