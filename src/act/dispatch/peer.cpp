// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/peer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace bongsu::dispatch {
namespace {

struct Field {
  std::string_view name;
  std::string Peer::* member;
};
constexpr std::array kFields{
    Field{"id", &Peer::id},           Field{"channel", &Peer::channel},
    Field{"url", &Peer::url},         Field{"phone", &Peer::phone},
    Field{"source", &Peer::source},   Field{"api_key", &Peer::api_key},
    Field{"send_cd", &Peer::send_cd}, Field{"rcv_cd", &Peer::rcv_cd},
    Field{"sys_cd", &Peer::sys_cd},   Field{"report_evt_id", &Peer::report_evt_id},
};

/// {env: NAME, default?: text}: the secret of the environment, as in sources.yaml.
Result<std::string> FromEnvironment(const yaml::Node& node, std::string_view file) {
  for (const auto& [key, value] : node.members) {
    if (key.scalar != "env" && key.scalar != "default") {
      return FailAt(file, key, "peers.bad", "a secret has env and default, not '{}'", key.scalar);
    }
  }
  const std::string name = node.Text("env");
  if (name.empty()) return FailAt(file, node, "peers.bad", "a secret names its variable: {{env: NAME}}");
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read at start
  return value != nullptr ? std::string{value} : node.Text("default");
}

Result<Peer> ParsePeer(const yaml::Node& node, std::string_view file, std::string_view base) {
  if (!node.IsMap()) return FailAt(file, node, "peers.bad", "a peer is a map with id and name");
  Peer peer;
  for (const auto& [key, value] : node.members) {
    if (key.scalar == "name") {
      peer.name = model::LTextFromJson(yaml::ToJson(value));
      continue;
    }
    if (key.scalar == "zone_minutes") {
      std::int64_t minutes = 0;
      const char* const end = value.scalar.data() + value.scalar.size();
      const auto [rest, error] = std::from_chars(value.scalar.data(), end, minutes);
      if (error != std::errc{} || rest != end || minutes < -840 || minutes > 840) {
        return FailAt(file, value, "peers.bad", "'zone_minutes' is -840 to 840");
      }
      peer.zone = std::chrono::minutes{minutes};
      continue;
    }
    const auto field = std::ranges::find(kFields, key.scalar, &Field::name);
    if (field == kFields.end()) return FailAt(file, key, "peers.bad", "a peer has no '{}'", key.scalar);
    if (key.scalar == "api_key" && value.IsMap()) {
      BONGSU_TRY(peer.api_key, FromEnvironment(value, file));
      continue;
    }
    if (!value.IsScalar()) return FailAt(file, value, "peers.bad", "'{}' is a word", key.scalar);
    peer.*(field->member) = value.scalar;
  }
  if (peer.id.empty() || peer.name.ko.empty()) return FailAt(file, node, "peers.bad", "a peer needs id and name");
  if (!peer.channel.empty() && peer.channel != "webhook" && peer.channel != "safety_net") {
    return FailAt(file, node, "peers.bad", "there is no channel '{}' (safety_net, webhook)", peer.channel);
  }
  if (peer.url.starts_with('/')) peer.url.insert(0, base);
  if (!peer.channel.empty() && !peer.url.starts_with("http://") && !peer.url.starts_with("https://")) {
    return FailAt(file, node, "peers.bad", "peer '{}' needs a url of http:// or https://", peer.id);
  }
  if (peer.channel == "safety_net" && (peer.api_key.empty() || peer.send_cd.empty() || peer.rcv_cd.empty())) {
    return FailAt(file, node, "peers.bad", "peer '{}' needs api_key, send_cd and rcv_cd", peer.id);
  }
  if (peer.channel.empty() && peer.phone.empty()) {
    return FailAt(file, node, "peers.bad", "peer '{}' has neither channel nor phone", peer.id);
  }
  return peer;
}

}  // namespace

Result<Peers> ParsePeers(const yaml::Node& list, std::string_view file, std::string_view base) {
  Peers peers;
  if (list.IsNull()) return peers;
  if (!list.IsSequence()) return FailAt(file, list, "peers.bad", "'peers' is a list");
  for (const yaml::Node& node : list.items) {
    BONGSU_TRY(Peer peer, ParsePeer(node, file, base));
    std::string id = peer.id;
    if (!peers.emplace(id, std::move(peer)).second)
      return FailAt(file, node, "peers.bad", "peer '{}' stands twice", id);
  }
  return peers;
}

json::Value ToJson(const Peer& peer) {
  json::Value value = json::Object{{"id", peer.id}, {"name", model::ToJson(peer.name)}};
  if (!peer.channel.empty()) value.Set("channel", peer.channel);
  if (!peer.phone.empty()) value.Set("phone", peer.phone);
  return value;
}

}  // namespace bongsu::dispatch
