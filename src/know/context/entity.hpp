// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One entity of the live context, held compactly: names are shared, an attribute is the JSON text of its normalized,
/// expanded form. Bytes on disk: docs/formats/entities.md. Source of the model: GS CIM 009 V1.9.1 clause 4.5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "know/context/names.hpp"

namespace bongsu::context {

enum class AttributeKind : std::uint8_t {
  kProperty,
  kGeoProperty,
  kRelationship,
  kLanguageProperty,
  kVocabProperty,
  kJsonProperty,
  kListProperty,
  kListRelationship,
};

/// "Property", "GeoProperty" …
std::string_view KindName(AttributeKind kind);
std::optional<AttributeKind> KindFromName(std::string_view name);
/// Member that holds the value of an attribute of that kind: "value", "object", "languageMap" …
std::string_view ValueMember(AttributeKind kind);

/// One instance of one attribute. The default instance has no datasetId.
struct Attribute {
  Name name = nullptr;
  AttributeKind kind = AttributeKind::kProperty;
  bool has_dataset = false;
  bool plain = false;      ///< No name to compact inside: the text can be given out as it is.
  bool transient = false;  ///< Carries expiresAt.
  TimePoint created{};
  TimePoint modified{};
  std::string
      json;  ///< {"type","value"|…, "observedAt"?, "unitCode"?, "datasetId"?, sub-attributes by IRI}, no system times
};

struct Entity {
  std::string id;
  std::uint16_t tenant = 0;
  std::uint16_t partition = 0;
  mutable std::uint8_t changes = 0;  ///< Since the last keyframe of its history; not part of the state.
  mutable bool touched = true;       ///< Asked for by its id or changed of late; not part of the state.
  std::uint32_t cold = 0;   ///< Not 0: its attributes are in the store alone (know/context/warmth.hpp); another number
                            ///< each time they leave memory. Not part of the state.
  std::uint32_t place = 0;  ///< Of Warmth alone: where a whole one stands on the clock, the shape of a cold one.
  mutable std::uint64_t seen = 0;  ///< What replicas hold of it (Replica::See); not part of the state.
  std::vector<Name> types;
  std::vector<std::string> scopes;  ///< Each with a leading '/'.
  TimePoint scoped{};               ///< Since when these are its scopes; 1970: it never had any.
  TimePoint created{};
  TimePoint modified{};
  TimePoint expires = kNever;
  std::vector<Attribute> attributes;  ///< In the order they came; instances of one name stand together.

  const Attribute* Find(std::string_view name_iri) const;
  bool HasType(std::string_view type_iri) const;
};

/// datasetId of an instance; empty for the default instance.
std::string_view DatasetOf(const json::Value& instance);
/// Makes `attribute` what the normalized JSON of an instance says; name and created stay. The kind comes from its
/// "type".
/// @param scratch  room for its text, kept from one to the next
void SetInstance(Attribute& attribute, const json::Value& instance, TimePoint modified, std::string& scratch);

/// Bytes of an entity as stored; the same entity always gives the same bytes.
std::string Encode(const Entity& entity);
/// @errors kCorrupt entity.bad_bytes
Result<Entity> Decode(std::string_view bytes, Names& names);

/// Order-free hash of a set of entities: the sum of the hashes of their bytes.
class StateHash {
 public:
  void Add(const Entity& entity) { Add(Encode(entity)); }
  void Add(std::string_view encoded);
  void Remove(std::string_view encoded);
  void Merge(const StateHash& other);
  std::string Text() const { return ToText(sum_); }

 private:
  Hash128 sum_{};
};

}  // namespace bongsu::context
