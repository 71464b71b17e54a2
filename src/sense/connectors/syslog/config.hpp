// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What can be set: listeners under `connectors: syslog:`, whose lines they are at a source of kind syslog.

#include <string>
#include <vector>

#include "base/config.hpp"

namespace bongsu::syslog {

struct ListenConfig {
  std::string udp;
  std::string tcp;
  std::int64_t max_connections = 256;
};

template <class Visitor>
void Describe(Visitor& v, ListenConfig& c) {
  v.Field("udp", c.udp, "Address to listen on for datagrams, host:port; empty for none.");
  v.Field("tcp", c.tcp, "Address to listen on for connections, host:port; empty for none.");
  v.Field("max_connections", c.max_connections, "Connections at once.");
}

struct SourceOptions {
  std::vector<std::string> hosts;
  std::vector<std::string> apps;
  std::vector<std::string> peers;
};

template <class Visitor>
void Describe(Visitor& v, SourceOptions& c) {
  v.Field("hosts", c.hosts, "Host names whose lines these are; * for any letters.");
  v.Field("apps", c.apps, "Program names whose lines these are.");
  v.Field("peers", c.peers, "Networks (CIDR) the lines come from.");
}

}  // namespace bongsu::syslog
