// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What can be set: brokers under `connectors: mqtt:`, topics at a source of kind mqtt.

#include <string>
#include <vector>

#include "base/config.hpp"

namespace bongsu::mqtt {

struct BrokerConfig {
  std::string id = "mqtt";
  std::string url = "mqtt://127.0.0.1:1883";
  std::string user;
  Secret<std::string> password;
  std::string client_id = "bongsu";
  std::int64_t version = 5;
  Duration keep_alive = 30s;
  std::int64_t receive_maximum = 1000;
  std::string ca_file;
};

template <class Visitor>
void Describe(Visitor& v, BrokerConfig& c) {
  v.Field("id", c.id, "Name of the connection.");
  v.Field("url", c.url, "Broker: mqtt://host:port or mqtts://host:port.");
  v.Field("user", c.user, "User name; empty for none.");
  v.Field("password", c.password, "Password; empty for none.");
  v.Field("client_id", c.client_id, "Client id; the broker keeps the session under it.");
  v.Field("version", c.version, "5, or 4 for MQTT 3.1.1.");
  v.Field("keep_alive", c.keep_alive, "Real time without traffic after which a ping is sent.");
  v.Field("receive_maximum", c.receive_maximum, "Messages in flight before the broker has to wait.");
  v.Field("ca_file", c.ca_file, "mqtts: PEM file of the certificate authority; the system's when empty.");
}

struct SourceOptions {
  std::string connector;
  std::vector<std::string> topics;
};

template <class Visitor>
void Describe(Visitor& v, SourceOptions& c) {
  v.Field("connector", c.connector, "The broker it is read from; the first when empty.");
  v.Field("topics", c.topics, "Topic filters that are subscribed for it.");
}

}  // namespace bongsu::mqtt
