// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/referrer_routes.hpp"

#include "serve/ngsi/broker_fake.hpp"

namespace bongsu::ngsi {
namespace {

class ReferrersTest : public BrokerTest {
 protected:
  ReferrersTest() { Serve(ReferrerRoutes(service_)); }

  void Put(const std::string& type, const std::string& name, const std::string& rest) {
    const auto response = Send("POST", "/ngsi-ld/v1/entityOperations/upsert?options=update",
                               fmt::format(R"([{{"id":"urn:{}:{}","type":"{}",{}}}])", type, name, type, rest));
    EXPECT_LT(response.status, 205) << response.body;
  }
  json::Value Of(const std::string& id, const std::string& more = "") {
    return Get("/api/v1/context/entities/" + id + "/referrers" + more);
  }
};

TEST_F(ReferrersTest, AreGroupedByAttributeAndTypeTheLargestFirst) {
  for (const char* name : {"3", "1", "2"}) Put("Camera", name, R"("refSwitch":{"object":"urn:Switch:1"})");
  Put("Camera", "4", R"("refSwitch":{"object":"urn:Switch:2"})");
  Put("Lamp", "1",
      R"("refSwitch":{"type":"ListRelationship","objectList":[{"object":"urn:Switch:2"},{"object":"urn:Switch:1"}]})");
  Put("Ticket", "1", R"("about":{"object":"urn:Switch:1"},"note":"urn:Switch:1")");

  EXPECT_EQ(json::ToString(Of("urn:Switch:1", "?limit=2")),
            R"({"total":5,"more":false,"groups":[)"
            R"({"attribute":"refSwitch","type":"Camera","count":3,"items":["urn:Camera:1","urn:Camera:2"]},)"
            R"({"attribute":"about","type":"Ticket","count":1,"items":["urn:Ticket:1"]},)"
            R"({"attribute":"refSwitch","type":"Lamp","count":1,"items":["urn:Lamp:1"]}]})");
}

TEST_F(ReferrersTest, OfAnEntityThatIsGoneAreStillShownAndOnesThatLeftAreNot) {
  Put("Switch", "1", R"("status":"ok")");
  Put("Camera", "1", R"("refSwitch":{"object":"urn:Switch:1"})");
  Put("Camera", "2", R"("refSwitch":{"object":"urn:Switch:1"})");

  EXPECT_EQ(Send("DELETE", "/ngsi-ld/v1/entities/urn:Switch:1").status, 204);
  Put("Camera", "2", R"("refSwitch":{"object":"urn:Switch:9"})");

  EXPECT_EQ(Of("urn:Switch:1")["total"].AsInt(), 1);
  EXPECT_EQ(Of("urn:Nothing:1")["groups"].AsArray().size(), 0U);
  EXPECT_EQ(Get("/api/v1/context/entities/urn:Switch:1/referrers?limit=101", 400)["reason"].AsString(),
            "http.bad_query");
}

}  // namespace
}  // namespace bongsu::ngsi
