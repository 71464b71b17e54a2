// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/channels/mqtt/address.hpp"

#include <gtest/gtest.h>

namespace bongsu::notifications {
namespace {

Endpoint At(const std::string& uri, http::Headers notifier = {}) {
  Endpoint endpoint;
  endpoint.uri = uri;
  endpoint.notifier = std::move(notifier);
  return endpoint;
}

TEST(MqttAddress, TakesUserPasswordPortAndTopicFromTheAddress) {
  const auto full = MqttAddressOf(At("mqtts://ann:s%40cret@broker:8884/city/water/level")).value();
  EXPECT_TRUE(full.secure);
  EXPECT_EQ(full.user, "ann");
  EXPECT_EQ(full.password, "s@cret");
  EXPECT_EQ(full.host, "broker");
  EXPECT_EQ(full.port, "8884");
  EXPECT_EQ(full.topic, "city/water/level");

  const auto plain = MqttAddressOf(At("mqtt://[::1]/t")).value();
  EXPECT_EQ(plain.host, "::1");
  EXPECT_EQ(plain.port, "1883");
  EXPECT_EQ(plain.version, mqtt::Version::k5);
  EXPECT_EQ(plain.qos, 0);
}

TEST(MqttAddress, TakesVersionAndQosFromTheNotifierInfo) {
  const auto address = MqttAddressOf(At("mqtt://b/t", {{"MQTT-Version", "mqtt3.1.1"}, {"MQTT-QoS", "2"}})).value();
  EXPECT_EQ(address.version, mqtt::Version::k311);
  EXPECT_EQ(address.qos, 2);
}

TEST(MqttAddress, RefusesWhatNamesNoTopicOrNoBroker) {
  for (const auto* uri : {"mqtt://b", "mqtt://b/", "mqtt:///t", "mqtt://b:0/t", "mqtt://b/t/#", "http://b/t"})
    EXPECT_FALSE(MqttAddressOf(At(uri))) << uri;
}

TEST(MqttAddress, ThePayloadCarriesMetadataBesideTheBody) {
  Endpoint endpoint = At("mqtt://b/t");
  endpoint.headers = {{"X-Room", "7"}, {"Link", "<u>"}};
  EXPECT_EQ(MqttPayload(endpoint, R"({"id":"urn:n:1"})"),
            R"({"metadata":{"Content-Type":"application/json","X-Room":"7","Link":"<u>"},"body":{"id":"urn:n:1"}})");
}

}  // namespace
}  // namespace bongsu::notifications
