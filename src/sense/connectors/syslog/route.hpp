// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Whose line is it? By host, program and network of the sender.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sense/connectors/syslog/config.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::syslog {

/// An IPv4 network such as 10.20.0.0/15; a plain address is a network of one.
struct Network {
  std::uint32_t address = 0;
  std::uint32_t mask = 0;
  bool Contains(std::uint32_t other) const { return (other & mask) == address; }
};
/// @errors kInvalidArgument syslog.bad_network
Result<Network> ParseNetwork(std::string_view text);

class Router {
 public:
  /// Takes the sources of kind syslog. @errors kInvalidArgument syslog.bad_network
  static Result<Router> Make(const std::vector<std::shared_ptr<ingest::Source>>& sources);
  /// The first source that claims the line; one without any condition takes what nobody else does. Null for none.
  std::shared_ptr<ingest::Source> Find(const json::Value& document, std::uint32_t peer_ipv4) const;

 private:
  struct Claim {
    std::shared_ptr<ingest::Source> source;
    SourceOptions options;
    std::vector<Network> networks;
  };
  std::vector<Claim> claims_;
  std::shared_ptr<ingest::Source> rest_;
};

}  // namespace bongsu::syslog
