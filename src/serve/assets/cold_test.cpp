// SPDX-License-Identifier: Apache-2.0
// A broker with no memory for attributes: what is saved is in the store alone, and every answer is the same.
#include "serve/assets/asset_routes.hpp"
#include "serve/ngsi/broker_fake.hpp"

namespace bongsu::api {
namespace {

class ColdBrokerTest : public ngsi::BrokerTest {
 protected:
  ColdBrokerTest() : BrokerTest{1} {
    Routes routes = PastRoutes(live_, service_);
    const ReplicaHere here = [this]() -> const context::Replica* { return &live_.replica(shards_.Current()); };
    std::ranges::move(AssetRoutes(here, service_), std::back_inserter(routes));
    Serve(std::move(routes));
    for (int n = 0; n < 12; ++n) {
      const auto made =
          Send("POST", "/ngsi-ld/v1/entities",
               fmt::format(R"({{"id":"{}","type":"{}","level":{{"type":"Property","value":{}}},
            "name":{{"type":"Property","value":"n{}"}},
            "location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},37.5]}}}},
            "next":{{"type":"Relationship","object":"{}"}}}})",
                           Id(n), n % 3 == 0 ? "Pump" : "Gauge", (n * 7) % 12, n, 126.0 + n / 10.0, Id((n + 1) % 12)));
      EXPECT_EQ(made.status, 201) << made.body;
    }
  }
  static std::string Id(int n) { return fmt::format("urn:ngsi-ld:Thing:{:02}", n); }

  void Flush() {
    std::promise<void> done;
    live_.FlushAll([&](const Result<void>& saved) {
      EXPECT_TRUE(saved);
      done.set_value();
    });
    done.get_future().wait();
  }
  /// Saves, and waits until all of them are cold.
  void AllCold() {
    Flush();
    for (std::size_t shard = 0; shard < 2;) {
      std::promise<bool> cold;
      shards_.Post(shard, [&] {
        const context::Context& context = live_.context(shard);
        cold.set_value(context.warmth().cold() == context.size());
      });
      if (cold.get_future().get()) ++shard;
    }
  }
  std::uint64_t Reads() { return metrics_.Counter("bongsu_context_cold_reads_total", "").value(); }
};

TEST_F(ColdBrokerTest, EveryReaderSeesColdEntitiesAsTheyAre) {
  const std::vector<std::string> targets{
      "/ngsi-ld/v1/entities/" + Id(4),
      "/ngsi-ld/v1/entities/" + Id(4) + "?join=inline&joinLevel=2",
      "/ngsi-ld/v1/entities/" + Id(4) + "?join=flat",
      "/ngsi-ld/v1/entities?type=Gauge&limit=3",
      "/ngsi-ld/v1/entities?type=Gauge&count=true&limit=2&offset=2",
      "/ngsi-ld/v1/entities?type=Gauge,Pump&q=level%3E5&count=true",
      "/ngsi-ld/v1/entities?type=Gauge&q=level%3E5;name!=%22n4%22&limit=1",
      "/ngsi-ld/v1/entities?type=Gauge&attrs=level&options=keyValues",
      "/ngsi-ld/v1/entities?type=Gauge&attrs=nothing",
      "/ngsi-ld/v1/entities?type=Gauge,Pump&orderBy=level;desc&limit=5",
      "/ngsi-ld/v1/entities?type=Pump&georel=near;maxDistance==40000&geometry=Point&coordinates=%5B126,37.5%5D",
      "/ngsi-ld/v1/entities?type=Gauge&join=flat&limit=4",
      "/ngsi-ld/v1/entities?type=Gauge&q=next%7BPump:level%7D%3E1&join=inline",
      "/ngsi-ld/v1/types",
      "/ngsi-ld/v1/types?details=true",
      "/ngsi-ld/v1/types/Gauge",
      "/ngsi-ld/v1/attributes?details=true",
      "/ngsi-ld/v1/attributes/level",
      "/api/v1/context/entities?type=Gauge",
      "/api/v1/context/entities/" + Id(4),
      "/api/v1/assets?kind=Gauge",
      "/api/v1/assets/" + Id(4),
  };
  std::vector<std::string> whole;
  for (const auto& target : targets) {
    const auto answer = Send("GET", target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    whole.push_back(answer.body);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    AllCold();
    const auto answer = Send("GET", targets[i]);
    EXPECT_EQ(answer.status, 200) << targets[i] << answer.body;
    EXPECT_EQ(answer.body, whole[i]) << targets[i];
  }
  EXPECT_GT(Reads(), targets.size());
}

TEST_F(ColdBrokerTest, AQueryByBodyAndAPurgeReachColdEntities) {
  const std::string body = R"({"type":"Query","entities":[{"type":"Gauge"}],"q":"level<4"})";
  const auto before = Send("POST", "/ngsi-ld/v1/entityOperations/query", body);
  ASSERT_EQ(before.status, 200) << before.body;
  AllCold();
  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entityOperations/query", body).body, before.body);

  AllCold();
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?type=Gauge&drop=name").status, 204);
  AllCold();
  EXPECT_EQ(Get("/ngsi-ld/v1/entities?type=Gauge,Pump&attrs=name&limit=100").AsArray().size(), 4U);
  AllCold();
  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities?type=Gauge&q=level%3E5").status, 204);
  AllCold();
  EXPECT_EQ(Get("/ngsi-ld/v1/entities?type=Gauge&q=level%3E5").AsArray().size(), 0U);
  EXPECT_GT(Get("/ngsi-ld/v1/entities?type=Gauge").AsArray().size(), 0U);
}

TEST_F(ColdBrokerTest, WritesSeeWhatTheyChange) {
  AllCold();
  const std::string path = "/ngsi-ld/v1/entities/" + Id(5);
  EXPECT_EQ(Send("POST", "/ngsi-ld/v1/entities", R"({"id":")" + Id(5) + R"(","type":"Gauge"})").status, 409);
  AllCold();
  const auto kept = Send("POST", path + "/attrs?options=noOverwrite",
                         R"({"level":{"type":"Property","value":99},"extra":{"type":"Property","value":1}})");
  EXPECT_EQ(kept.status, 207) << kept.body;
  EXPECT_EQ(json::Parse(kept.body).value()["updated"].AsArray().size(), 1U);
  AllCold();
  EXPECT_EQ(Send("PATCH", path, R"({"level":{"type":"Property","value":50}})").status, 204);
  AllCold();
  EXPECT_EQ(Send("DELETE", path + "/attrs/extra").status, 204);
  AllCold();
  EXPECT_EQ(Send("DELETE", path + "/attrs/extra").status, 404);
  const auto many = Send("POST", "/ngsi-ld/v1/entityOperations/upsert?options=update",
                         R"([{"id":")" + Id(5) + R"(","type":"Gauge","more":{"type":"Property","value":2}},{"id":")" +
                             Id(6) + R"(","type":"Pump","level":{"type":"Property","value":51}}])");
  EXPECT_EQ(many.status, 204) << many.body;
  AllCold();
  const auto five = Get(path + "?options=keyValues");
  EXPECT_EQ(five["level"].AsInt(), 50);
  EXPECT_EQ(five["more"].AsInt(), 2);
  EXPECT_EQ(five["name"].AsString(), "n5");
  EXPECT_EQ(Get("/ngsi-ld/v1/entities/" + Id(6) + "?options=keyValues")["level"].AsInt(), 51);
  AllCold();
  EXPECT_EQ(Send("DELETE", path).status, 204);
  EXPECT_EQ(Send("GET", path).status, 404);
}

}  // namespace
}  // namespace bongsu::api
