// SPDX-License-Identifier: Apache-2.0
#include "app/packs.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "act/cameras/city_cameras.hpp"

namespace bongsu::app {

namespace {

/// A rule that is wrong is left out and said so: one bad file must not keep the room dark.
Result<std::shared_ptr<const rules::RuleSet>> LoadRules(const std::string& folder, const Log& log) {
  auto loaded = rules::RuleSet::Load({folder}, {});
  auto built = rules::RuleSet::Build(std::move(loaded.rules));
  std::ranges::move(built.complaints, std::back_inserter(loaded.complaints));
  for (const rules::Complaint& complaint : loaded.complaints) {
    log.Error("packs.rule_left_out", {{"at", fmt::format("{}:{}:{}", complaint.file, complaint.line, complaint.column)},
                                      {"message", complaint.message}});
  }
  return built.set;
}

}  // namespace

Result<Packs> LoadPacks(const ServerConfig& config, const std::string& config_file, const Log& log) {
  std::error_code error;
  if (!std::filesystem::is_directory(config.packs, error)) {
    return Fail(Code::kNotFound, "packs.no_folder",
                "packs folder '{}' is not there; name it with `packs:` in the configuration", config.packs);
  }
  Packs packs;
  BONGSU_TRY(packs.rules, LoadRules(config.packs, log));
  BONGSU_TRY(packs.procedures, sop::Library::Load(config.packs));
  BONGSU_CHECK(packs.senses.AddPacks(config.packs));
  BONGSU_TRY(packs.personal, sealing::PersonalAttributes::Load(config.packs));
  BONGSU_CHECK(packs.senses.AddServerConfig(config.sources, config.connectors, config_file));
  for (const ingest::SourceConfig& source : packs.senses.config.sources) {
    if (source.lateness >= Duration{0}) packs.lateness[source.tenant][source.id] = source.lateness;
  }
  BONGSU_TRY(packs.peers, dispatch::ParsePeers(config.peers, config_file));
  log.Info("packs.loaded", {{"rules", static_cast<std::int64_t>(packs.rules->rules().size())},
                            {"procedures", static_cast<std::int64_t>(packs.procedures.size())},
                            {"peers", static_cast<std::int64_t>(packs.peers.size())}});
  return packs;
}

context::ReplicaConfig ReplicaOf(const Packs& packs, const map::City& city) {
  context::ReplicaConfig config;
  config.attributes = packs.rules->ContextAttributes();
  config.attributes.insert(config.attributes.end(), {"status", "phone"});
  config.by_type["Camera"] = cameras::kCameraAttributes;
  for (const json::Value& district : city.description["districts"].AsArray()) {
    config.districts[std::string(district["id"].AsString())] = model::LTextFromJson(district["name"]);
  }
  return config;
}

}  // namespace bongsu::app
