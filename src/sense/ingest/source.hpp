// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Linked systems as configuration: who may speak, over what, which mappings read them (docs/formats/mapping.md section
/// 9). A source has the keys below and those of the connector that serves its kind.

#include <any>
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
  Duration silence_after{0};
  std::string entity;
  std::string trust = "device";
  Duration lateness{-1};  ///< < 0: the source promises nothing
  std::int64_t dedupe = 65'536;
  std::string zone = "Asia/Seoul";

  std::any options;                           ///< The connector's own keys as its own struct; see OptionsOf.
  json::Value options_shown{json::Object{}};  ///< The same for people, secrets hidden.
};

template <class Visitor>
void Describe(Visitor& v, SourceConfig& c) {
  v.Field("id", c.id, "Name of the linked system, unique in its tenant.");
  v.Field("tenant", c.tenant, "Tenant it belongs to.");
  v.Field("kind", c.kind, "Connector that brings its messages.");
  v.Field("name", c.name, "What people call it: {ko, en}.");
  v.Field("mappings", c.mappings, "Mappings that read its messages, tried in this order.");
  v.Field("silence_after", c.silence_after, "Silence after which source.silent is recorded; 0 for never.");
  v.Field("entity", c.entity, "Entity that stands for the link; its status becomes silent or ok.");
  v.Field("trust", c.trust, "official, device, person or unverified.");
  v.Field("lateness", c.lateness, "How far behind the newest event time the source may still send; negative: unknown.");
  v.Field("dedupe", c.dedupe, "Message identities that are remembered.");
  v.Field("zone", c.zone, "Time zone of times without one.");
}

/// What the source says to its connector; defaults when it says nothing.
template <class Options>
const Options& OptionsOf(const SourceConfig& source) {
  static const Options kNone{};
  const Options* const options = std::any_cast<Options>(&source.options);
  return options != nullptr ? *options : kNone;
}

/// Reads the connector's own keys of a source into `source.options`.
/// @errors kInvalidArgument config.* (FILE:LINE:COLUMN)
template <class Options>
Result<void> TakeOptions(const yaml::Node& own, std::string_view file, SourceConfig& source) {
  Options options;
  BONGSU_CHECK(config::Load(own, file, options));
  source.options_shown = config::Redacted(options);
  source.options = std::move(options);
  return {};
}

/// "source 'ID': WHY" as source.bad.
tl::unexpected<Error> BadSource(const SourceConfig& source, std::string_view why);

/// The configuration of a source as people may see it.
json::Value Redacted(const SourceConfig& source);

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
};

/// Checks what one source says against `mappings`. @errors kInvalidArgument source.bad
Result<void> CheckSource(const SourceConfig& source, const MappingSet& mappings);

}  // namespace bongsu::ingest
