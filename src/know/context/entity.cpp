// SPDX-License-Identifier: Apache-2.0
#include "know/context/entity.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "know/context/name_bytes.hpp"

namespace bongsu::context {
namespace {

struct KindRow {
  std::string_view name;
  std::string_view member;
};

// In the order of AttributeKind; GS CIM 009 V1.9.1 clauses 4.5.2 to 4.5.24.
constexpr std::array<KindRow, 8> kKinds{{{"Property", "value"},
                                         {"GeoProperty", "value"},
                                         {"Relationship", "object"},
                                         {"LanguageProperty", "languageMap"},
                                         {"VocabProperty", "vocab"},
                                         {"JsonProperty", "json"},
                                         {"ListProperty", "valueList"},
                                         {"ListRelationship", "objectList"}}};

/// 1 spelled every IRI, 2 did not say since when the scopes are.
constexpr std::uint8_t kFormat = 3;

void PutTime(std::string& out, TimePoint time) { PutVarint(out, static_cast<std::uint64_t>(ToMicros(time))); }

TimePoint GetTime(Reader& in) { return FromMicros(static_cast<std::int64_t>(in.Varint())); }

// Bits 0 to 2: kind; what follows saves reading the text again at start.
std::uint8_t FlagsOf(const Attribute& attribute) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(attribute.kind) | (attribute.has_dataset ? 8U : 0U) |
                                   (attribute.plain ? 16U : 0U) | (attribute.transient ? 32U : 0U));
}

void SetFlags(Attribute& attribute, std::uint8_t flags) {
  attribute.kind = static_cast<AttributeKind>(flags & 7U);
  attribute.has_dataset = (flags & 8U) != 0;
  attribute.plain = (flags & 16U) != 0;
  attribute.transient = (flags & 32U) != 0;
}

bool IsPlain(const json::Value& instance, AttributeKind kind) {
  if (kind == AttributeKind::kVocabProperty || kind == AttributeKind::kListRelationship) return false;
  return std::ranges::none_of(instance.AsObject(), [](const json::Member& member) {
    return member.first.find(':') != std::string::npos || member.first == "objectType" || member.first == "valueType" ||
           member.first == "expiresAt" || member.first == "entityTypeSealed";
  });
}

}  // namespace

std::string_view KindName(AttributeKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view ValueMember(AttributeKind kind) { return kKinds[static_cast<std::size_t>(kind)].member; }

std::optional<AttributeKind> KindFromName(std::string_view name) {
  const auto at = std::ranges::find(kKinds, name, &KindRow::name);
  if (at == kKinds.end()) return std::nullopt;
  return static_cast<AttributeKind>(at - kKinds.begin());
}

const Attribute* Entity::Find(std::string_view name_iri) const {
  const auto at = std::ranges::find_if(attributes, [&](const Attribute& a) { return *a.name == name_iri; });
  return at != attributes.end() ? &*at : nullptr;
}

bool Entity::HasType(std::string_view type_iri) const {
  return std::ranges::any_of(types, [&](Name type) { return *type == type_iri; });
}

std::string_view DatasetOf(const json::Value& instance) {
  const auto id = instance["datasetId"].AsString();
  return id == "@none" ? std::string_view{} : id;
}

void SetInstance(Attribute& attribute, const json::Value& instance, TimePoint modified, std::string& scratch) {
  attribute.modified = modified;
  scratch.clear();
  json::AppendTo(scratch, instance);
  if (scratch == attribute.json) return;
  attribute.kind = KindFromName(instance["type"].AsString()).value_or(AttributeKind::kProperty);
  attribute.has_dataset = !DatasetOf(instance).empty();
  attribute.plain = IsPlain(instance, attribute.kind);
  attribute.transient = instance.Find("expiresAt") != nullptr;
  // A text that fits stays where it is, unless most of its room would be left over.
  if (scratch.size() <= attribute.json.capacity() && attribute.json.capacity() < 2 * scratch.size() + 16) {
    attribute.json.assign(scratch);
  } else {
    attribute.json = std::string(scratch);
  }
}

std::string Encode(const Entity& entity) {
  std::size_t expected = 128 + entity.id.size();
  for (const auto& attribute : entity.attributes) expected += attribute.name->size() + attribute.json.size() + 24;
  std::string out;
  out.reserve(expected);
  out += static_cast<char>(kFormat);
  PutVarint(out, entity.tenant);
  PutVarint(out, entity.partition);
  PutText(out, entity.id);
  PutTime(out, entity.created);
  PutTime(out, entity.modified);
  PutTime(out, entity.expires);
  PutVarint(out, entity.types.size());
  for (const Name type : entity.types) PutName(out, *type);
  PutVarint(out, entity.scopes.size());
  for (const auto& scope : entity.scopes) PutText(out, scope);
  PutTime(out, entity.scoped);
  PutVarint(out, entity.attributes.size());
  for (const auto& attribute : entity.attributes) {
    PutName(out, *attribute.name);
    out += static_cast<char>(FlagsOf(attribute));
    PutTime(out, attribute.created);
    PutTime(out, attribute.modified);
    PutText(out, attribute.json);
  }
  return out;
}

Result<Entity> Decode(std::string_view bytes, Names& names) {
  const auto bad = [] { return Fail(Code::kCorrupt, "entity.bad_bytes", "stored entity does not decode"); };
  const int format = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes.front());
  if (format < 1 || format > kFormat) return bad();
  Reader reader{bytes.substr(1)};
  Entity entity;
  std::string name;
  const auto get_name = [&] {
    if (format == 1) return names.Intern(reader.Text());
    GetName(reader, name);
    return names.Intern(name);
  };
  entity.tenant = static_cast<std::uint16_t>(reader.Varint());
  entity.partition = static_cast<std::uint16_t>(reader.Varint());
  entity.id = reader.Text();
  entity.created = GetTime(reader);
  entity.modified = GetTime(reader);
  entity.expires = GetTime(reader);
  for (std::size_t left = reader.Count(); left > 0 && reader.ok(); --left) entity.types.push_back(get_name());
  for (std::size_t left = reader.Count(); left > 0 && reader.ok(); --left) entity.scopes.emplace_back(reader.Text());
  if (format >= 3) {
    entity.scoped = GetTime(reader);
  } else if (!entity.scopes.empty()) {
    entity.scoped = entity.created;  // the best that is known
  }
  const std::size_t count = reader.Count();
  entity.attributes.reserve(reader.ok() ? count : 0);
  for (std::size_t left = count; left > 0 && reader.ok(); --left) {
    Attribute& attribute = entity.attributes.emplace_back();
    attribute.name = get_name();
    SetFlags(attribute, reader.Byte());
    attribute.created = GetTime(reader);
    attribute.modified = GetTime(reader);
    attribute.json = reader.Text();
  }
  if (!reader.ok() || !reader.AtEnd()) return bad();
  return entity;
}

void StateHash::Add(std::string_view encoded) {
  const Hash128 hash = HashParts({encoded});
  const std::uint64_t low = sum_.low + hash.low;
  sum_ = {sum_.high + hash.high + (low < sum_.low ? 1 : 0), low};
}

void StateHash::Remove(std::string_view encoded) {
  const Hash128 hash = HashParts({encoded});
  const std::uint64_t low = sum_.low - hash.low;
  sum_ = {sum_.high - hash.high - (sum_.low < hash.low ? 1 : 0), low};
}

void StateHash::Merge(const StateHash& other) {
  const std::uint64_t low = sum_.low + other.sum_.low;
  sum_ = {sum_.high + other.sum_.high + (low < sum_.low ? 1 : 0), low};
}

}  // namespace bongsu::context
