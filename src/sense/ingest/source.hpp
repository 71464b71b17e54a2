// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Linked systems as configuration: who may speak, over what, which mappings read them (docs/formats/mapping.md section 9).

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "sense/ingest/mapping.hpp"

namespace bongsu::ingest {

struct SourceConfig {
  std::string id;
  std::string tenant = "default";
  std::string kind = "http";
  json::Value name;
  std::vector<std::string> mappings;
  std::string connector;
  std::vector<std::string> topics;
  std::vector<std::string> hosts;
  std::vector<std::string> apps;
  std::vector<std::string> peers;
  Duration silence_after{0};
  std::string entity;
  std::string trust = "device";
  Duration lateness{-1};  ///< < 0: the source promises nothing
  std::int64_t dedupe = 65'536;
  std::string zone = "Asia/Seoul";
  Secret<std::string> api_key;
  std::string send_cd;
};

template <class Visitor>
void Describe(Visitor& v, SourceConfig& c) {
  v.Field("id", c.id, "Name of the linked system, unique in its tenant.");
  v.Field("tenant", c.tenant, "Tenant it belongs to.");
  v.Field("kind", c.kind, "http, mqtt, syslog or safety_net.");
  v.Field("name", c.name, "What people call it: {ko, en}.");
  v.Field("mappings", c.mappings, "Mappings that read its messages, tried in this order.");
  v.Field("connector", c.connector, "mqtt: the broker it is read from; the first when empty.");
  v.Field("topics", c.topics, "mqtt: topic filters that are subscribed for it.");
  v.Field("hosts", c.hosts, "syslog: host names whose lines these are; * for any letters.");
  v.Field("apps", c.apps, "syslog: program names whose lines these are.");
  v.Field("peers", c.peers, "syslog: networks (CIDR) the lines come from.");
  v.Field("silence_after", c.silence_after, "Silence after which source.silent is recorded; 0 for never.");
  v.Field("entity", c.entity, "Entity that stands for the link; its status becomes silent or ok.");
  v.Field("trust", c.trust, "official, device, person or unverified.");
  v.Field("lateness", c.lateness, "How far behind the newest event time the source may still send; negative: unknown.");
  v.Field("dedupe", c.dedupe, "Message identities that are remembered.");
  v.Field("zone", c.zone, "Time zone of times without one.");
  v.Field("api_key", c.api_key, "safety_net: what the peer signs in with.");
  v.Field("send_cd", c.send_cd, "safety_net: institution code the peer must send.");
}

struct MqttConfig {
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
void Describe(Visitor& v, MqttConfig& c) {
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

struct SyslogConfig {
  std::string udp;
  std::string tcp;
  std::int64_t max_connections = 256;
};

template <class Visitor>
void Describe(Visitor& v, SyslogConfig& c) {
  v.Field("udp", c.udp, "Address to listen on for datagrams, host:port; empty for none.");
  v.Field("tcp", c.tcp, "Address to listen on for connections, host:port; empty for none.");
  v.Field("max_connections", c.max_connections, "Connections at once.");
}

struct ConnectorsConfig {
  std::vector<MqttConfig> mqtt;
  SyslogConfig syslog;
};

template <class Visitor>
void Describe(Visitor& v, ConnectorsConfig& c) {
  v.Field("mqtt", c.mqtt, "Brokers.");
  v.Field("syslog", c.syslog, "Listeners for syslog.");
}

/// A tenant that a pack speaks of: its zone and, for data from elsewhere, its ground. It is made by an administrator.
struct TenantConfig {
  std::string id;
  json::Value name;
  std::string zone = "Asia/Seoul";
  std::vector<double> bbox;  ///< west, south, east, north in degrees; empty: unknown
};

template <class Visitor>
void Describe(Visitor& v, TenantConfig& c) {
  v.Field("id", c.id, "Name of the tenant.");
  v.Field("name", c.name, "What people call it: {ko, en}.");
  v.Field("zone", c.zone, "Its time zone.");
  v.Field("bbox", c.bbox, "Its ground: west, south, east, north in degrees.");
}

struct SenseConfig {
  std::vector<TenantConfig> tenants;
  std::vector<SourceConfig> sources;
  ConnectorsConfig connectors;
};

template <class Visitor>
void Describe(Visitor& v, SenseConfig& c) {
  v.Field("tenants", c.tenants, "Tenants these sources belong to.");
  v.Field("sources", c.sources, "Linked systems.");
  v.Field("connectors", c.connectors, "Brokers and listeners.");
}

/// Reads `sources` and `connectors` out of a YAML text and adds them to `into` (a later listener replaces an earlier one).
/// A secret may be {env: NAME, default: TEXT}.
/// @errors kInvalidArgument config.*, source.bad (FILE:LINE:COLUMN)
Result<void> ReadSenseConfig(std::string_view text, std::string_view file, SenseConfig& into);

/// Checks what one source says against `mappings`. @errors kInvalidArgument source.bad
Result<void> CheckSource(const SourceConfig& source, const MappingSet& mappings);

}  // namespace bongsu::ingest
