// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/source.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace bongsu::ingest {
namespace {

/// {env: NAME, default: TEXT} becomes the text: secrets come from the environment, never from a file in a pack.
void ResolveEnvironment(yaml::Node& node) {
  const bool secret = node.IsMap() && node.Find("env") != nullptr && node.members.size() <= 2;
  if (secret) {
    const char* const found = std::getenv(node.Text("env").c_str());  // NOLINT(concurrency-mt-unsafe): before threads start
    node.scalar = found != nullptr ? found : node.Text("default");
    node.members.clear();
    node.kind = yaml::Kind::kScalar;
    node.quoted = true;
    return;
  }
  for (yaml::Node& item : node.items) ResolveEnvironment(item);
  for (yaml::Member& member : node.members) ResolveEnvironment(member.value);
}

auto Bad(const SourceConfig& source, std::string_view why) {
  return Fail(Code::kInvalidArgument, "source.bad", "source '{}': {}", source.id, why);
}

}  // namespace

Result<void> ReadSenseConfig(std::string_view text, std::string_view file, SenseConfig& into) {
  BONGSU_TRY(yaml::Node root, yaml::Parse(text, file));
  ResolveEnvironment(root);
  SenseConfig read;
  BONGSU_CHECK(config::Load(root, file, read));
  for (TenantConfig& tenant : read.tenants) {
    if (tenant.id.empty() || (!tenant.bbox.empty() && tenant.bbox.size() != 4)) {
      return Fail(Code::kInvalidArgument, "source.bad", "{}: tenant '{}' wants an id, and a bbox of four numbers or none", file, tenant.id);
    }
    into.tenants.push_back(std::move(tenant));
  }
  for (SourceConfig& source : read.sources) into.sources.push_back(std::move(source));
  for (MqttConfig& broker : read.connectors.mqtt) {
    const auto same = std::ranges::find(into.connectors.mqtt, broker.id, &MqttConfig::id);
    if (same != into.connectors.mqtt.end()) {
      *same = std::move(broker);
    } else {
      into.connectors.mqtt.push_back(std::move(broker));
    }
  }
  if (!read.connectors.syslog.udp.empty()) into.connectors.syslog.udp = read.connectors.syslog.udp;
  if (!read.connectors.syslog.tcp.empty()) into.connectors.syslog.tcp = read.connectors.syslog.tcp;
  return {};
}

Result<void> CheckSource(const SourceConfig& source, const MappingSet& mappings) {
  constexpr std::array<std::string_view, 4> kKinds{"http", "mqtt", "syslog", "safety_net"};
  constexpr std::array<std::string_view, 4> kTrust{"official", "device", "person", "unverified"};
  if (source.id.empty() || source.id.size() > 128) return Bad(source, "an id of 1 to 128 letters is wanted");
  if (std::ranges::find(kKinds, source.kind) == kKinds.end()) return Bad(source, "kind is http, mqtt, syslog or safety_net");
  if (std::ranges::find(kTrust, source.trust) == kTrust.end()) return Bad(source, "trust is official, device, person or unverified");
  if (source.dedupe < 0 || source.dedupe > 10'000'000) return Bad(source, "dedupe is 0 to 10,000,000");
  if (source.kind == "mqtt" && source.topics.empty()) return Bad(source, "an mqtt source wants topics");
  if (source.kind == "safety_net" && source.api_key.IsEmpty()) return Bad(source, "a safety_net source wants an api_key");
  if (auto zone = Zone::Load(source.zone); !zone) return Bad(source, zone.error().message);
  if (source.mappings.empty()) return Bad(source, "it has no mapping");
  for (const std::string& id : source.mappings) {
    if (!mappings.Find(id)) return Bad(source, fmt::format("there is no mapping '{}'", id));
  }
  return {};
}

}  // namespace bongsu::ingest
