// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/temporal_fake.hpp"

namespace bongsu::temporal {
namespace {

const std::string kEntities = "/ngsi-ld/v1/entities";

class ScopeHistoryTest : public TemporalTest {
 protected:
  static std::string Scope(const std::string& value, int minute) {
    return fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"}})", value, At(minute));
  }
  static std::string Among(int from, int to) { return "&timerel=between&timeAt=" + At(from) + "&endTimeAt=" + At(to); }
  std::size_t Found(const std::string& scope, const std::string& span) {
    return Get(kTemporal + "?type=Car&scopeQ=" + scope + span).AsArray().size();
  }
  static std::vector<std::string> Values(const json::Value& scope) {
    std::vector<std::string> values;
    for (const auto& instance : scope.AsArray()) values.push_back(json::ToString(instance["value"]));
    return values;
  }
};

TEST_F(ScopeHistoryTest, AScopeIsAPropertyOfItsOwnInHistory) {
  Expect(Send("POST", kEntities, R"({"id":")" + kCar + R"(","type":"Car","scope":"/Old","speed":)" + Speed(1, 0) + "}"),
         201);
  clock_.Advance(std::chrono::seconds{1});
  Expect(Send("PATCH", kEntities + "/" + kCar, R"({"scope":["/New","/B"]})"), 204);
  clock_.Advance(std::chrono::seconds{1});
  Expect(Send("DELETE", kEntities + "/" + kCar + "/attrs/scope"), 204);

  const auto scope = Get(kCarHistory + "?options=sysAttrs")["scope"];
  EXPECT_EQ(Values(scope), (std::vector<std::string>{R"("/Old")", R"(["/New","/B"])"}));
  const auto& second = scope.AsArray()[1];
  EXPECT_EQ(second["observedAt"], second["modifiedAt"]);
  EXPECT_EQ(second["type"].AsString(), "Property");
  EXPECT_EQ(second.Find("instanceId"), nullptr);

  const auto gone = Get(kCarHistory + "?timeproperty=deletedAt")["scope"];
  ASSERT_EQ(Values(gone), std::vector<std::string>{"[]"});
  EXPECT_NE(gone.AsArray()[0].Find("deletedAt"), nullptr);
  const auto values = Get(kCarHistory + "?timeproperty=deletedAt&options=temporalValues")["scope"];
  EXPECT_EQ(json::ToString(values["values"].AsArray()[0].AsArray()[0]), "[]");
  EXPECT_EQ(Get(kCarHistory + "?omit=scope").Find("scope"), nullptr);
  EXPECT_EQ(Get(kCarHistory + "?attrs=speed").Find("scope"), nullptr);
}

TEST_F(ScopeHistoryTest, AQueryAsksTheScopeAtTheTimeAndGivesWhatWasSoInIt) {
  Expect(Send("POST", kTemporal,
              R"({"id":")" + kCar + R"(","type":"Car","scope":[)" + Scope(R"("/R")", 0) + "," +
                  Scope(R"(["/S","/T"])", 30) + R"(],"speed":[)" + Speed(15, 15) + "," + Speed(45, 45) + "]}"),
         201);

  EXPECT_EQ(Found("/R", Among(10, 60)), 1U);
  EXPECT_EQ(Found("/R", Among(30, 60)), 0U);
  EXPECT_EQ(Found("/S", Among(10, 30)), 0U);
  EXPECT_EQ(Found("(/S;/T)", Among(10, 60)), 1U);
  EXPECT_EQ(Found("(/R;/T)", Among(10, 60)), 0U);
  EXPECT_EQ(Found("/%23", Among(10, 60)), 1U);
  const auto in_r = Get(kTemporal + "?type=Car&scopeQ=/R" + Among(10, 60)).AsArray()[0];
  EXPECT_EQ(Numbers(in_r["speed"]), std::vector<double>{15});
  EXPECT_EQ(Values(in_r["scope"]), std::vector<std::string>{R"("/R")"});  // was so when the span begins
  EXPECT_EQ(Numbers(Get(kTemporal + "?type=Car&scopeQ=/S&q=speed>40" + Among(10, 60)).AsArray()[0]["speed"]),
            std::vector<double>{45});
  EXPECT_EQ(Found("/R", Among(10, 60) + "&q=speed>40"), 0U);
  const auto sums = Get(kTemporal + "?type=Car&scopeQ=/S&options=aggregatedValues&aggrMethods=max" + Among(10, 60));
  EXPECT_EQ(sums.AsArray()[0]["speed"]["max"].AsArray()[0].AsArray()[0].AsInt(), 45);
}

TEST_F(ScopeHistoryTest, ALateScopeMakesTheEntityWhatItsHistorySaysLast) {
  const auto tell = [&](const std::string& scopes) {
    Expect(Send("POST", kTemporal,
                R"({"id":")" + kCar + R"(","type":"Car","scope":)" + scopes + R"(,"speed":[)" + Speed(1, 1) + "]}"),
           204);
  };
  Expect(Send("POST", kTemporal,
              R"({"id":")" + kCar + R"(","type":"Car","scope":)" + Scope(R"("/B")", 20) + R"(,"speed":[)" +
                  Speed(1, 1) + "]}"),
         201);
  tell("[" + Scope(R"("/A")", 10) + "]");
  EXPECT_EQ(Get(kEntities + "/" + kCar)["scope"].AsString(), "/B");
  tell("[" + Scope(R"("/C")", 30) + "," + Scope("[]", 25) + "]");
  EXPECT_EQ(Get(kEntities + "/" + kCar)["scope"].AsString(), "/C");

  EXPECT_EQ(Values(Get(kCarHistory)["scope"]), (std::vector<std::string>{R"("/A")", R"("/B")", "[]", R"("/C")"}));
  EXPECT_EQ(Found("/B", Among(15, 60)), 1U);  // that it came there is an instance too
  EXPECT_EQ(Found("/B", Among(21, 60)), 0U);
  EXPECT_EQ(Found("/%23", Among(25, 30)), 0U);
  Expect(Send("POST", kCarHistory + "/attrs", R"({"scope":[)" + Scope(R"("/D")", 40) + "]}"), 204);
  EXPECT_EQ(Get(kEntities + "/" + kCar)["scope"].AsString(), "/D");

  Expect(Send("DELETE", kCarHistory + "/attrs/scope"), 204);
  EXPECT_EQ(Get(kCarHistory).Find("scope"), nullptr);
  EXPECT_EQ(Get(kEntities + "/" + kCar)["scope"].AsString(), "/D");
}

TEST_F(ScopeHistoryTest, NothingFromBeforeThePastBeginsIsGivenButTheScopeThatIsStillSo) {
  Expect(Send("POST", kTemporal,
              R"({"id":")" + kCar + R"(","type":"Car","scope":[)" + Scope(R"("/A")", 1) + "," + Scope(R"("/B")", 10) +
                  R"(],"speed":[)" + Speed(5, 5) + "," + Speed(20, 20) + "]}"),
         201);
  std::promise<Result<void>> done;
  const std::uint16_t partition = model::PartitionOf(0, kCar, live_.partitions());
  const auto cut = store::HistoryCut{journal_.RangeOf(partition).last_seq, ParseTime(At(15)).value()};
  live_.CutHistory(partition, cut, [&](const Result<void>& result) { done.set_value(result); });
  ASSERT_TRUE(done.get_future().get());

  const auto car = Get(kCarHistory);
  EXPECT_EQ(Numbers(car["speed"]), std::vector<double>{20});
  EXPECT_EQ(Found("/B", Among(16, 60)), 1U);
  EXPECT_EQ(Found("/A", Among(0, 60)), 0U);
  EXPECT_EQ(Values(Get(kCarHistory + "?timerel=after&timeAt=" + At(16))["scope"]), std::vector<std::string>{R"("/B")"});
  const auto early = Send("GET", kCarHistory + "?timerel=before&timeAt=" + At(15));
  Expect(early, 404, "ResourceNotFound");
  EXPECT_NE(early.body.find(At(15)), std::string::npos) << early.body;
}

TEST_F(ScopeHistoryTest, AnInstanceOfAScopeIsRefusedByWhatIsWrongWithIt) {
  for (const auto* scope :
       {R"([{"type":"Relationship","value":"/A"}])", R"([{"type":"Property"}])",
        R"([{"type":"Property","value":"/1"}])", R"([{"type":"Property","value":"/A","unitCode":"X"}])",
        R"([{"type":"Property","value":"/A"},"/B"])", R"([{"type":"Property","value":"/A","observedAt":"noon"}])"}) {
    Expect(Send("POST", kTemporal, fmt::format(R"({{"id":"{}","type":"Car","scope":{}}})", kCar, scope)), 400,
           "BadRequestData");
  }
  Expect(Send("POST", kEntities, R"({"id":")" + kCar + R"(","type":"Car","scope":[)" + Scope(R"("/A")", 1) + "]}"), 400,
         "BadRequestData");
}

}  // namespace
}  // namespace bongsu::temporal
