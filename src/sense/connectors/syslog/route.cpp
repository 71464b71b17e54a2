// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/route.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::syslog {
namespace {

bool Any(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& pattern) { return ingest::GlobMatches(pattern, text); });
}

}  // namespace

Result<Network> ParseNetwork(std::string_view text) {
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "syslog.bad_network", "'{}' is no IPv4 network such as 10.20.0.0/15", text);
  };
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  Network network;
  for (int part = 0; part < 4; ++part) {
    unsigned value = 256;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || value > 255) return bad();
    network.address = (network.address << 8U) | value;
    at = next;
    if (part == 3) break;
    if (at == end || *at != '.') return bad();
    ++at;
  }
  unsigned bits = 32;
  if (at != end) {
    if (*at++ != '/') return bad();
    const auto [next, error] = std::from_chars(at, end, bits);
    if (error != std::errc{} || next != end || bits > 32) return bad();
  }
  network.mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
  network.address &= network.mask;
  return network;
}

Result<Router> Router::Make(const std::vector<std::shared_ptr<ingest::Source>>& sources) {
  Router router;
  for (const auto& source : sources) {
    if (source->config.kind != "syslog") continue;
    const auto& options = ingest::OptionsOf<SourceOptions>(source->config);
    if (options.hosts.empty() && options.apps.empty() && options.peers.empty()) {
      if (!router.rest_) router.rest_ = source;
      continue;
    }
    Claim claim{source, options, {}};
    for (const std::string& peer : options.peers) {
      BONGSU_TRY(const Network network, ParseNetwork(peer));
      claim.networks.push_back(network);
    }
    router.claims_.push_back(std::move(claim));
  }
  return router;
}

std::shared_ptr<ingest::Source> Router::Find(const json::Value& document, std::uint32_t peer_ipv4) const {
  for (const Claim& claim : claims_) {
    if (!Any(claim.options.hosts, document["host"].AsString()) || !Any(claim.options.apps, document["app"].AsString()))
      continue;
    if (!claim.networks.empty() &&
        std::ranges::none_of(claim.networks, [&](const Network& network) { return network.Contains(peer_ipv4); }))
      continue;
    return claim.source;
  }
  return rest_;
}

}  // namespace bongsu::syslog
