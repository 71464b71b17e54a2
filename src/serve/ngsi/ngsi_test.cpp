// SPDX-License-Identifier: Apache-2.0
// Writes and reads of entities, and what is refused.
#include <filesystem>
#include <fstream>

#include "serve/ngsi/ngsi_fake.hpp"

namespace bongsu::ngsi {
namespace {

TEST_F(NgsiTest, CreatesAndGivesBackTheSameEntity) {
  const auto created = Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"));
  EXPECT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(http::HeaderOf(created.headers, "Location"), "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1");
  EXPECT_TRUE(created.body.empty());

  const auto got = Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1");

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(Body(got), json::Parse(Camera("C-1")).value()) << got.body;
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_NE(http::HeaderOf(got.headers, "Link").find("ngsi-ld-core-context"), std::string_view::npos);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1/").status, 200);
}

TEST_F(NgsiTest, SaysWhatIsWrongWithTheStandardsWords) {
  Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"));
  const auto expect = [](const http::Response& response, int status, const std::string& type) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(Type(response), type) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
  };
  expect(Send("POST", "/ngsi-ld/v1/entities", Camera("C-1")), 409, "AlreadyExists");
  expect(Send("POST", "/ngsi-ld/v1/entities", "{"), 400, "InvalidRequest");
  expect(Send("POST", "/ngsi-ld/v1/entities", "", {{"Content-Type", "application/json"}}), 400, "InvalidRequest");
  expect(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"x","type":"T"})"), 400, "BadRequestData");
  expect(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1"})"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities/urn:a:404"), 404, "ResourceNotFound");
  expect(Send("GET", "/ngsi-ld/v1/entities/notauri"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&invalidParam=x"), 400, "InvalidRequest");
  expect(Send("GET", "/ngsi-ld/v1/entities"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?id=urn:a:1"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&count=True"), 400, "InvalidRequest");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=-1"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=0"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=50000"), 403, "TooManyResults");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&options=pretty"), 400, "InvalidRequest");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera", {}, {{"NGSILD-Tenant", "nowhere"}}), 404, "NonexistentTenant");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera", {},
              {{"Link", R"(<https://no.where/c.jsonld>; rel="http://www.w3.org/ns/json-ld#context")"}}),
         504, "LdContextNotAvailable");
  expect(Send("POST", "/ngsi-ld/v1/csourceRegistrations", "{}"), 501, "OperationNotSupported");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&orderBy=location;dist-asc"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&orderBy=azimuth;up"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/entities?type=Camera&orderBy=name&collation=!!nope"), 400, "BadRequestData");
  expect(Send("GET", "/ngsi-ld/v1/nothing"), 404, "ResourceNotFound");
  expect(Send("DELETE", "/ngsi-ld/v1/entities/urn:a:404"), 404, "ResourceNotFound");

  const auto wrong_verb = Send("PUT", "/ngsi-ld/v1/entityOperations/create", "[]");
  EXPECT_EQ(wrong_verb.status, 405);
  EXPECT_EQ(http::HeaderOf(wrong_verb.headers, "Allow"), "POST");
  const auto wrong_type = Send("POST", "/ngsi-ld/v1/entities", "x", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(wrong_type.status, 415);
  EXPECT_TRUE(wrong_type.body.empty());
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities?type=Camera", {}, {{"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/types", {}, {{"Accept", "application/geo+json"}}).status, 406);
  without_length_ = true;
  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entities", Camera("C-2")).status, 411);
}

TEST_F(NgsiTest, RefusesWhatBreaksTheDataModel) {
  for (const auto* attribute : {R"({"type":"Peoperty","value":1})",
                                R"({"type":"Property"})",
                                R"({"type":"Property","value":null})",
                                "{}",
                                "null",
                                R"({"type":"Relationship","object":"no uri"})",
                                R"({"type":"Relationship","value":"urn:a:1"})",
                                R"({"type":"Property","value":1,"object":"urn:a:1"})",
                                R"({"type":"LanguageProperty","languageMap":{}})",
                                R"({"type":"LanguageProperty","languageMap":{"en":5}})",
                                R"({"type":"GeoProperty","value":{"type":"Point","coordinates":[1]}})",
                                R"({"type":"Property","value":1,"observedAt":"yesterday"})",
                                R"({"type":"Property","value":1,"observedAt":"2026-11-22T10:00:00+09:00"})",
                                R"({"type":"Property","value":1,"datasetId":"x"})",
                                R"({"type":"Property","value":"urn:ngsi-ld:null"})",
                                R"([{"type":"Property","value":1},{"type":"Property","value":2}])",
                                R"({"type":"JsonProperty","json":5})",
                                R"({"type":"ListProperty","valueList":5})",
                                R"({"type":"VocabProperty","vocab":5})",
                                R"({"type":"Relationship","object":"urn:a:1","unitCode":"X"})",
                                R"({"type":"Property","value":1,"@context":"x"})"}) {
    const auto response =
        Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1","type":"T","x":)" + std::string(attribute) + "}");
    EXPECT_EQ(response.status, 400) << attribute;
    EXPECT_EQ(Type(response), "BadRequestData") << attribute;
  }
  for (const auto* member : {R"("observedAt":{"type":"Property","value":1})", R"("1x":5)", R"("a b":5)",
                             R"("location":{"type":"Property","value":1})", R"("scope":"/a-b")",
                             R"("expiresAt":"soon")", R"("@context":"https://example.org/context.jsonld")"}) {
    EXPECT_EQ(Type(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:a:1","type":"T",)" + std::string(member) + "}")),
              "BadRequestData")
        << member;
  }
}

TEST_F(NgsiTest, UpdatesAttributesAsTheTableOfTheStandardSays) {
  Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"));
  const std::string at = "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1";
  const auto azimuth = [&] { return Body(Send("GET", at))["azimuth"]; };

  EXPECT_EQ(Send("PATCH", at + "/attrs/azimuth", R"({"value":91})").status, 204);
  EXPECT_EQ(azimuth()["value"].AsInt(), 91);
  EXPECT_EQ(azimuth()["unitCode"].AsString(), "DD");
  EXPECT_EQ(Send("PUT", at + "/attrs/azimuth", R"({"type":"Property","value":92})").status, 204);
  EXPECT_TRUE(azimuth()["unitCode"].IsNull());
  EXPECT_EQ(Send("PATCH", at + "/attrs", R"({"azimuth":{"type":"Property","value":93},"range":60})").status, 204);
  EXPECT_EQ(Body(Send("GET", at))["range"]["value"].AsInt(), 60);
  const auto kept = Send("POST", at + "/attrs?options=noOverwrite", R"({"azimuth":1,"height":4})");
  EXPECT_EQ(kept.status, 207) << kept.body;
  EXPECT_EQ(Body(kept)["updated"], json::Parse(R"(["https://uri.etsi.org/ngsi-ld/default-context/height"])").value());
  EXPECT_EQ(Body(kept)["notUpdated"].AsArray()[0]["attributeName"].AsString(),
            "https://uri.etsi.org/ngsi-ld/default-context/azimuth");
  EXPECT_EQ(azimuth()["value"].AsInt(), 93);
  EXPECT_EQ(Send("PATCH", at,
                 R"({"azimuth":{"unitCode":"DD"},"name":{"languageMap":{"en":"Bazaar"}},"height":"urn:ngsi-ld:null"})")
                .status,
            204);
  EXPECT_EQ(azimuth(), json::Parse(R"({"type":"Property","value":93,"unitCode":"DD"})").value());
  EXPECT_EQ(Body(Send("GET", at))["name"]["languageMap"], json::Parse(R"({"ko":"시장","en":"Bazaar"})").value());
  EXPECT_TRUE(Body(Send("GET", at))["height"].IsNull());
  EXPECT_EQ(Send("DELETE", at + "/attrs/range").status, 204);
  EXPECT_EQ(Send("DELETE", at + "/attrs/range").status, 404);
  EXPECT_EQ(Send("PATCH", at + "/attrs/range", R"({"value":1})").status, 404);
  EXPECT_EQ(
      Send("PATCH", at + "?options=keyValues", R"({"refSwitch":"urn:ngsi-ld:NetworkSwitch:SW-2","azimuth":5})").status,
      204);
  EXPECT_EQ(Body(Send("GET", at))["refSwitch"]["object"].AsString(), "urn:ngsi-ld:NetworkSwitch:SW-2");
  EXPECT_EQ(Send("PUT", at, R"({"type":"Camera","only":1})").status, 204);
  EXPECT_EQ(Body(Send("GET", at)).AsObject().size(), 3U);
  EXPECT_EQ(Send("DELETE", at + "?type=Bell").status, 404);
  EXPECT_EQ(Send("DELETE", at + "?type=Camera").status, 204);
  EXPECT_EQ(Send("GET", at).status, 404);
}

TEST_F(NgsiTest, AnswersBatchesItemByItem) {
  const std::string at = "/ngsi-ld/v1/entityOperations/";
  const auto created = Send("POST", at + "create", "[" + Camera("C-1") + "," + Camera("C-2") + "]");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(Body(created).AsArray().size(), 2U);
  const auto mixed = Send("POST", at + "create", "[" + Camera("C-1") + "," + Camera("C-3") + R"(,{"id":"x"}])");
  EXPECT_EQ(mixed.status, 207);
  EXPECT_EQ(Body(mixed)["success"].AsArray().size(), 1U);
  EXPECT_EQ(Body(mixed)["errors"].AsArray().size(), 2U);
  const auto upserted = Send(
      "POST", at + "upsert?options=update",
      R"([{"id":"urn:ngsi-ld:Camera:C-1","type":"Camera","range":5},{"id":"urn:ngsi-ld:Camera:C-4","type":"Camera"}])");
  EXPECT_EQ(upserted.status, 201);
  EXPECT_EQ(Body(upserted), json::Parse(R"(["urn:ngsi-ld:Camera:C-4"])").value());
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1"))["azimuth"]["value"].AsInt(), 90);
  EXPECT_EQ(Send("POST", at + "upsert/", R"([{"id":"urn:ngsi-ld:Camera:C-1","type":"Camera","range":6}])").status, 204);
  EXPECT_TRUE(Body(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1"))["azimuth"].IsNull());
  EXPECT_EQ(Send("POST", at + "update",
                 R"([{"id":"urn:ngsi-ld:Camera:C-1","range":7},{"id":"urn:ngsi-ld:Camera:C-9","range":7}])")
                .status,
            207);
  EXPECT_EQ(Send("POST", at + "merge", R"([{"id":"urn:ngsi-ld:Camera:C-1","range":{"unitCode":"MTR"}}])").status, 204);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1"))["range"],
            json::Parse(R"({"type":"Property","value":7,"unitCode":"MTR"})").value());
  EXPECT_EQ(Send("POST", at + "delete", R"(["urn:ngsi-ld:Camera:C-1","urn:ngsi-ld:Camera:C-2"])").status, 204);
  EXPECT_EQ(Send("POST", at + "delete", R"(["urn:ngsi-ld:Camera:C-1","urn:ngsi-ld:Camera:C-3"])").status, 207);
  for (const auto* body : {"[]", "{}", "[null]"})
    EXPECT_EQ(Type(Send("POST", at + "create", body)), "BadRequestData") << body;
}

TEST_F(NgsiTest, KeepsTenantsApart) {
  const guard::Principal north = Caller(1, "north");
  const http::Headers header{{"NGSILD-Tenant", "north"}};
  const auto created = Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"), header, north);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(http::HeaderOf(created.headers, "NGSILD-Tenant"), "north");

  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1").status, 404);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities?type=Camera").body, "[]");
  EXPECT_EQ(
      Send("GET", "/ngsi-ld/v1/entities?georel=near;maxDistance==100&geometry=Point&coordinates=[126.6,35.8]").body,
      "[]");
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/types"))["typeList"].AsArray().size(), 0U);
  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entities", Camera("C-1")).status, 201);
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1").status, 204);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities/urn:ngsi-ld:Camera:C-1", {}, header, north).status, 200);
}

TEST_F(NgsiTest, ListsTypesAndAttributes) {
  Send("POST", "/ngsi-ld/v1/entities", Camera("C-1"));
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/types"))["typeList"], json::Parse(R"(["Camera"])").value());
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/types/Camera"))["entityCount"].AsInt(), 1);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/types/Bell").status, 404);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/attributes"))["attributeList"].AsArray().size(), 4U);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/attributes/azimuth"))["attributeTypes"],
            json::Parse(R"(["Property"])").value());
}

/// ../shared/data/ngsi-ld: what is right comes back as it went in; what is malformed is refused and says why.
TEST_F(NgsiTest, TakesThePublishedSmartDataModelExamples) {
  const std::filesystem::path folder = "../shared/data/ngsi-ld";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "recorded data is not there: " << folder;
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file{path};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  };
  std::size_t good = 0;
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("-normalized.jsonld")) continue;
    auto entity = json::Parse(read(entry.path()));
    auto context = json::Parse(read(entry.path().parent_path() / "context.jsonld"));
    if (entity && entity->IsArray() && !entity->AsArray().empty()) entity = entity->AsArray()[0];
    std::string body = read(entry.path());
    if (entity && context) {
      entity->Set("@context", (*context)["@context"]);  // the published address cannot be fetched here
      body = json::ToString(*entity);
    }
    const auto created = Send("POST", "/ngsi-ld/v1/entities", body, {{"Content-Type", "application/ld+json"}});
    if (created.status != 201) {
      ++refused;
      EXPECT_EQ(created.status, 400) << name << created.body;
      EXPECT_FALSE(Body(created)["detail"].AsString().empty()) << name;
      std::printf("[ refused  ] %s: %s\n", name.c_str(),
                  std::string(Body(created)["detail"].AsString()).substr(0, 150).c_str());
      continue;
    }
    ++good;
    const std::string id{(*entity)["id"].AsString()};
    json::Value query = json::Object{{"type", "Query"},
                                     {"entities", json::Array{json::Object{{"id", id}, {"type", "*"}}}},
                                     {"@context", (*context)["@context"]}};
    const auto got = Send("POST", "/ngsi-ld/v1/entityOperations/query", json::ToString(query),
                          {{"Content-Type", "application/ld+json"}, {"Accept", "application/ld+json"}});
    ASSERT_EQ(Body(got).AsArray().size(), 1U) << name << got.body;
    json::Value back = Body(got).AsArray()[0];
    back.Erase("@context");
    entity->Erase("@context");
    for (const auto* time : {"createdAt", "modifiedAt"}) entity->Erase(time);  // the server's own
    EXPECT_EQ(back, *entity) << name << "\n" << json::ToString(back) << "\n" << json::ToString(*entity);
    EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities/" + http::PercentEncode(id)).status, 204);
  }
  std::printf("[ examples ] %zu taken, %zu refused\n", good, refused);
  EXPECT_GT(good, 50U);
}

}  // namespace
}  // namespace bongsu::ngsi
