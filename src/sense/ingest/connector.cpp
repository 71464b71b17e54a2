// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/connector.hpp"

#include <algorithm>
#include <cstdlib>

namespace bongsu::ingest {
namespace {

/// {env: NAME, default: TEXT} becomes the text: secrets come from the environment, never from a file in a pack.
void ResolveEnvironment(yaml::Node& node) {
  const bool secret = node.IsMap() && node.Find("env") != nullptr && node.members.size() <= 2;
  if (secret) {
    const char* const found =
        std::getenv(node.Text("env").c_str());  // NOLINT(concurrency-mt-unsafe): before threads start
    node.scalar = found != nullptr ? found : node.Text("default");
    node.members.clear();
    node.kind = yaml::Kind::kScalar;
    node.quoted = true;
    return;
  }
  for (yaml::Node& item : node.items) ResolveEnvironment(item);
  for (yaml::Member& member : node.members) ResolveEnvironment(member.value);
}

std::string KindsOf(const Connectors& connectors) {
  std::string kinds;
  for (const auto& connector : connectors) kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", connector->kind());
  return kinds;
}

const std::unique_ptr<Connector>* FindKind(const Connectors& connectors, std::string_view kind) {
  const auto found = std::ranges::find(connectors, kind, [](const auto& connector) { return connector->kind(); });
  return found == connectors.end() ? nullptr : &*found;
}

bool Names(const std::vector<config::FieldDoc>& fields, std::string_view name) {
  return std::ranges::find(fields, name, &config::FieldDoc::name) != fields.end();
}

std::string ListOf(const std::vector<config::FieldDoc>& fields) {
  std::string names;
  for (const config::FieldDoc& field : fields) names += field.name + " ";
  return names;
}

Result<SourceConfig> ReadOneSource(yaml::Node node, std::string_view file, const Connectors& connectors) {
  if (!node.IsMap()) return yaml::FailAt(file, node, "config.bad_value", "a map of keys is expected here");
  const std::string kind = node.Text("kind", SourceConfig{}.kind);
  const auto* const connector = FindKind(connectors, kind);
  if (connector == nullptr)
    return yaml::FailAt(file, *node.Find("kind"), "source.bad", "source '{}': kind is one of {}, not '{}'",
                        node.Text("id"), KindsOf(connectors), kind);
  const std::vector<config::FieldDoc> common = config::FieldsOf<SourceConfig>(),
                                      special = (*connector)->SourceArguments();
  yaml::Node own = node;
  own.members.clear();
  for (const yaml::Member& member : node.members) {
    if (Names(special, member.key.scalar)) {
      own.members.push_back(member);
    } else if (!Names(common, member.key.scalar)) {
      return yaml::FailAt(file, member.key, "config.unknown_key", "unknown key '{}'; a source of kind {} has: {}{}",
                          member.key.scalar, kind, ListOf(common), ListOf(special));
    }
  }
  std::erase_if(node.members, [&](const yaml::Member& member) { return Names(special, member.key.scalar); });
  SourceConfig source;
  BONGSU_CHECK(config::Load(node, file, source));
  BONGSU_CHECK((*connector)->ReadSource(own, file, source));
  return source;
}

struct Parts {
  std::vector<TenantConfig> tenants;
  std::vector<yaml::Node> sources;
  yaml::Node connectors;
};

template <class Visitor>
void Describe(Visitor& v, Parts& c) {
  v.Field("tenants", c.tenants, "Tenants these sources belong to.");
  v.Field("sources", c.sources, "Linked systems.");
  v.Field("connectors", c.connectors, "Brokers and listeners.");
}

}  // namespace

Result<void> Connector::Configure(const yaml::Node& node, std::string_view file) {
  return yaml::FailAt(file, node, "config.unknown_key", "connector '{}' has nothing to set here", kind());
}

Result<void> Connector::ReadSource(const yaml::Node& /*own*/, std::string_view /*file*/,
                                   SourceConfig& /*source*/) const {
  return {};
}

std::vector<std::shared_ptr<Source>> Connector::Sources() const {
  std::vector<std::shared_ptr<Source>> mine;
  for (const auto& source : deps_->gate.sources()) {
    if (source->config.kind == kind()) mine.push_back(source);
  }
  return mine;
}

Result<void> ReadSenseConfig(std::string_view text, std::string_view file, const Connectors& connectors,
                             SenseConfig& into) {
  BONGSU_TRY(yaml::Node root, yaml::Parse(text, file));
  ResolveEnvironment(root);
  Parts parts;
  BONGSU_CHECK(config::Load(root, file, parts));
  for (TenantConfig& tenant : parts.tenants) {
    if (tenant.id.empty() || (!tenant.bbox.empty() && tenant.bbox.size() != 4)) {
      return Fail(Code::kInvalidArgument, "source.bad",
                  "{}: tenant '{}' wants an id, and a bbox of four numbers or none", file, tenant.id);
    }
    into.tenants.push_back(std::move(tenant));
  }
  for (yaml::Node& node : parts.sources) {
    BONGSU_TRY(SourceConfig source, ReadOneSource(std::move(node), file, connectors));
    into.sources.push_back(std::move(source));
  }
  if (!parts.connectors.IsMap() && !parts.connectors.IsNull())
    return yaml::FailAt(file, parts.connectors, "config.bad_value", "a map of keys is expected here");
  for (const auto& [key, value] : parts.connectors.members) {
    const auto* const connector = FindKind(connectors, key.scalar);
    if (connector == nullptr)
      return yaml::FailAt(file, key, "config.unknown_key", "unknown key '{}'; there are: {}", key.scalar,
                          KindsOf(connectors));
    if (!value.IsNull()) BONGSU_CHECK((*connector)->Configure(value, file));
  }
  return {};
}

}  // namespace bongsu::ingest
