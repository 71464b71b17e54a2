// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Entities as clients see them: normalized, concise, simplified or GeoJSON, with names compacted by the @context of
/// the request. Source: GS CIM 009 V1.9.1 clauses 4.5.4, 4.5.16, 4.5.17, 4.15, 4.21; section 6 of our checklist.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "know/context/entity.hpp"
#include "serve/ngsi/ld_context.hpp"

namespace bongsu::ngsi {

enum class Format : std::uint8_t { kNormalized, kConcise, kSimplified };

using NameSet = std::set<std::string, std::less<>>;

struct Representation {
  std::shared_ptr<const LdContext> context = LdContext::Core();
  Format format = Format::kNormalized;
  bool system_times = false;
  bool geojson = false;
  std::string geometry_property;      ///< IRI; the geometry of a GeoJSON feature.
  std::optional<NameSet> attributes;  ///< attrs: only these IRIs.
  std::optional<NameSet> pick;        ///< Only these: attribute IRIs, "id", "type", "scope".
  std::optional<NameSet> omit;
  std::set<std::string, std::less<>> datasets;  ///< Only these instances ("@none" is the default one); empty: all.
  std::string language;                         ///< lang: turns language properties into text.
  /// By the IRI of a relationship: entities it links to, where pick or omit say something about them.
  std::map<std::string, std::shared_ptr<const Representation>, std::less<>> linked;
  std::size_t linked_depth = 0;  ///< Levels of linked entities that pick and omit name.
  TimePoint now{};               ///< Instances that expired before are left out.
};

/// Representation of entities that `of` links to through the relationship of that IRI.
std::shared_ptr<const Representation> LinkedBy(const Representation& of, std::string_view relationship);

/// True when the attribute is shown.
bool Shows(const Representation& representation, const context::Attribute& attribute);

/// Appends the entity as one JSON value. False, and nothing appended, when attrs, pick or omit leave nothing of it.
bool AppendEntity(std::string& out, const context::Entity& entity, const Representation& representation);

/// An instance, or what hangs on one, with names compacted: normalized, or concise without its type.
json::Value ShapedInstance(const json::Value& instance, const Representation& representation);
/// A value with its names compacted.
json::Value CompactedNames(const json::Value& names, const LdContext& context);
/// The member of a language map that suits `wanted` (a lang parameter); null when the map is empty.
const json::Member* PickLanguage(const json::Value& map, std::string_view wanted);

}  // namespace bongsu::ngsi
