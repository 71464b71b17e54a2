// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where and how a notification goes over MQTT. Pure. Source: GS CIM 009 V1.9.1 clause 7.2.

#include <string>

#include "act/notifications/channel.hpp"
#include "base/result.hpp"
#include "runtime/mqtt/codec.hpp"

namespace bongsu::notifications {

struct MqttAddress {
  bool secure = false;
  std::string user;
  std::string password;
  std::string host;
  std::string port;
  std::string topic;
  mqtt::Version version = mqtt::Version::k5;
  std::uint8_t qos = 0;
};

/// mqtt[s]://[user[:password]@]host[:port]/topic, with MQTT-Version and MQTT-QoS of notifierInfo.
/// @errors kInvalidArgument mqtt.bad_url
Result<MqttAddress> MqttAddressOf(const Endpoint& endpoint);

/// {"metadata":{"Content-Type",…},"body":NOTIFICATION}
std::string MqttPayload(const Endpoint& endpoint, const std::string& notification);

}  // namespace bongsu::notifications
