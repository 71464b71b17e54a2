// SPDX-License-Identifier: Apache-2.0
#include "sense/senses.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sense/connectors/http_push/connector.hpp"
#include "sense/connectors/mqtt/connector.hpp"
#include "sense/connectors/safety_net/codec.hpp"
#include "sense/connectors/safety_net/connector.hpp"
#include "sense/connectors/syslog/codec.hpp"
#include "sense/connectors/syslog/connector.hpp"

namespace bongsu::sense {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) paths.push_back(at->path());
  std::ranges::sort(paths);
  return paths;
}

Result<std::string> ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Code::kInvalidArgument, "sense.no_file", "cannot read {}", path.string());
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

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
    BONGSU_CHECK(ingest::ReadSenseConfig(text, path.string(), config));
  }
  return {};
}

Result<void> Definition::AddServerConfig(const json::Value& sources, const json::Value& connectors, std::string_view file) {
  json::Value root{json::Object{}};
  if (!sources.IsNull()) root.Set("sources", sources);
  if (!connectors.IsNull()) root.Set("connectors", connectors);
  ingest::SenseConfig own;
  own.connectors = config.connectors;
  BONGSU_CHECK(ingest::ReadSenseConfig(json::ToString(root), file, own));  // JSON is YAML too
  config.connectors = std::move(own.connectors);
  for (ingest::SourceConfig& source : own.sources) {
    const auto same = std::ranges::find_if(config.sources, [&](const auto& other) { return other.id == source.id && other.tenant == source.tenant; });
    if (same != config.sources.end()) {
      *same = std::move(source);
    } else {
      config.sources.push_back(std::move(source));
    }
  }
  return {};
}

struct Senses::Parts {
  Parts(ingest::GateDeps deps, ingest::ConnectorsConfig config)
      : connectors{std::move(config)}, gate{deps}, http{gate}, mqtt{deps.shards, gate, deps.log, deps.metrics},
        syslog{deps.shards, gate, deps.log, deps.metrics}, safety_net{gate, deps.clock, deps.log} {}

  ingest::ConnectorsConfig connectors;
  ingest::Gate gate;
  http_push::Connector http;
  mqtt::Connector mqtt;
  syslog::Connector syslog;
  safety_net::Connector safety_net;
};

Senses::Senses(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Senses::~Senses() = default;

Result<std::unique_ptr<Senses>> Senses::Make(ingest::GateDeps deps, Definition definition) {
  auto parts = std::make_unique<Parts>(std::move(deps), definition.config.connectors);
  parts->gate.SetDecoder(ingest::Format::kSyslog, syslog::Decode);
  parts->gate.SetDecoder(ingest::Format::kSafetyNet, [](std::string_view bytes, TimePoint, const ingest::Zone&) { return safety_net::DecodeEvent(bytes); });
  for (const ingest::TenantConfig& tenant : definition.config.tenants) {
    if (tenant.bbox.size() == 4) parts->gate.SetBoundary(tenant.id, ingest::Boundary::FromBox(tenant.bbox[0], tenant.bbox[1], tenant.bbox[2], tenant.bbox[3]));
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
  BONGSU_CHECK(parts_->syslog.Start(parts_->connectors.syslog));
  return parts_->mqtt.Start(parts_->connectors.mqtt);
}

void Senses::Stop() {
  parts_->mqtt.Stop();
  parts_->syslog.Stop();
  parts_->gate.Stop();
}

json::Value Senses::Ports() const {
  json::Value ports{json::Object{}};
  json::Array brokers;
  for (const ingest::MqttConfig& broker : parts_->connectors.mqtt) brokers.emplace_back(broker.url);
  if (!brokers.empty()) ports.Set("mqtt", std::move(brokers));
  json::Value syslog{json::Object{}};
  if (const auto port = parts_->syslog.udp_port(); port != 0) syslog.Set("udp", static_cast<int>(port));
  if (const auto port = parts_->syslog.tcp_port(); port != 0) syslog.Set("tcp", static_cast<int>(port));
  if (!syslog.AsObject().empty()) ports.Set("syslog", std::move(syslog));
  return ports;
}

void Senses::Ingest(std::string_view tenant, std::string_view source, http::Request request, http::Respond respond) {
  parts_->http.Receive(tenant, source, std::move(request), std::move(respond));
}

http::Response Senses::SignIn(const std::string& source, const http::Request& request) { return parts_->safety_net.SignIn(source, request); }

void Senses::Receive(const std::string& source, http::Request request, http::Respond respond) {
  parts_->safety_net.Receive(source, std::move(request), std::move(respond));
}

void Senses::Statuses(std::string tenant, std::function<void(std::vector<ingest::ConnectorStatus>)> done) {
  parts_->gate.Look(std::move(tenant), [this, done = std::move(done)](std::vector<ingest::ConnectorStatus> statuses) {
    parts_->http.Describe(statuses);
    parts_->mqtt.Describe(statuses);
    parts_->syslog.Describe(statuses);
    parts_->safety_net.Describe(statuses);
    done(std::move(statuses));
  });
}

}  // namespace bongsu::sense
