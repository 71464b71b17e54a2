// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "serve/assets/asset_routes.hpp"
#include "serve/ngsi/broker_fake.hpp"

namespace bongsu::api {
namespace {

/// A small city: what is written over NGSI-LD is what these routes show.
class AssetsTest : public ngsi::BrokerTest {
 protected:
  AssetsTest() {
    const ReplicaHere here = [this]() -> const context::Replica* { return &live_.replica(shards_.Current()); };
    const json::Value city =
        json::Parse(
            R"({"places":[{"id":"P1","kind":"market","name":{"ko":"중앙시장","en":"Central market"},"point":[126.61,35.81],"address":{"ko":"하늘시 중앙동"}}]})")
            .value();
    Routes all = AssetRoutes(here, service_);
    for (auto routes :
         {SearchRoutes({EntitySource(here), CitySource(city, "").value()}), PastRoutes(live_, service_)}) {
      std::ranges::move(routes, std::back_inserter(all));
    }
    Serve(std::move(all));
  }

  /// Replicas of other shards follow by a message; after both shards answered once, they are there.
  void Settle() {
    for (const std::size_t shard : {0U, 1U, 0U, 1U}) {
      std::promise<void> done;
      shards_.Post(shard, [&] { done.set_value(); });
      done.get_future().wait();
    }
  }

  void Put(const std::string& id, const std::string& type, const std::string& rest) {
    const auto response = Send("POST", "/ngsi-ld/v1/entityOperations/upsert?options=update",
                               fmt::format(R"([{{"id":"urn:ngsi-ld:{}:{}","type":"{}",{}}}])", type, id, type, rest));
    EXPECT_LT(response.status, 205) << response.body;
    Settle();
  }

  void SmallCity() {
    Put("SW-1", "NetworkSwitch",
        R"("name":{"languageMap":{"ko":"시장 입구 함체","en":"Market cabinet"}},"status":"ok","location":{"type":"Point","coordinates":[126.60,35.80]})");
    Put("C-0001", "Camera",
        R"("name":{"languageMap":{"ko":"중앙시장 입구","en":"Central market gate"}},"address":{"languageMap":{"ko":"하늘시 중앙동 시장로 12","en":"12, Sijang-ro"}},
        "district":"D1","status":"ok","location":{"type":"Point","coordinates":[126.61,35.81]},"refSwitch":{"object":"urn:ngsi-ld:NetworkSwitch:SW-1"},
        "azimuth":{"value":90,"unitCode":"DD"})");
    Put("C-0002", "Camera",
        R"("name":{"languageMap":{"ko":"항구 부두","en":"Harbour pier"}},"district":"D6","status":"silent",
        "location":{"type":"Point","coordinates":[126.70,35.90]},"refSwitch":{"object":"urn:ngsi-ld:NetworkSwitch:SW-1"})");
    Put("AL-112", "AgencyLink",
        R"("name":{"languageMap":{"ko":"112 연계"}},"status":"fault","interval":{"value":300,"unitCode":"SEC"})");
  }
};

TEST_F(AssetsTest, ListsFacilitiesWithStateParentAndCounts) {
  SmallCity();

  const auto all = Get("/api/v1/assets");

  EXPECT_EQ(all["total"].AsInt(), 4);
  ASSERT_EQ(all["items"].AsArray().size(), 4U);
  const auto camera = all["items"].AsArray()[1];
  EXPECT_EQ(camera["id"].AsString(), "urn:ngsi-ld:Camera:C-0001");
  EXPECT_EQ(camera["kind"].AsString(), "Camera");
  EXPECT_EQ(camera["state"].AsString(), "online");
  EXPECT_EQ(camera["parent"].AsString(), "urn:ngsi-ld:NetworkSwitch:SW-1");
  EXPECT_FALSE(camera["last_seen_at"].IsNull());
  EXPECT_EQ(all["items"].AsArray()[0]["interval_s"].AsDouble(), 300);
  EXPECT_EQ(all["items"].AsArray()[3]["children"].AsInt(), 2);
  const auto counts = all["kinds"].AsArray()[1];
  EXPECT_EQ(counts["kind"].AsString(), "Camera");
  EXPECT_EQ(counts["silent"].AsInt(), 1);
  EXPECT_EQ(counts["online"].AsInt(), 1);
}

TEST_F(AssetsTest, FiltersAndPages) {
  SmallCity();
  const auto count = [&](const std::string& query) { return Get("/api/v1/assets?" + query)["total"].AsInt(); };
  EXPECT_EQ(count("kind=Camera"), 2);
  EXPECT_EQ(count("state=silent"), 1);
  EXPECT_EQ(count("district=D1"), 1);
  EXPECT_EQ(count("parent=urn:ngsi-ld:NetworkSwitch:SW-1&state=online"), 1);
  EXPECT_EQ(count("q=%EC%8B%9C%EC%9E%A5"), 2);  // 시장
  EXPECT_EQ(count("bbox=126.605,35.8,126.65,35.85"), 1);
  const auto page = Get("/api/v1/assets?limit=3");
  EXPECT_EQ(page["items"].AsArray().size(), 3U);
  const auto rest = Get("/api/v1/assets?limit=3&cursor=" + http::PercentEncode(page["next"].AsString()));
  EXPECT_EQ(rest["items"].AsArray().size(), 1U);
  EXPECT_TRUE(rest["next"].IsNull());
  EXPECT_EQ(rest["total"].AsInt(), 4);
  Get("/api/v1/assets?state=well", 400);
  Get("/api/v1/assets?bbox=1,2,3", 400);
  Get("/api/v1/assets?limit=0", 400);
}

TEST_F(AssetsTest, ShowsOneFacilityWithItsAttributes) {
  SmallCity();

  const auto asset = Get("/api/v1/assets/urn:ngsi-ld:Camera:C-0001");

  const auto& attributes = asset["attributes"].AsArray();
  const auto azimuth =
      std::ranges::find_if(attributes, [](const json::Value& row) { return row["name"].AsString() == "azimuth"; });
  ASSERT_NE(azimuth, attributes.end());
  EXPECT_EQ((*azimuth)["value"].AsInt(), 90);
  EXPECT_EQ((*azimuth)["unit"].AsString(), "DD");
  Get("/api/v1/assets/urn:ngsi-ld:Camera:none", 404);
}

TEST_F(AssetsTest, SearchesNamesAddressesIdsAndHangulInitials) {
  SmallCity();
  const auto first = [&](const std::string& typed) {
    const auto found = Get("/api/v1/search?q=" + http::PercentEncode(typed));
    return found["items"].AsArray().empty() ? std::string{} : std::string(found["items"].AsArray()[0]["id"].AsString());
  };
  EXPECT_EQ(first("C-0002"), "urn:ngsi-ld:Camera:C-0002");
  EXPECT_EQ(first("c-0002"), "urn:ngsi-ld:Camera:C-0002");
  EXPECT_EQ(first("부두"), "urn:ngsi-ld:Camera:C-0002");
  EXPECT_EQ(first("harbour"), "urn:ngsi-ld:Camera:C-0002");
  EXPECT_EQ(first("시장로 12"), "urn:ngsi-ld:Camera:C-0001");
  EXPECT_EQ(first("ㅎㄱㅂㄷ"), "urn:ngsi-ld:Camera:C-0002");
  EXPECT_EQ(first("ㅈㅇㅅㅈㅇㄱ"), "urn:ngsi-ld:Camera:C-0001");
  EXPECT_EQ(first("중앙시장"), "P1");
  EXPECT_EQ(first("없는것"), "");
  Get("/api/v1/search?q=", 400);
  Get("/api/v1/search?q=a&limit=1000", 400);
  EXPECT_EQ(Get("/api/v1/search?q=urn&limit=2")["items"].AsArray().size(), 2U);
}

TEST_F(AssetsTest, ShowsTheContextAsItWas) {
  clock_.Set(FromMicros(1'764'000'010'000'000));
  Put("C-1", "Camera", R"("status":"ok")");
  clock_.Set(FromMicros(1'764'000'020'000'000));
  Put("C-1", "Camera", R"("status":"fault")");
  Put("C-2", "Camera", R"("status":"ok")");
  clock_.Set(FromMicros(1'764'000'030'000'000));
  const std::string at = "/api/v1/context/entities";
  const auto status = [&](std::int64_t second) {
    return std::string(Get(at + "/urn:ngsi-ld:Camera:C-1?asOf=" +
                           FormatUtc(FromMicros((1'764'000'000 + second) * 1'000'000)))["status"]["value"]
                           .AsString());
  };

  EXPECT_EQ(status(15), "ok");
  EXPECT_EQ(status(25), "fault");
  EXPECT_EQ(status(100), "fault");
  Get(at + "/urn:ngsi-ld:Camera:C-1?asOf=" + FormatUtc(FromMicros(1'764'000'005'000'000)), 404);
  Get(at + "/urn:ngsi-ld:Camera:C-1?asOf=yesterday", 400);
  EXPECT_EQ(Get(at + "?type=Camera&asOf=" + FormatUtc(FromMicros(1'764'000'015'000'000))).AsArray().size(), 1U);
  EXPECT_EQ(Get(at + "?type=Camera").AsArray().size(), 2U);
  EXPECT_EQ(Get(at + "?type=Bell").AsArray().size(), 0U);
}

TEST_F(AssetsTest, ReadsAddressesFromAFileAndNamesABadLine) {
  const std::string path = folder_ + "-addresses.ndjson";
  std::ofstream{path} << R"({"id":"A1","point":[126.6,35.8],"ko":"하늘시 중앙동 시장로 12","en":"12, Sijang-ro"})"
                      << "\n{}\n";
  EXPECT_NE(CitySource(json::Value{}, path).error().message.find(":2:"), std::string::npos);
  std::ofstream{path} << R"({"id":"A1","point":[126.6,35.8],"ko":"하늘시 중앙동 시장로 12","en":"12, Sijang-ro"})"
                      << "\n";
  std::size_t hits = 0;
  CitySource(json::Value{}, path).value()({}, SearchText{"시장로12"}, 10, [&](const std::vector<SearchHit>& found) {
    hits = found.size();
  });
  EXPECT_EQ(hits, 1U);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace bongsu::api
