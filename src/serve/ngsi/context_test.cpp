// SPDX-License-Identifier: Apache-2.0
// Names and what the desk keeps for clients: @context of a request, hosted contexts, subscriptions.
#include "serve/ngsi/ngsi_fake.hpp"

namespace bongsu::ngsi {
namespace {

TEST_F(NgsiTest, UsesTheContextOfTheRequestToExpandAndToCompact) {
  const std::string car =
      R"({"id":"urn:car:1","type":"Car","speed":{"type":"Property","value":5,"accuracy":{"type":"Property","value":1}},
                              "colour":{"type":"VocabProperty","vocab":"blue"}})";
  ASSERT_EQ(Send("POST", "/ngsi-ld/v1/entities", car, kLink).status, 201);

  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities/urn:car:1", {}, kLink)), json::Parse(car).value());
  const auto plain = Body(Send("GET", "/ngsi-ld/v1/entities/urn:car:1"));
  EXPECT_EQ(plain["type"].AsString(), "https://example.org/ns/Car");
  EXPECT_EQ(plain["https://example.org/ns/speed"]["accuracy"]["value"].AsInt(), 1) << json::ToString(plain);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=Car")).AsArray().size(), 0U);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=Car&q=speed==5", {}, kLink)).AsArray().size(), 1U);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=Car&q=colour==%22blue%22&expandValues=colour", {}, kLink))
                .AsArray()
                .size(),
            1U);

  const auto ld = Send("GET", "/ngsi-ld/v1/entities/urn:car:1", {}, {{"Accept", "application/ld+json"}, kLink[0]});
  EXPECT_EQ(ld.content_type, "application/ld+json");
  EXPECT_EQ(Body(ld)["@context"].AsString(), "https://example.org/context.jsonld");
  EXPECT_TRUE(http::HeaderOf(ld.headers, "Link").empty());
}

TEST_F(NgsiTest, TakesInlineContextsAndServesThemAgainByLink) {
  const http::Headers ld{{"Content-Type", "application/ld+json"}};
  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entities",
                 R"({"id":"urn:car:2","type":"Bus","seats":30,"@context":{"Bus":"https://b.example/Bus"}})", ld)
                .status,
            201);
  EXPECT_EQ(Type(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:car:3","type":"Bus"})", ld)), "BadRequestData");
  EXPECT_EQ(Type(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:car:3","type":"Bus","@context":5})", ld)),
            "BadRequestData");

  const auto found =
      Send("POST", "/ngsi-ld/v1/entityOperations/query",
           R"({"type":"Query","entities":[{"type":"Bus"}],"@context":{"Bus":"https://b.example/Bus"}})", ld);

  ASSERT_EQ(Body(found).AsArray().size(), 1U) << found.body;
  EXPECT_EQ(Body(found).AsArray()[0]["type"].AsString(), "Bus");
  const std::string link{http::HeaderOf(found.headers, "Link")};
  const auto path = link.find("/ngsi-ld/");
  const std::string address = link.substr(path, link.find('>') - path);
  EXPECT_EQ(Body(Send("GET", address + "?details=true"))["numberOfHits"].AsInt(), 1) << "it was made by a use";
  const auto context = Send("GET", address);
  EXPECT_EQ(Body(context)["@context"]["Bus"].AsString(), "https://b.example/Bus");
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/jsonldContexts?kind=ImplicitlyCreated")).AsArray().size(), 1U);
}

TEST_F(NgsiTest, HostsContextsAndReadsNamesWithThem) {
  const auto hosted =
      Send("POST", "/ngsi-ld/v1/jsonldContexts", R"({"@context":{"Tram":"https://t.example/Tram"},"x":1})");
  ASSERT_EQ(hosted.status, 201) << hosted.body;
  const std::string path{http::HeaderOf(hosted.headers, "Location")};
  const http::Headers link{
      {"Link", "<http://here" + path + R"(>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")"}};

  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:t:1","type":"Tram"})", link).status, 201);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=https://t.example/Tram")).AsArray().size(), 1U);
  EXPECT_EQ(Send("GET", path).body, R"({"@context":{"Tram":"https://t.example/Tram"}})");
  const auto details = Body(Send("GET", path + "?details=true"));
  EXPECT_EQ(details["kind"].AsString(), "Hosted");
  EXPECT_EQ(details["numberOfHits"].AsInt(), 2);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/jsonldContexts?kind=Hosted")).AsArray().size(), 1U);
  EXPECT_EQ(Send("DELETE", path + "?reload=true").status, 400);
  EXPECT_EQ(Send("DELETE", path).status, 204);
  EXPECT_EQ(Send("GET", path).status, 404);
  EXPECT_EQ(Send("DELETE", path).status, 404);
}

TEST_F(NgsiTest, RefusesWhatIsNoContextByItsName) {
  const auto type = [&](const std::string& body) { return Type(Send("POST", "/ngsi-ld/v1/jsonldContexts", body)); };
  EXPECT_EQ(type("{"), "InvalidRequest");
  EXPECT_EQ(type("[]"), "InvalidRequest");
  EXPECT_EQ(type("{}"), "InvalidRequest");
  EXPECT_EQ(type(R"({"@context":5})"), "BadRequestData");
  EXPECT_EQ(type(R"({"@context":["https://nowhere.example/c.jsonld",5]})"), "BadRequestData");
  EXPECT_EQ(type(R"({"@context":"https://nowhere.example/c.jsonld"})"), "LdContextNotAvailable");
  EXPECT_EQ(Type(Send("GET", "/ngsi-ld/v1/jsonldContexts?details=maybe")), "BadRequestData");
  EXPECT_EQ(Type(Send("GET", "/ngsi-ld/v1/jsonldContexts?kind=Other")), "BadRequestData");
  EXPECT_EQ(Type(Send("DELETE", "/ngsi-ld/v1/jsonldContexts/none?reload=true")), "BadRequestData");
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/jsonldContexts/none").status, 404);
}

TEST_F(NgsiTest, CachedContextsAreListedButServedWhereTheyComeFrom) {
  const std::string cached = "/ngsi-ld/v1/jsonldContexts/" + http::PercentEncode("https://example.org/context.jsonld");
  const std::string core = "/ngsi-ld/v1/jsonldContexts/" + http::PercentEncode(kCoreContextUrl);

  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/jsonldContexts")).AsArray().size(), 2U);
  const auto refused = Send("GET", cached);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(Type(refused), "OperationNotSupported");
  EXPECT_EQ(Body(Send("GET", cached + "?details=true"))["kind"].AsString(), "Cached");
  EXPECT_EQ(Send("DELETE", core).status, 400);
  EXPECT_EQ(Send("DELETE", cached).status, 204);
  EXPECT_EQ(Send("GET", cached + "?details=true").status, 404);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/entities?type=Car", {}, kLink).status, 200);
  EXPECT_EQ(Send("GET", cached + "?details=true").status, 200) << "used again, it is there again";
}

TEST_F(NgsiTest, SubscriptionsAreMadeShownChangedAndDeleted) {
  const std::string body =
      R"({"id":"urn:s:1","type":"Subscription","entities":[{"type":"Car"}],"watchedAttributes":["speed"],"status":"x",
          "notification":{"timesSent":7,"endpoint":{"uri":"http://127.0.0.1:1/n"}}})";
  const auto made = Send("POST", "/ngsi-ld/v1/subscriptions", body, kLink);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(http::HeaderOf(made.headers, "Location"), "/ngsi-ld/v1/subscriptions/urn:s:1");
  EXPECT_EQ(Type(Send("POST", "/ngsi-ld/v1/subscriptions", body, kLink)), "AlreadyExists");

  const auto shown = Body(Send("GET", "/ngsi-ld/v1/subscriptions/urn:s:1", {}, kLink));
  EXPECT_EQ(json::ToString(shown["watchedAttributes"]), R"(["speed"])");
  EXPECT_EQ(shown["status"].AsString(), "active");
  EXPECT_EQ(shown["jsonldContext"].AsString(), "https://example.org/context.jsonld");
  EXPECT_EQ(shown["notification"].Find("timesSent"), nullptr);
  const auto plain = Body(Send("GET", "/ngsi-ld/v1/subscriptions/urn:s:1"));
  EXPECT_EQ(json::ToString(plain["watchedAttributes"]), R"(["https://example.org/ns/speed"])");

  const auto patch = [&](const std::string& fragment) {
    return Send("PATCH", "/ngsi-ld/v1/subscriptions/urn:s:1", fragment);
  };
  EXPECT_EQ(patch(R"({"isActive":false,"watchedAttributes":null})").status, 204);
  const auto paused = Body(Send("GET", "/ngsi-ld/v1/subscriptions/urn:s:1?options=sysAttrs"));
  EXPECT_EQ(paused["status"].AsString(), "paused");
  EXPECT_EQ(paused.Find("watchedAttributes"), nullptr);
  EXPECT_NE(paused.Find("modifiedAt"), nullptr);
  EXPECT_EQ(patch(R"({"expiresAt":"2020-01-01T00:00:00Z"})").status, 400);
  EXPECT_EQ(patch(R"({"notification":{}})").status, 400);
  EXPECT_EQ(patch(R"({"id":"urn:s:2"})").status, 400);
  EXPECT_EQ(Send("PATCH", "/ngsi-ld/v1/subscriptions/urn:s:9", "{}").status, 404);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/subscriptions/none").status, 400);

  EXPECT_EQ(
      Send("POST", "/ngsi-ld/v1/subscriptions",
           R"({"type":"Subscription","entities":[{"type":"Bus"}],"notification":{"endpoint":{"uri":"mqtt://b/t"}}})")
          .status,
      201);
  const auto page = Send("GET", "/ngsi-ld/v1/subscriptions?limit=1&offset=1&count=true");
  EXPECT_EQ(http::HeaderOf(page.headers, "NGSILD-Results-Count"), "2");
  EXPECT_NE(
      http::HeaderOf(page.headers, "Link").find("</ngsi-ld/v1/subscriptions?count=true&limit=1&offset=0>;rel=\"prev\""),
      std::string_view::npos);
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/subscriptions/urn:s:1").status, 204);
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/subscriptions/urn:s:1").status, 404);
}

}  // namespace
}  // namespace bongsu::ngsi
