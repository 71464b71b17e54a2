// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/temporal_fake.hpp"

namespace bongsu::temporal {
namespace {

TEST_F(TemporalTest, EveryWriteOfAnEntityIsAnInstance) {
  Expect(Send("POST", "/ngsi-ld/v1/entities", R"({"id":")" + kCar + R"(","type":"Car","speed":)" + Speed(5, 0) + "}"),
         201);
  Expect(Send("PATCH", "/ngsi-ld/v1/entities/" + kCar + "/attrs",
              R"({"speed":)" + Speed(7, 1, R"(,"unitCode":"KMH")") + "}"),
         204);

  const auto car = Get(kCarHistory);

  EXPECT_EQ(car["id"].AsString(), kCar);
  EXPECT_EQ(car["type"].AsString(), "Car");
  EXPECT_EQ(Numbers(car["speed"]), (std::vector<double>{5, 7}));
  const json::Value& second = car["speed"].AsArray()[1];
  EXPECT_EQ(second["observedAt"].AsString(), At(1));
  EXPECT_EQ(second["unitCode"].AsString(), "KMH");
  EXPECT_TRUE(second["instanceId"].AsString().starts_with("urn:ngsi-ld:Instance:"));
  EXPECT_EQ(second.Find("createdAt"), nullptr);
  EXPECT_NE(Get(kCarHistory + "?options=sysAttrs")["speed"].AsArray()[1].Find("modifiedAt"), nullptr);
  Expect(Send("GET", kTemporal + "/urn:ngsi-ld:Car:2"), 404, "ResourceNotFound");
}

TEST_F(TemporalTest, HistoryThatIsHandedInMakesTheEntityWhatItSaysLast) {
  const auto made = Send("POST", kTemporal,
                         R"({"id":")" + kCar + R"(","type":"Car","speed":[)" + Speed(3, 3) + "," + Speed(1, 1) + "]}");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(http::HeaderOf(made.headers, "Location"), kCarHistory);
  EXPECT_EQ(Get("/ngsi-ld/v1/entities/" + kCar)["speed"]["value"].AsInt(), 3);

  Expect(Send("POST", kTemporal, R"({"id":")" + kCar + R"(","type":"Car","speed":[)" + Speed(2, 2) + "]}"), 204);
  Expect(Send("POST", kCarHistory + "/attrs", R"({"speed":[)" + Speed(30, 3) + R"(],"fuel":{"value":"high"}})"), 204);

  const auto car = Get(kCarHistory);
  EXPECT_EQ(Numbers(car["speed"]), (std::vector<double>{1, 2, 30}));  // one instance for one observedAt
  EXPECT_EQ(car["fuel"].AsArray().size(), 1U);
  EXPECT_EQ(Get("/ngsi-ld/v1/entities/" + kCar)["speed"]["value"].AsInt(), 30);
  Expect(Send("POST", kTemporal + "/urn:ngsi-ld:Car:2/attrs", R"({"speed":[)" + Speed(2, 2) + "]}"), 404,
         "ResourceNotFound");
  Expect(Send("POST", kTemporal, R"({"id":"urn:a:1","speed":[)" + Speed(2, 2) + "]}"), 400, "BadRequestData");
}

TEST_F(TemporalTest, SpansOfTimeEndAsTheStandardSays) {
  Drive(10);
  const auto speeds = [&](const std::string& query) { return Numbers(Get(kCarHistory + "?" + query)["speed"]); };

  EXPECT_EQ(speeds("timerel=before&timeAt=" + At(3)), (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(speeds("timerel=after&timeAt=" + At(7)), (std::vector<double>{7, 8, 9}));
  EXPECT_EQ(speeds("timerel=between&timeAt=" + At(2) + "&endTimeAt=" + At(5)), (std::vector<double>{2, 3, 4}));
  EXPECT_EQ(speeds("lastN=2"), (std::vector<double>{9, 8}));
  EXPECT_EQ(speeds("timerel=before&timeAt=" + At(5) + "&lastN=2"), (std::vector<double>{4, 3}));
  EXPECT_EQ(speeds("timerel=after&timeAt=2020-01-01T00:00:00Z&timeproperty=createdAt").size(), 10U);
  EXPECT_EQ(speeds("timerel=before&timeAt=2020-01-01T00:00:00Z&timeproperty=createdAt").size(), 0U);
  for (const char* bad :
       {"timerel=during&timeAt=2020-01-01T00:00:00Z", "timerel=before", "timeAt=2020-01-01T00:00:00Z",
        "timerel=between&timeAt=2020-01-01T00:00:00Z", "timerel=before&timeAt=yesterday", "lastN=0", "lastN=-1",
        "lastN=1.5", "timeproperty=sometime", "options=aggregatedValues", "options=aggregatedValues&aggrMethods=median",
        "options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=1D"})
    Expect(Send("GET", kCarHistory + "?" + bad), 400, "BadRequestData");
  Expect(Send("GET", kCarHistory + "?nonsense=1"), 400, "InvalidRequest");
  Expect(Send("GET", kCarHistory + "?options=nonsense"), 400, "InvalidRequest");
}

TEST_F(TemporalTest, ShowsValuesWithTheirTimes) {
  Drive(2);
  Send("POST", kCarHistory + "/attrs",
       fmt::format(R"({{"name":[{{"languageMap":{{"ko":"차","en":"car"}},"observedAt":"{}"}}],
            "owner":[{{"object":"urn:a:1","observedAt":"{}"}}],"kind":[{{"vocab":"Taxi","observedAt":"{}"}}],
            "speed":[{{"value":50,"datasetId":"urn:d:gps","observedAt":"{}"}}]}})",
                   At(0), At(0), At(0), At(1)));

  const auto car = Get(kCarHistory + "?options=temporalValues");

  EXPECT_EQ(car["speed"].AsArray()[0],
            json::Parse(fmt::format(R"({{"type":"Property","values":[[0,"{}"],[1,"{}"]]}})", At(0), At(1))).value());
  EXPECT_EQ(car["speed"].AsArray()[1]["datasetId"].AsString(), "urn:d:gps");
  EXPECT_EQ(
      car["name"],
      json::Parse(
          fmt::format(
              R"({{"type":"LanguageProperty","languageMaps":[[{{"languageMap":{{"ko":"차","en":"car"}}}},"{}"]]}})",
              At(0)))
          .value());
  EXPECT_EQ(car["owner"]["objects"].AsArray()[0].AsArray()[0].AsString(), "urn:a:1");
  EXPECT_EQ(car["kind"]["vocabs"].AsArray()[0].AsArray()[0]["vocab"].AsString(), "Taxi");
  EXPECT_EQ(Get(kCarHistory + "?options=temporalValues&lang=en")["name"]["values"].AsArray()[0].AsArray()[0].AsString(),
            "car");
  const auto concise = Get(kCarHistory + "?options=concise&attrs=name&lang=ko");
  EXPECT_EQ(concise["name"].AsArray()[0]["value"].AsString(), "차");
  EXPECT_EQ(concise["name"].AsArray()[0].Find("type"), nullptr);
  EXPECT_EQ(Get(kCarHistory + "?datasetId=urn:d:gps")["speed"].AsArray().size(), 1U);
}

TEST_F(TemporalTest, SumsInPeriods) {
  Drive(20);
  const auto car =
      Get(kCarHistory +
          "?options=aggregatedValues&aggrMethods=avg,max,totalCount&aggrPeriodDuration=PT10M&timerel=after&timeAt=" +
          At(0));

  EXPECT_EQ(car["speed"], json::Parse(fmt::format(R"({{"type":"Property","avg":[[4.5,"{0}","{1}"],[14.5,"{1}","{2}"]],
      "max":[[9,"{0}","{1}"],[19,"{1}","{2}"]],"totalCount":[[10,"{0}","{1}"],[10,"{1}","{2}"]]}})",
                                                  At(0), At(10), At(20)))
                              .value());
  const auto all = Get(kCarHistory + "?options=aggregatedValues&aggrMethods=sum");
  EXPECT_EQ(all["speed"]["sum"].AsArray()[0], json::Parse(fmt::format(R"([190,"{}","{}"])", At(0), At(19))).value());
  Send("POST", kCarHistory + "/attrs", R"({"owner":[{"object":"urn:a:1"}]})");
  Expect(Send("GET", kCarHistory + "?options=aggregatedValues&aggrMethods=avg&attrs=owner"), 400, "InvalidRequest");
}

TEST_F(TemporalTest, EditsAndDeletesInstances) {
  Drive(3);
  const auto before = Get(kCarHistory + "?options=sysAttrs")["speed"];
  const std::string second{before.AsArray()[1]["instanceId"].AsString()};
  const std::string address = kCarHistory + "/attrs/speed/" + second;

  Expect(Send("PATCH", address, R"({"speed":[)" + Speed(100, 5) + "]}"), 204);

  const auto after = Get(kCarHistory + "?options=sysAttrs")["speed"];
  EXPECT_EQ(Numbers(after), (std::vector<double>{0, 2, 100}));
  EXPECT_EQ(after.AsArray()[2]["instanceId"].AsString(), second);
  EXPECT_EQ(after.AsArray()[2]["createdAt"], before.AsArray()[1]["createdAt"]);
  EXPECT_NE(after.AsArray()[2]["modifiedAt"], before.AsArray()[1]["modifiedAt"]);
  Expect(Send("DELETE", address), 204);
  EXPECT_EQ(Numbers(Get(kCarHistory)["speed"]), (std::vector<double>{0, 2}));
  Expect(Send("DELETE", address), 404, "ResourceNotFound");
  Expect(Send("PATCH", address, R"({"speed":[)" + Speed(100, 5) + "]}"), 404, "ResourceNotFound");
  Expect(Send("DELETE", kCarHistory + "/attrs/speed/urn:ngsi-ld:unknown"), 404, "ResourceNotFound");
  Expect(Send("DELETE", kCarHistory + "/attrs/speed/nonsense"), 400, "BadRequestData");
  Expect(Send("PATCH", address, R"({"speed":[)" + Speed(1, 1) + "," + Speed(2, 2) + "]}"), 400, "BadRequestData");
  Expect(Send("PATCH", address, R"({"fuel":[)" + Speed(1, 1) + "]}"), 400, "BadRequestData");
}

TEST_F(TemporalTest, DeletesTheHistoryOfAttributesAndEntities) {
  Drive(3);
  Send("POST", kCarHistory + "/attrs",
       R"({"speed":[{"value":5,"datasetId":"urn:d:1"}],"fuel":[{"value":1},{"value":2}]})");

  Expect(Send("DELETE", kCarHistory + "/attrs/speed"), 204);
  EXPECT_EQ(Get(kCarHistory)["speed"].AsArray().size(), 1U);  // of the other dataset
  Expect(Send("DELETE", kCarHistory + "/attrs/speed"), 404, "ResourceNotFound");
  Expect(Send("DELETE", kCarHistory + "/attrs/speed?deleteAll=true"), 204);
  EXPECT_EQ(Get(kCarHistory).Find("speed"), nullptr);
  Expect(Send("GET", kCarHistory + "?attrs=speed"), 404, "ResourceNotFound");
  Expect(Send("DELETE", kCarHistory + "/attrs/none"), 404, "ResourceNotFound");

  Expect(Send("DELETE", kCarHistory), 204);
  Expect(Send("GET", kCarHistory), 404, "ResourceNotFound");
  Expect(Send("DELETE", kCarHistory), 404, "ResourceNotFound");
  Expect(Send("GET", "/ngsi-ld/v1/entities/" + kCar), 200);  // what is, stays
  Expect(Send("PATCH", "/ngsi-ld/v1/entities/" + kCar + "/attrs", R"({"fuel":3})"), 204);
  EXPECT_EQ(Get(kCarHistory)["fuel"].AsArray().size(), 1U);  // and has a history again
}

TEST_F(TemporalTest, WhatIsDeletedIsToldByDeletedAt) {
  Drive(2);
  Expect(Send("DELETE", "/ngsi-ld/v1/entities/" + kCar + "/attrs/speed"), 204);
  const std::string later = "timerel=after&timeAt=2020-01-01T00:00:00Z&timeproperty=deletedAt";

  const auto car = Get(kCarHistory + "?" + later);

  ASSERT_EQ(car["speed"].AsArray().size(), 1U);
  EXPECT_EQ(car["speed"].AsArray()[0]["value"].AsString(), "urn:ngsi-ld:null");
  EXPECT_NE(car["speed"].AsArray()[0].Find("deletedAt"), nullptr);
  EXPECT_EQ(Numbers(Get(kCarHistory)["speed"]), (std::vector<double>{0, 1}));
  Expect(Send("DELETE", "/ngsi-ld/v1/entities/" + kCar), 204);
  EXPECT_NE(Get(kCarHistory + "?" + later).Find("deletedAt"), nullptr);
  EXPECT_EQ(Numbers(Get(kCarHistory)["speed"]), (std::vector<double>{0, 1}));
}

TEST_F(TemporalTest, MoreThanTheBoundIsPartialContent) {
  Drive(50);

  const auto first = Send("GET", kCarHistory);
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(http::HeaderOf(first.headers, "Content-Range"), fmt::format("date-time {}-{}/*", At(0), At(29)));
  EXPECT_EQ(json::Parse(first.body).value()["speed"].AsArray().size(), 30U);
  const auto from = Send("GET", kCarHistory + "?timerel=after&timeAt=" + At(5));
  EXPECT_EQ(http::HeaderOf(from.headers, "Content-Range"), fmt::format("date-time {}-{}/*", At(5), At(34)));
  const auto last = Send("GET", kCarHistory + "?lastN=40");
  EXPECT_EQ(last.status, 206);
  EXPECT_EQ(http::HeaderOf(last.headers, "Content-Range"), fmt::format("date-time {}-{}/40", At(49), At(20)));
  EXPECT_EQ(Send("GET", kCarHistory + "?lastN=30").status, 200);
  EXPECT_EQ(Send("GET", kCarHistory + "?options=aggregatedValues&aggrMethods=avg").status, 200);
}

TEST_F(TemporalTest, QueriesSelectByTypeValuesAndTime) {
  Drive(5, "urn:ngsi-ld:Car:1");
  Drive(15, "urn:ngsi-ld:Car:2");
  Send("POST", kTemporal, R"({"id":"urn:ngsi-ld:Bus:1","type":"Bus","speed":[)" + Speed(3, 3) + "]}");
  const auto ids = [&](const std::string& query) {
    std::vector<std::string> found;
    const json::Value all = Get(kTemporal + "?" + query);
    for (const auto& one : all.AsArray()) found.emplace_back(one["id"].AsString());
    return found;
  };
  using Ids = std::vector<std::string>;
  const std::string all = "timerel=after&timeAt=" + At(0);

  EXPECT_EQ(ids("type=Car&" + all), (Ids{"urn:ngsi-ld:Car:1", "urn:ngsi-ld:Car:2"}));
  EXPECT_EQ(ids("type=Car&timerel=after&timeAt=" + At(7)), (Ids{"urn:ngsi-ld:Car:2"}));
  EXPECT_EQ(ids("type=Car,Bus&q=speed==3&" + all).size(), 3U);
  EXPECT_EQ(ids("type=Car&q=speed>10&" + all), (Ids{"urn:ngsi-ld:Car:2"}));
  EXPECT_EQ(ids("type=Car&q=speed>10&timerel=before&timeAt=" + At(5)), Ids{});
  EXPECT_EQ(ids("attrs=speed&idPattern=Bus&" + all), (Ids{"urn:ngsi-ld:Bus:1"}));
  EXPECT_EQ(ids("type=Car&limit=1&offset=1&" + all), (Ids{"urn:ngsi-ld:Car:2"}));
  const auto counted = Send("GET", kTemporal + "?type=Car&limit=1&count=true&" + all);
  EXPECT_EQ(http::HeaderOf(counted.headers, "NGSILD-Results-Count"), "2");
  EXPECT_NE(http::HeaderOf(counted.headers, "Link").find("offset=1&"), std::string_view::npos);
  Expect(Send("GET", kTemporal + "?type=Car"), 400, "BadRequestData");
  Expect(Send("GET", kTemporal + "?id=urn:ngsi-ld:Car:1&" + all), 400, "BadRequestData");

  const auto by_body = Send("POST", "/ngsi-ld/v1/temporal/entityOperations/query?options=aggregatedValues",
                            fmt::format(R"({{"type":"Query","entities":[{{"type":"Car"}}],
      "temporalQ":{{"timerel":"after","timeAt":"{}"}},"aggrParams":{{"aggrMethods":["max"]}}}})",
                                        At(0)));
  ASSERT_EQ(by_body.status, 200) << by_body.body;
  EXPECT_EQ(json::Parse(by_body.body).value().AsArray()[1]["speed"]["max"].AsArray()[0].AsArray()[0].AsInt(), 14);
  Expect(Send("POST", "/ngsi-ld/v1/entityOperations/query",
              R"({"type":"Query","entities":[{"type":"Car"}],"temporalQ":{"timerel":"after"}})"),
         400, "BadRequestData");
}

TEST_F(TemporalTest, AHistoryThatWasDeletedIsMadeAnew) {
  const std::string body = R"({"id":")" + kCar + R"(","type":"Car","speed":[)" + Speed(3, 3) + "]}";
  Expect(Send("POST", kTemporal, body), 201);
  Expect(Send("DELETE", kCarHistory), 204);

  Expect(Send("POST", kTemporal, body), 201);
  Expect(Send("POST", kTemporal, body), 204);
}

TEST_F(TemporalTest, AnInstanceIsReplacedByABareOneToo) {
  Expect(Send("POST", kTemporal, R"({"id":")" + kCar + R"(","type":"Car","speed":[)" + Speed(3, 3) + "]}"), 201);
  const std::string instance{Get(kCarHistory)["speed"].AsArray()[0]["instanceId"].AsString()};

  Expect(Send("PATCH", kCarHistory + "/attrs/speed/" + instance, Speed(7, 5)), 204);

  EXPECT_EQ(Numbers(Get(kCarHistory)["speed"]), (std::vector<double>{7}));
  Expect(Send("DELETE", kCarHistory + "/attrs//" + instance), 400, "BadRequestData");
  Expect(Send("POST", kTemporal + "//attrs", R"({"speed":)" + Speed(1, 1) + "}"), 400, "BadRequestData");
}

TEST_F(TemporalTest, ProjectionAndOrderFollowTheEntity) {
  for (const auto* id : {"urn:ngsi-ld:Car:1", "urn:ngsi-ld:Car:2"})
    Expect(Send("POST", kTemporal, fmt::format(R"({{"id":"{}","type":"Car","speed":[{}]}})", id, Speed(3, 3))), 201);
  const std::string all = "?type=Car&timerel=after&timeAt=" + At(0);

  const auto ids = Get(kTemporal + all + "&pick=id&orderBy=id;desc");

  EXPECT_EQ(ids, json::Parse(R"([{"id":"urn:ngsi-ld:Car:2"},{"id":"urn:ngsi-ld:Car:1"}])").value());
  Expect(Send("GET", kTemporal + all + "&orderBy=type"), 400, "BadRequestData");
  Expect(Send("GET", kTemporal + all + "&pick=owner{name}"), 400, "BadRequestData");
  Expect(Send("GET", kCarHistory + "?omit=id,type,speed"), 404, "ResourceNotFound");
  Expect(Send("GET", kTemporal + all + "&q=owner{name}"), 400, "BadRequestData");
}

TEST_F(TemporalTest, SaysWhichVerbsThereAre) {
  const auto put = Send("PUT", kCarHistory, "{}");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(http::HeaderOf(put.headers, "Allow"), "GET, DELETE");
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/temporal/entityMaps").status, 501);
  EXPECT_EQ(Send("GET", "/ngsi-ld/v1/temporal/nonsense").status, 404);
}

}  // namespace
}  // namespace bongsu::temporal
