// SPDX-License-Identifier: Apache-2.0
// Queries: what is found, in which order, with what it links to, and by which index.
#include "serve/ngsi/ngsi_fake.hpp"

namespace bongsu::ngsi {
namespace {

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

}  // namespace
}  // namespace bongsu::ngsi
