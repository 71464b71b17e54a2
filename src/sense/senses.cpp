// SPDX-License-Identifier: Apache-2.0
#include "sense/senses.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sense/registry.hpp"

namespace bongsu::sense {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error))
    paths.push_back(at->path());
  std::ranges::sort(paths);
  return paths;
}

Result<std::string> ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Code::kInvalidArgument, "sense.no_file", "cannot read {}", path.string());
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Definition::Definition() : connectors{AllConnectors()} {
  for (const auto& [word, decoder] : Decoders()) mappings.AllowFormat(word);
}

ingest::Decoders Definition::Decoders() const {
  ingest::Decoders all;
  for (const auto& connector : connectors) all.merge(connector->Formats());
  return all;
}

Result<void> Definition::AddPacks(const std::string& folder) {
  for (const fs::path& pack : Sorted(folder)) {
    for (const fs::path& path : Sorted(pack / "mappings")) {
      if (path.extension() != ".yaml") continue;
      BONGSU_TRY(const std::string text, ReadText(path));
      BONGSU_CHECK(mappings.AddFile(text, path.string()));
    }
  }
  for (const fs::path& pack : Sorted(folder)) {
    const fs::path path = pack / "sources.yaml";
    if (!fs::exists(path)) continue;
    BONGSU_TRY(const std::string text, ReadText(path));
    BONGSU_CHECK(ingest::ReadSenseConfig(text, path.string(), connectors, config));
  }
  return {};
}

Result<void> Definition::AddServerConfig(const json::Value& sources, const json::Value& own_connectors,
                                         std::string_view file) {
  json::Value root{json::Object{}};
  if (!sources.IsNull()) root.Set("sources", sources);
  if (!own_connectors.IsNull()) root.Set("connectors", own_connectors);
  ingest::SenseConfig own;
  BONGSU_CHECK(ingest::ReadSenseConfig(json::ToString(root), file, connectors, own));  // JSON is YAML too
  for (ingest::SourceConfig& source : own.sources) {
    const auto same = std::ranges::find_if(
        config.sources, [&](const auto& other) { return other.id == source.id && other.tenant == source.tenant; });
    if (same != config.sources.end()) {
      *same = std::move(source);
    } else {
      config.sources.push_back(std::move(source));
    }
  }
  return {};
}

struct Senses::Parts {
  Parts(ingest::GateDeps deps, ingest::Connectors all) : gate{deps}, connectors{std::move(all)} {
    for (const auto& connector : connectors) connector->Attach({deps.shards, gate, deps.clock, deps.metrics, deps.log});
  }

  ingest::Gate gate;
  ingest::Connectors connectors;
};

Senses::Senses(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Senses::~Senses() = default;

Result<std::unique_ptr<Senses>> Senses::Make(ingest::GateDeps deps, Definition definition) {
  ingest::Decoders decoders = definition.Decoders();
  auto parts = std::make_unique<Parts>(std::move(deps), std::move(definition.connectors));
  parts->gate.SetDecoders(std::move(decoders));
  for (const ingest::TenantConfig& tenant : definition.config.tenants) {
    if (tenant.bbox.size() == 4)
      parts->gate.SetBoundary(
          tenant.id, ingest::Boundary::FromBox(tenant.bbox[0], tenant.bbox[1], tenant.bbox[2], tenant.bbox[3]));
  }
  for (ingest::SourceConfig& source : definition.config.sources) {
    BONGSU_CHECK(parts->gate.AddSource(std::move(source), definition.mappings));
  }
  return std::unique_ptr<Senses>{new Senses(std::move(parts))};
}

ingest::Gate& Senses::gate() { return parts_->gate; }

Result<void> Senses::SetBoundary(std::string tenant, const json::Value& geojson) {
  BONGSU_TRY(ingest::Boundary boundary, ingest::Boundary::FromGeoJson(geojson));
  parts_->gate.SetBoundary(std::move(tenant), std::move(boundary));
  return {};
}

void Senses::Fold(const model::Record& record) { parts_->gate.Fold(record); }

Result<void> Senses::Start() {
  parts_->gate.Start();
  for (const auto& connector : parts_->connectors) BONGSU_CHECK(connector->Start());
  return {};
}

void Senses::Stop() {
  for (const auto& connector : parts_->connectors) connector->Stop();
  parts_->gate.Stop();
}

json::Value Senses::Ports() const {
  json::Value ports{json::Object{}};
  for (const auto& connector : parts_->connectors) {
    if (json::Value own = connector->Ports(); !own.IsNull()) ports.Set(connector->kind(), std::move(own));
  }
  return ports;
}

std::vector<ingest::Door> Senses::Doors() {
  std::vector<ingest::Door> doors;
  for (const auto& connector : parts_->connectors) {
    for (ingest::Door& door : connector->Doors()) doors.push_back(std::move(door));
  }
  return doors;
}

void Senses::Statuses(const std::string& tenant, std::function<void(std::vector<ingest::ConnectorStatus>)> done) {
  parts_->gate.Look(tenant, [this, done = std::move(done)](std::vector<ingest::ConnectorStatus> statuses) {
    for (ingest::ConnectorStatus& status : statuses) {
      for (const auto& connector : parts_->connectors) {
        if (connector->kind() == status.kind) connector->Describe(status);
      }
    }
    done(std::move(statuses));
  });
}

}  // namespace bongsu::sense
