// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "know/context/fake_append.hpp"
#include "know/desk/fake_desk.hpp"
#include "model/subscription_record.hpp"
#include "serve/ngsi/page_reader.hpp"
#include "serve/ngsi/routes.hpp"

namespace bongsu::ngsi {
namespace {

/// FakeAppend for several shards: one at a time.
class LockedAppend final : public journal::AppendPort {
 public:
  explicit LockedAppend(context::FakeAppend::Deliver deliver) : inner_{std::move(deliver)} {}
  void Append(journal::Batch batch, journal::AppendDone done) override {
    const std::scoped_lock lock{mutex_};
    inner_.Append(std::move(batch), std::move(done));
  }
  std::uint16_t partitions() const override { return inner_.partitions(); }

 private:
  std::recursive_mutex mutex_;
  context::FakeAppend inner_;
};

class NgsiTest : public ::testing::Test {
 protected:
  static LdContexts Known() {
    LdContexts contexts;
    EXPECT_TRUE(contexts.Add(
        "https://example.org/context.jsonld",
        json::Parse(R"({"@context":{"ex":"https://example.org/ns/","Car":"ex:Car","speed":{"@id":"ex:speed"},
                                             "blue":"ex:blue","colour":{"@id":"ex:colour","@type":"@vocab"}}})")
            .value()));
    return contexts;
  }

  NgsiTest() {
    desk_.Keep(subscriptions_);
    desk_.Keep(hosted_);
    desk_.OnCommitted([this](const model::Record& record) {
      if (record.kind != model::kLdContext) return;
      LdContexts contexts = *service_.ld_contexts(0);
      contexts.Host(record.subject, hosted_.all().at(record.subject));
      service_.set_ld_contexts(0, std::move(contexts));
    });
    SubscriptionHouse house;
    house.find = [this](std::uint16_t) {
      return std::make_shared<SubscriptionHouse::Desk>(SubscriptionHouse::Desk{
          &desk_, &subscriptions_, &hosted_, [](const std::function<void()>& work) { work(); }});
    };
    house.counters = [](std::uint16_t, const std::vector<std::string>&, const auto& done) { done({}); };
    house.settled = [this](std::function<void()> then) { shards_.Post(0, std::move(then)); };
    service_.set_subscriptions(std::move(house));
    shards_.Start();
  }
  ~NgsiTest() override { shards_.Stop(); }

  static guard::Principal Caller(std::uint16_t tenant, const std::string& name) {
    guard::Principal caller;
    caller.known = true;
    caller.tenant = tenant;
    caller.tenant_name = name;
    caller.id = "app";
    caller.role = guard::Role::kApplication;
    return caller;
  }

  http::Response Send(const std::string& method, const std::string& target, const std::string& body = {},
                      http::Headers headers = {}, guard::Principal caller = Caller(0, "default")) {
    api::Call call;
    const auto question = target.find('?');
    call.request.method = method;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) {
      call.request.raw_query = target.substr(question + 1);
      call.request.query = http::ParseQuery(call.request.raw_query).value();
    }
    for (std::string rest = call.request.path; !rest.empty();) {
      rest.erase(0, 1);
      const auto end = std::min(rest.find('/'), rest.size());
      call.request.segments.push_back(http::PercentDecode(rest.substr(0, end)).value());
      rest.erase(0, end);
    }
    if (!body.empty() && http::HeaderOf(headers, "Content-Type").empty())
      headers.emplace_back("Content-Type", "application/json");
    call.request.headers = std::move(headers);
    call.request.has_content_length = method != "GET" && method != "DELETE" && !without_length_;
    call.request.body = body;
    call.caller = std::move(caller);
    const auto found = router_.Find(call.request.method, call.request.segments).value();
    std::promise<http::Response> answer;
    auto future = answer.get_future();
    shards_.Post(0, [&] {
      found.route->handler(std::move(call), [&](http::Response response) { answer.set_value(std::move(response)); });
    });
    return future.get();
  }

  /// The next part of an answer that comes in parts.
  std::string Next(const http::Response& response) {
    std::promise<std::string> part;
    shards_.Post(
        0, [&] { response.parts->Next([&](const Result<std::string>& got) { part.set_value(got.value_or("?")); }); });
    return part.get_future().get();
  }
  /// The answer with all its parts.
  http::Response Whole(http::Response response) {
    if (!response.parts) return response;
    for (std::string part = Next(response); !part.empty(); part = Next(response)) response.body += part;
    response.parts.reset();
    return response;
  }
  /// `count` rooms with a text of `bytes`.
  void MakeRooms(int count, int bytes) {
    for (int n = 0; n < count; ++n)
      Send(
          "POST", "/ngsi-ld/v1/entities",
          fmt::format(
              R"({{"id":"urn:r:{:03}","type":"Room","n":{{"type":"Property","value":{}}},"text":{{"type":"Property","value":"{}"}}}})",
              n, n, std::string(static_cast<std::size_t>(bytes), 'x')));
  }

  /// 120 rooms from urn:r:100 on, on four floors of one city; each 3 kB.
  void MakeLinkedRooms() {
    const auto make = [this](const std::string& id, const std::string& type, const std::string& name,
                             const std::string& target) {
      json::Value entity = json::Object{{"id", id}, {"type", type}};
      entity.Set("text", json::Object{{"type", "Property"}, {"value", std::string(3000, 'x')}});
      if (!target.empty()) entity.Set(name, json::Object{{"type", "Relationship"}, {"object", target}});
      Send("POST", "/ngsi-ld/v1/entities", json::ToString(entity));
    };
    for (int n = 0; n < 120; ++n)
      make(fmt::format("urn:r:{}", 100 + n), "Room", "on", fmt::format("urn:floor:{}", n % 4));
    for (int n = 0; n < 4; ++n) make(fmt::format("urn:floor:{}", n), "Floor", "of", "urn:city");
    make("urn:city", "City", "", "");
  }

  static json::Value Body(const http::Response& response) {
    return json::Parse(response.body.empty() ? "null" : response.body).value_or(json::Value{"not JSON"});
  }
  static std::string Type(const http::Response& response) {
    const auto type = std::string(Body(response)["type"].AsString());
    return type.substr(type.rfind('/') + 1);
  }

  runtime::Shards shards_{2};
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  context::Context contexts_[2];
  LockedAppend append_{[this](const model::Record& record) { contexts_[record.position.partition % 2].Apply(record); }};
  ContextService service_{shards_, append_, clock_, Known(), {&contexts_[0], &contexts_[1]}};
  api::Router router_{NgsiRoutes(service_)};
  desk::FakeDesk desk_{clock_.Now()};
  notifications::SubscriptionBook subscriptions_;
  LdContextBook hosted_;
  bool without_length_ = false;
};

const http::Headers kLink{
    {"Link",
     R"(<https://example.org/context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")"}};

std::string Camera(const std::string& id, double lon = 126.6, int azimuth = 90) {
  return fmt::format(
      R"({{"id":"urn:ngsi-ld:Camera:{}","type":"Camera","name":{{"type":"LanguageProperty","languageMap":{{"ko":"시장","en":"Market"}}}},
    "location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},35.8]}}}},
    "azimuth":{{"type":"Property","value":{},"unitCode":"DD","observedAt":"2026-11-22T10:00:00Z"}},
    "refSwitch":{{"type":"Relationship","object":"urn:ngsi-ld:NetworkSwitch:SW-1"}}}})",
      id, lon, azimuth);
}

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

TEST_F(NgsiTest, QueriesByTypeQPlaceAndAttributes) {
  for (int n = 0; n < 5; ++n)
    Send("POST", "/ngsi-ld/v1/entities", Camera("C-" + std::to_string(n), 126.6 + n * 0.01, n * 10));
  const auto ids = [&](const std::string& query) {
    std::string out;
    const auto response = Send("GET", "/ngsi-ld/v1/entities?" + query);
    const json::Value body = Body(response);
    EXPECT_EQ(response.status, 200) << query << response.body;
    for (const auto& entity : body.AsArray()) out += entity["id"].AsString().back();
    return out;
  };
  EXPECT_EQ(ids("type=Camera"), "01234");
  EXPECT_EQ(ids("type=Camera&q=azimuth>=20"), "234");
  EXPECT_EQ(ids("q=azimuth==10..20%7Cazimuth==40"), "124");
  EXPECT_EQ(ids("type=Camera&id=urn:ngsi-ld:Camera:C-1,urn:ngsi-ld:Camera:C-9"), "1");
  EXPECT_EQ(ids("type=Camera&idPattern=C-[12]$"), "12");
  EXPECT_EQ(ids("georel=near;maxDistance==1000&geometry=Point&coordinates=[126.61,35.8]"), "012");
  EXPECT_EQ(ids("georel=within&geometry=Polygon&coordinates=[[[126.605,35.7],[126.625,35.7],[126.625,35.9],[126.605,35."
                "9],[126.605,35.7]]]"),
            "12");
  EXPECT_EQ(ids("attrs=azimuth"), "01234");
  EXPECT_EQ(ids("attrs=nothing"), "");
  EXPECT_EQ(ids("type=*"), "01234");
  EXPECT_EQ(ids("local=true"), "01234");
  EXPECT_EQ(ids("type=Bell"), "");
  EXPECT_EQ(Type(Send("GET", "/ngsi-ld/v1/entities?georel=near&geometry=Point&coordinates=[1,2]")), "BadRequestData");
  EXPECT_EQ(Type(Send("GET", "/ngsi-ld/v1/entities?type=Camera&geometry=Point")), "BadRequestData");

  const auto posted = Send(
      "POST", "/ngsi-ld/v1/entityOperations/query?count=true",
      R"({"type":"Query","entities":[{"type":"Camera"}],"q":"azimuth<30","geoQ":{"georel":"near;maxDistance==1500","geometry":"Point","coordinates":[126.6,35.8]},"pick":["id","azimuth"]})");
  EXPECT_EQ(posted.status, 200) << posted.body;
  EXPECT_EQ(Body(posted).AsArray().size(), 2U);
  EXPECT_EQ(Body(posted).AsArray()[0].AsObject().size(), 2U);
  EXPECT_EQ(http::HeaderOf(posted.headers, "NGSILD-Results-Count"), "2");
}

TEST_F(NgsiTest, PagesInAStableOrderAndLinksToTheNextAndThePreviousPage) {
  for (int n = 0; n < 7; ++n) Send("POST", "/ngsi-ld/v1/entities", Camera("C-" + std::to_string(n)));

  const auto page = Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=2&offset=2&count=true&options=keyValues");

  EXPECT_EQ(Body(page).AsArray().size(), 2U);
  EXPECT_EQ(Body(page).AsArray()[0]["id"].AsString(), "urn:ngsi-ld:Camera:C-2");
  EXPECT_EQ(http::HeaderOf(page.headers, "NGSILD-Results-Count"), "7");
  const auto link = http::HeaderOf(page.headers, "Link");
  EXPECT_NE(
      link.find(
          R"(</ngsi-ld/v1/entities?count=true&limit=2&offset=0&options=keyValues&type=Camera>;rel="prev";type="application/json")"),
      std::string_view::npos)
      << link;
  EXPECT_NE(link.find(R"(&limit=2&offset=4&options=keyValues&type=Camera>;rel="next";type="application/json")"),
            std::string_view::npos)
      << link;
  EXPECT_EQ(
      http::HeaderOf(Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=2&offset=6").headers, "Link").find("next"),
      std::string_view::npos);
  EXPECT_EQ(Body(Send("GET", "/ngsi-ld/v1/entities?type=Camera&offset=100")).AsArray().size(), 0U);
  const auto only_count = Send("GET", "/ngsi-ld/v1/entities?type=Camera&limit=0&count=true");
  EXPECT_EQ(only_count.body, "[]");
  EXPECT_EQ(http::HeaderOf(only_count.headers, "NGSILD-Results-Count"), "7");
}

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

TEST_F(NgsiTest, PutsLinkedEntitiesIntoTheAnswer) {
  const auto put = [&](const std::string& json) {
    const auto answer = Send("POST", "/ngsi-ld/v1/entities", json);
    ASSERT_EQ(answer.status, 201) << answer.body;
  };
  put(R"({"id":"urn:j:pump","type":"Pump","state":"on","isIn":{"object":"urn:j:house"}})");
  put(R"({"id":"urn:j:house","type":"House","name":"A","isIn":{"object":"urn:j:town"},"has":{"object":["urn:j:pump","urn:j:none"]}})");
  put(R"({"id":"urn:j:town","type":"Town","name":"T","mayor":{"object":"urn:j:none"}})");
  const auto get = [&](const std::string& query) {
    const auto answer = Send("GET", "/ngsi-ld/v1/entities/urn:j:pump?" + query);
    return answer.status == 200 ? json::ToString(Body(answer)) : std::to_string(answer.status) + Type(answer);
  };
  EXPECT_EQ(get("join=inline&format=simplified"),
            R"({"id":"urn:j:pump","type":"Pump","state":"on","isIn":{"id":"urn:j:house","type":"House","name":"A",)"
            R"("isIn":"urn:j:town","has":["urn:j:pump","urn:j:none"]}})");
  EXPECT_EQ(
      get("join=inline&joinLevel=2&format=concise&pick=id,isIn{id,isIn{name}}"),
      R"({"id":"urn:j:pump","isIn":{"object":"urn:j:house","entity":{"id":"urn:j:house","isIn":{"object":"urn:j:town",)"
      R"("entity":{"name":"T"}}}}})");
  EXPECT_EQ(get("join=flat&joinLevel=5&pick=id,isIn{id,has,isIn{id}}&format=simplified"),
            R"([{"id":"urn:j:pump","isIn":"urn:j:house"},{"id":"urn:j:house","isIn":"urn:j:town",)"
            R"("has":["urn:j:pump","urn:j:none"]},{"id":"urn:j:town"}])");
  EXPECT_EQ(get("join=inline&containedBy=urn:j:house&format=simplified"),
            R"({"id":"urn:j:pump","type":"Pump","state":"on","isIn":"urn:j:house"})");
  EXPECT_EQ(get("join=inline&omit=type,state,isIn{type,isIn,has}&format=simplified"),
            R"({"id":"urn:j:pump","isIn":{"id":"urn:j:house","name":"A"}})");
  EXPECT_EQ(get("pick=id,isIn{name}"), "400BadRequestData");
  EXPECT_EQ(get("join=inline&pick=isIn{isIn{name}}"), "400BadRequestData");
  EXPECT_EQ(get("join=inline&pick=isIn{name"), "400BadRequestData");
  EXPECT_EQ(get("join=inline&joinLevel=0"), "400BadRequestData");
  EXPECT_EQ(get("join=sideways"), "400BadRequestData");
  const auto found = Send("POST", "/ngsi-ld/v1/entityOperations/query",
                          R"({"type":"Query","entities":[{"type":"Pump"}],"join":"flat","pick":["id","isIn{id}"]})");
  EXPECT_EQ(Body(found).AsArray().size(), 2U) << found.body;
}

TEST_F(NgsiTest, QueriesByWhatLinkedEntitiesSay) {
  for (int i = 1; i <= 4; ++i) {
    Send("POST", "/ngsi-ld/v1/entities",
         fmt::format(R"({{"id":"urn:room:{0}","type":"Room","floor":{0},"partOf":{{"object":"urn:house:{1}"}}}})", i,
                     i % 2));
  }
  Send("POST", "/ngsi-ld/v1/entities",
       R"({"id":"urn:house:0","type":"House","name":"old","owner":{"object":"urn:p:1"}})");
  Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:house:1","type":"House","name":"new"})");
  Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:p:1","type":"Person","name":"Kim"})");
  const auto found = [&](const std::string& q, const std::string& join = "join=inline&joinLevel=2") {
    return Body(
               Send("GET", "/ngsi-ld/v1/entities?type=Room&" + join + "&options=keyValues&q=" + http::PercentEncode(q)))
        .AsArray()
        .size();
  };

  EXPECT_EQ(found(R"(partOf{name}=="new")"), 2U);
  EXPECT_EQ(found(R"(partOf{House:name}=="old";floor>2)"), 1U);
  EXPECT_EQ(found(R"(partOf{Shed:name}=="old")"), 0U);
  EXPECT_EQ(found(R"(partOf{owner{name}}~="^K")"), 2U);
  EXPECT_EQ(found(R"(!partOf{owner})"), 2U);
  EXPECT_EQ(Type(Send("GET", R"(/ngsi-ld/v1/entities?type=Room&q=partOf{name})")), "BadRequestData");
  EXPECT_EQ(Type(Send("GET", R"(/ngsi-ld/v1/entities?type=Room&join=flat&q=partOf{owner{name}})")), "BadRequestData");
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

TEST_F(NgsiTest, OrdersWhatAQueryFinds) {
  const auto put = [&](const std::string& id, const std::string& name, const std::string& rank, double lon) {
    const auto answer = Send("POST", "/ngsi-ld/v1/entities",
                             fmt::format(R"({{"id":"urn:o:{}","type":"O","name":"{}","rank":{},
      "location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},35.8]}}}}}})",
                                         id, name, rank, lon));
    ASSERT_EQ(answer.status, 201) << answer.body;
  };
  put("1", "b", "10", 126.4);
  put("2", "á", "\"x\"", 126.3);
  put("3", "A", "2", 126.2);
  put("4", "b", "[1]", 126.1);
  Send("POST", "/ngsi-ld/v1/entities", R"({"id":"urn:o:5","type":"O"})");
  const auto order = [&](const std::string& query) {
    std::string ids;
    const auto answer = Send("GET", "/ngsi-ld/v1/entities?type=O&" + query);
    const json::Value body = Body(answer);
    for (const auto& entity : body.AsArray()) ids += entity["id"].AsString().back();
    return answer.status == 200 ? ids : answer.body;
  };
  EXPECT_EQ(order("orderBy=id;desc"), "54321");
  EXPECT_EQ(order("orderBy=name"), "31425");
  EXPECT_EQ(order("orderBy=name&collation=und"), "32145") << "\"á\" comes right behind \"A\", before \"b\"";
  EXPECT_EQ(order("orderBy=name;desc,id;desc"), "24135");
  EXPECT_EQ(order("orderBy=rank"), "31245") << "numbers, then texts, then arrays";
  EXPECT_EQ(order("orderBy=location;dist-asc&orderFrom=[126,35.8]"), "43215");
  EXPECT_EQ(order("orderBy=location;dist-desc&orderFrom=[126,35.8]&limit=2&offset=1"), "23");
  EXPECT_EQ(order("orderBy=createdAt;desc&limit=1"), "5");
}

TEST_F(NgsiTest, PurgesWhatAQueryFinds) {
  for (int i = 0; i < 2500; ++i) Send("POST", "/ngsi-ld/v1/entities", Camera(fmt::format("P-{}", i), 126.6, i % 2));
  const auto count = [&](const std::string& query) {
    const auto answer = Send("GET", "/ngsi-ld/v1/entities?count=true&limit=0&" + query);
    return std::string(http::HeaderOf(answer.headers, "NGSILD-Results-Count"));
  };
  EXPECT_EQ(Type(Send("DELETE", "/ngsi-ld/v1/entities")), "BadRequestData");
  EXPECT_EQ(Type(Send("DELETE", "/ngsi-ld/v1/entities?id=urn:a:1")), "BadRequestData");
  EXPECT_EQ(Type(Send("DELETE", "/ngsi-ld/v1/entities?type=Camera&keep=name&drop=azimuth")), "BadRequestData");
  EXPECT_EQ(Type(Send("DELETE", "/ngsi-ld/v1/entities?type=Camera&limit=3")), "InvalidRequest");

  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?type=Camera&drop=refSwitch").status, 204);
  EXPECT_EQ(count("attrs=refSwitch"), "0");
  EXPECT_EQ(count("type=Camera"), "2500");
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?q=azimuth==1").status, 204);
  EXPECT_EQ(count("type=Camera"), "1250");
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?type=Camera&keep=azimuth").status, 204);
  EXPECT_EQ(count("attrs=name"), "0");
  EXPECT_EQ(count("attrs=azimuth"), "1250");
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?local=true").status, 204);
  EXPECT_EQ(count("type=Camera"), "0");
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?type=Camera").status, 204);
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

TEST_F(NgsiTest, SaysByWhichIndexAQueryWasAnsweredWhenAsked) {
  for (int n = 0; n < 30; ++n)
    Send("POST", "/ngsi-ld/v1/entities",
         fmt::format(
             R"({{"id":"urn:ngsi-ld:Bell:{}","type":"Bell","at":{{"type":"Relationship","object":"urn:p:{}"}}}})", n,
             n));
  for (int n = 0; n < 500; ++n)
    Send("POST", "/ngsi-ld/v1/entities", fmt::format(R"({{"id":"urn:ngsi-ld:Bell:{}","type":"Bell"}})", n), {},
         Caller(1, "other"));
  const http::Headers debug{{"Bongsu-Debug", "query"}};

  const auto answer = Send("GET", "/ngsi-ld/v1/entities?type=Bell&q=at==urn:p:7&count=true", {}, debug);

  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string plan{http::HeaderOf(answer.headers, "Bongsu-Query-Plan")};
  EXPECT_TRUE(plan.starts_with("0;index=\"relationship(https://uri.etsi.org/ngsi-ld/default-context/at)\";estimated="))
      << plan;
  std::size_t all = 0;
  for (auto at = plan.find("all:"); at != std::string::npos; at = plan.find("all:", at + 1))
    all += std::stoul(plan.substr(at + 4));
  EXPECT_EQ(all, 30U) << "not those of another tenant: " << plan;
  EXPECT_TRUE(http::HeaderOf(Send("GET", "/ngsi-ld/v1/entities?type=Bell").headers, "Bongsu-Query-Plan").empty());
}

TEST_F(NgsiTest, ANameCannotWriteHeadersOfItsOwn) {
  const http::Headers inline_context{{"Content-Type", "application/ld+json"}, {"Bongsu-Debug", "query"}};
  const std::string context = R"("@context":{"odd":"https://example.org/a\"b\r\nX-Evil: 1"})";
  ASSERT_EQ(Send("POST", "/ngsi-ld/v1/entities",
                 R"({"id":"urn:a:1","type":"Odd","odd":{"type":"Relationship","object":"urn:b:1"},)" + context + "}",
                 inline_context)
                .status,
            201);

  const auto answer = Send("POST", "/ngsi-ld/v1/entityOperations/query",
                           R"({"type":"Query","q":"odd==urn:b:1",)" + context + "}", inline_context);

  const std::string plan{http::HeaderOf(answer.headers, "Bongsu-Query-Plan")};
  EXPECT_NE(plan.find("relationship(https://example.org/a%22b%0D%0AX-Evil:%201)"), std::string::npos)
      << answer.status << plan << answer.body;
}

TEST_F(NgsiTest, APageThatIsTooLargeForOneTextComesInPartsWithTheSameContent) {
  MakeRooms(300, 3000);
  for (const std::string media : {"application/json", "application/ld+json", "application/geo+json"}) {
    for (const std::string order : {"", "&orderBy=n;desc"}) {
      const http::Headers accept{{"Accept", media}};
      json::Array small;
      for (int offset = 0; offset < 300; offset += 50) {
        const json::Value page = Body(
            Send("GET", fmt::format("/ngsi-ld/v1/entities?type=Room&limit=50&offset={}{}", offset, order), {}, accept));
        for (const auto& item : page.IsArray() ? page.AsArray() : page["features"].AsArray()) small.push_back(item);
      }

      auto answer = Send("GET", "/ngsi-ld/v1/entities?type=Room&limit=1000&count=true" + order, {}, accept);

      ASSERT_TRUE(answer.parts);
      EXPECT_EQ(answer.content_type, media);
      EXPECT_EQ(http::HeaderOf(answer.headers, "NGSILD-Results-Count"), "300");
      EXPECT_LT(answer.body.size(), 2 * kPartBytes);
      answer = Whole(std::move(answer));
      const json::Value body = Body(answer);
      EXPECT_EQ(body.IsArray() ? body.AsArray() : body["features"].AsArray(), small) << media << order;
      if (media == "application/geo+json") EXPECT_NE(body.Find("@context"), nullptr);
    }
  }
}

TEST_F(NgsiTest, WhatIsNoLongerAskedForIsLeftOutOfTheRestOfAPage) {
  MakeRooms(300, 3000);
  auto answer = Send("GET", "/ngsi-ld/v1/entities?type=Room&q=n>=0&limit=1000");
  ASSERT_TRUE(answer.parts);
  Send("DELETE", "/ngsi-ld/v1/entities/urn:r:298");
  Send("PATCH", "/ngsi-ld/v1/entities/urn:r:299/attrs", R"({"n":{"type":"Property","value":-1}})");

  EXPECT_EQ(Body(Whole(std::move(answer))).AsArray().size(), 298U);
}

TEST_F(NgsiTest, JoinedPagesInPartsHoldWhatSmallPagesHold) {
  MakeLinkedRooms();
  for (const std::string join : {"inline", "flat"}) {
    const std::string rooms = "/ngsi-ld/v1/entities?type=Room&join=" + join + "&joinLevel=2";
    std::set<std::string> small;
    for (int offset = 0; offset < 120; offset += 10) {
      const json::Value page = Body(Whole(Send("GET", fmt::format("{}&limit=10&offset={}", rooms, offset))));
      for (const auto& item : page.AsArray()) small.insert(json::ToString(item));
    }

    auto answer = Send("GET", rooms + "&limit=200");

    ASSERT_TRUE(answer.parts) << join;
    EXPECT_LT(answer.body.size(), 3 * kPartBytes);
    const json::Value whole = Body(Whole(std::move(answer)));
    std::set<std::string> large;
    for (const auto& item : whole.AsArray()) large.insert(json::ToString(item));
    EXPECT_EQ(large.size(), whole.AsArray().size()) << "each once";
    EXPECT_EQ(large, small) << join;
    EXPECT_EQ(large.size(), join == "flat" ? 120U + 4U + 1U : 120U);
    EXPECT_EQ(whole.AsArray().front()["id"].AsString(), "urn:r:100");
    EXPECT_EQ(whole.AsArray().back()["id"].AsString(), join == "flat" ? "urn:city" : "urn:r:219");
  }
}

TEST_F(NgsiTest, APageInPartsSaysByItsStatusWhetherAnythingHadToBeChanged) {
  MakeRooms(300, 3000);
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room&limit=1000";
  const http::Headers prefer{{"Prefer", "ngsi-ld=1.5"}};
  auto plain = Send("GET", rooms, {}, prefer);
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(http::HeaderOf(plain.headers, "Preference-Applied"), "ngsi-ld=1.5");
  ASSERT_TRUE(plain.parts);
  EXPECT_EQ(Body(Whole(std::move(plain))).AsArray().size(), 300U);
  Send("POST", "/ngsi-ld/v1/entities/urn:r:299/attrs", R"({"kind":{"type":"VocabProperty","vocab":"Hall"}})");

  auto answer = Send("GET", rooms, {}, prefer);

  EXPECT_EQ(answer.status, 203) << "the last one is a Property now";
  ASSERT_TRUE(answer.parts);
  const json::Value all = Body(Whole(std::move(answer)));
  ASSERT_EQ(all.AsArray().size(), 300U);
  EXPECT_EQ(json::ToString(all.AsArray().back()["kind"]), R"({"type":"Property","value":"Hall"})");
}

TEST_F(NgsiTest, AnAnswerThatIsKeptForARepeatHasABoundOfItsOwn) {
  MakeRooms(300, 20'000);
  const std::string query = R"({"type":"Query","entities":[{"type":"Room"}]})";
  const std::string address = "/ngsi-ld/v1/entityOperations/query?limit=";
  const http::Headers key{{"Idempotency-Key", "k"}};

  EXPECT_EQ(Send("POST", address + "100", query, key).status, 200);
  const auto refused = Send("POST", address + "300", query, key);

  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Type(refused), "TooManyResults");
  EXPECT_NE(refused.body.find("at most 4194304 bytes"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("leave the key out"), std::string::npos);
  EXPECT_EQ(Body(Whole(Send("POST", address + "300", query))).AsArray().size(), 300U);
}

TEST_F(NgsiTest, AQueryStaysInsideOfItsMemory) {
  MakeRooms(300, 3000);
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 100'000});
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room";

  EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300"))).AsArray().size(), 300U);
  EXPECT_EQ(Type(Send("GET", rooms + "&limit=501")), "TooManyResults");
  for (const std::string join : {"flat", "inline"})
    EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300&join=" + join))).AsArray().size(), 300U) << join;
  EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300", {}, {{"Prefer", "ngsi-ld=1.5"}}))).AsArray().size(), 300U);
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 10'000});
  const auto refused = Send("GET", rooms + "&limit=200&offset=90");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("smaller limit or offset"), std::string::npos) << refused.body;
}

TEST_F(NgsiTest, WhatAnEntityIsPutTogetherFromHasABound) {
  MakeLinkedRooms();
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 5'000});
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room&limit=2&joinLevel=2&join=";

  const auto inlined = Send("GET", rooms + "inline");

  EXPECT_EQ(Type(inlined), "TooManyResults");
  EXPECT_NE(inlined.body.find("more than 5000 bytes of text"), std::string::npos) << inlined.body;
  EXPECT_EQ(Body(Whole(Send("GET", rooms + "flat"))).AsArray().size(), 5U) << "only ids are held over parts";
}

}  // namespace
}  // namespace bongsu::ngsi
