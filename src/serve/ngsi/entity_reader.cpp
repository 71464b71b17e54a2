// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/entity_reader.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "know/context/geometry.hpp"
#include "know/context/patch.hpp"
#include "know/context/selection.hpp"
#include "model/core_context.hpp"
#include "serve/ngsi/problem.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using context::AttributeKind;
using context::IsNgsiNull;
using context::kNull;

constexpr int kMaxDepth = 16;

/// Members of an attribute instance that are no sub-attributes and no values. Not usable as attribute names.
constexpr std::array<std::string_view, 9> kMetadata{"datasetId", "observedAt", "unitCode",  "valueType", "objectType",
                                                    "expiresAt", "lang",       "createdAt", "modifiedAt"};
constexpr std::array<std::string_view, 8> kValueMembers{"value", "object",    "languageMap", "vocab",
                                                        "json",  "valueList", "objectList",  "entity"};
constexpr std::array<std::string_view, 9> kNeverNames{"instanceId",    "deletedAt",      "entityList",
                                                      "previousValue", "previousObject", "previousLanguageMap",
                                                      "previousVocab", "previousJson",   "previousValueList"};
/// Of the Property ngsildproof alone (4.5.2.2): whose entity the proof seals, bare strings.
constexpr std::array<std::string_view, 2> kSealedMembers{"entityIdSealed", "entityTypeSealed"};
constexpr std::array<std::string_view, 3> kGeoNames{"location", "observationSpace", "operationSpace"};

template <class Array>
bool Has(const Array& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool NullAllowed(ReadMode mode) {
  return mode == ReadMode::kUpdate || mode == ReadMode::kMerge || mode == ReadMode::kPartial;
}

/// A Null as value: of a history it says when the attribute was deleted.
bool NullValueAllowed(ReadMode mode) { return NullAllowed(mode) || mode == ReadMode::kTemporal; }

bool HoldsNull(const json::Value& value) {
  if (value.IsString()) return value.AsString() == kNull;
  return std::ranges::any_of(value.AsArray(), HoldsNull) ||
         std::ranges::any_of(value.AsObject(), [](const json::Member& member) { return HoldsNull(member.second); });
}

bool IsGeometry(const json::Value& value) {
  constexpr std::array<std::string_view, 6> kTypes{"Point",           "MultiPoint", "LineString",
                                                   "MultiLineString", "Polygon",    "MultiPolygon"};
  return value.IsObject() && Has(kTypes, value["type"].AsString()) && value.Find("coordinates") != nullptr;
}

/// Reads one attribute and what hangs on it.
class AttributeReader {
 public:
  AttributeReader(const LdContext& context, ReadMode mode) : context_{context}, mode_{mode} {}

  Result<json::Value> Read(std::string_view name, json::Value value, int depth) {
    if (depth > kMaxDepth) return BadData("attribute {}: sub-attributes are nested deeper than {}", name, kMaxDepth);
    if (!value.IsArray() || !AreInstances(value)) return Instance(name, std::move(value), depth);
    std::set<std::string> datasets;
    json::Array instances;
    for (auto& item : value.MutableArray()) {
      BONGSU_TRY(json::Value instance, Instance(name, std::move(item), depth));
      if (!datasets.emplace(context::DatasetOf(instance)).second && (mode_ != ReadMode::kTemporal || depth > 0))
        return BadData("attribute {}: two instances have the same datasetId", name);
      instances.push_back(std::move(instance));
    }
    if (instances.size() == 1) return std::move(instances.front());
    return json::Value{std::move(instances)};
  }

 private:
  /// An array of objects that each look like an attribute; any other array is a plain value.
  static bool AreInstances(const json::Value& value) {
    return !value.AsArray().empty() && std::ranges::all_of(value.AsArray(), [](const json::Value& item) {
      if (!item.IsObject()) return false;
      if (context::KindFromName(TypeOf(item))) return true;
      return std::ranges::any_of(item.AsObject(),
                                 [](const json::Member& member) { return Has(kValueMembers, member.first); });
    });
  }

  static std::string_view TypeOf(const json::Value& value) {
    const json::Value* type = value.Find("type");
    if (type == nullptr) type = value.Find("@type");
    return type != nullptr ? type->AsString() : std::string_view{};
  }

  static json::Value Wrapped(std::string_view type, json::Value value) {
    json::Object members;
    members.reserve(2);
    members.emplace_back("type", type);
    members.emplace_back("value", std::move(value));
    return members;
  }

  /// What kind of attribute the object is; nothing for an incomplete fragment.
  Result<std::optional<AttributeKind>> KindOf(std::string_view name, const json::Value& value, int depth) const {
    const auto type = TypeOf(value);
    if (!type.empty()) {
      const auto kind = context::KindFromName(type);
      if (!kind) return BadData("attribute {}: '{}' is no attribute type", name, type.substr(0, 80));
      return kind;
    }
    if (value.Find("value") != nullptr)
      return IsGeometry(value["value"]) ? AttributeKind::kGeoProperty : AttributeKind::kProperty;
    for (const auto kind :
         {AttributeKind::kRelationship, AttributeKind::kLanguageProperty, AttributeKind::kVocabProperty,
          AttributeKind::kJsonProperty, AttributeKind::kListProperty, AttributeKind::kListRelationship}) {
      if (value.Find(context::ValueMember(kind)) != nullptr) return kind;
    }
    if (mode_ == ReadMode::kPartial && depth == 0) return std::nullopt;
    return std::nullopt;
  }

  /// A simplified value: the object itself is what the property says.
  bool IsBareValue(const json::Value& value, int depth) const {
    if (!TypeOf(value).empty() && value.Find("@value") == nullptr) return false;
    if (mode_ == ReadMode::kPartial && depth == 0) return false;
    if (std::ranges::any_of(value.AsObject(), [](const json::Member& m) { return Has(kValueMembers, m.first); }))
      return false;
    const bool only_metadata =
        std::ranges::all_of(value.AsObject(), [](const json::Member& m) { return Has(kMetadata, m.first); });
    return mode_ != ReadMode::kMerge || !only_metadata;
  }

  Result<json::Value> Instance(std::string_view name, json::Value value, int depth) {
    if (value.IsNull()) return BadData("attribute {}: null is no value; {} deletes", name, kNull);
    if (!value.IsObject()) return Typed(name, AttributeKind::kProperty, Wrapped("Property", std::move(value)), depth);
    if (value.AsObject().empty()) return BadData("attribute {} is empty", name);
    if (IsGeometry(value))
      return Typed(name, AttributeKind::kGeoProperty, Wrapped("GeoProperty", std::move(value)), depth);
    if (IsBareValue(value, depth))
      return Typed(name, AttributeKind::kProperty, Wrapped("Property", std::move(value)), depth);
    BONGSU_TRY(const auto kind, KindOf(name, value, depth));
    if (kind) return Typed(name, *kind, std::move(value), depth);
    json::Value out = json::Object{};
    BONGSU_CHECK(Members(name, std::nullopt, value, depth, out));
    return out;
  }

  Result<json::Value> Typed(std::string_view name, AttributeKind kind, json::Value value, int depth) {
    json::Value out;
    out.MutableObject().reserve(value.AsObject().size() + 1);
    out.Set("type", context::KindName(kind));
    json::Value* const given = value.Find(context::ValueMember(kind));
    if (given == nullptr) {
      const bool may_lack = mode_ == ReadMode::kMerge || mode_ == ReadMode::kPartial;
      if (!may_lack)
        return BadData("attribute {}: a {} has a member {}", name, context::KindName(kind), context::ValueMember(kind));
    } else {
      BONGSU_TRY(json::Value checked, CheckedValue(name, kind, std::move(*given)));
      out.Set(context::ValueMember(kind), std::move(checked));
    }
    BONGSU_CHECK(Members(name, kind, value, depth, out));
    return out;
  }

  Result<json::Value> CheckedValue(std::string_view name, AttributeKind kind, json::Value value) {
    if (value.IsNull()) return BadData("attribute {}: null is no value", name);
    if (IsNgsiNull(value)) {
      if (!NullValueAllowed(mode_)) return BadData("attribute {}: the NGSI-LD Null is not allowed here", name);
      return value;
    }
    if (mode_ != ReadMode::kMerge && HoldsNull(value))
      return BadData("attribute {}: the NGSI-LD Null is not allowed inside of a value here", name);
    switch (kind) {
      case AttributeKind::kProperty:
        if (value.Find("@context") != nullptr)
          return BadData("attribute {}: @context stands at the top of the body only", name);
        return value;
      case AttributeKind::kGeoProperty:
        return GeoValue(name, std::move(value));
      case AttributeKind::kRelationship:
        return Objects(name, std::move(value));
      case AttributeKind::kLanguageProperty:
        return LanguageMap(name, std::move(value));
      case AttributeKind::kVocabProperty:
        return Vocabulary(name, value, "vocab");
      case AttributeKind::kJsonProperty:
        if (!value.IsObject() && !value.IsArray())
          return BadData("attribute {}: json is an object or an array of objects", name);
        return value;
      case AttributeKind::kListProperty:
        if (!value.IsArray()) return BadData("attribute {}: valueList is an array", name);
        return value;
      case AttributeKind::kListRelationship:
        return ObjectList(name, value);
    }
    return value;
  }

  static Result<json::Value> GeoValue(std::string_view name, json::Value geometry) {
    if (geometry.IsString()) {
      auto parsed = json::Parse(geometry.AsString());
      if (!parsed) return BadData("attribute {}: the geometry is no JSON", name);
      geometry = std::move(*parsed);
    }
    const auto good = context::Geometry::Check(geometry);
    if (!good) return BadData("attribute {}: {}", name, good.error().message);
    return geometry;
  }

  static Result<json::Value> Objects(std::string_view name, json::Value value) {
    const auto is_uri = [](const json::Value& item) { return item.IsString() && IsUri(item.AsString()); };
    const bool many = value.IsArray() && !value.AsArray().empty() && std::ranges::all_of(value.AsArray(), is_uri);
    if (!is_uri(value) && !many) return BadData("attribute {}: object is a URI or an array of URIs", name);
    return value;
  }

  static Result<json::Value> LanguageMap(std::string_view name, json::Value value) {
    if (!value.IsObject() || value.AsObject().empty())
      return BadData("attribute {}: languageMap is an object with at least one language", name);
    for (const auto& [language, text] : value.AsObject()) {
      const bool tag = language == "@none" ||
                       (!language.empty() && language.size() <= 35 && std::ranges::all_of(language, [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
                       }));
      if (!tag) return BadData("attribute {}: '{}' is no language tag", name, language.substr(0, 40));
      const auto is_text = [](const json::Value& item) { return item.IsString(); };
      if (!is_text(text) && !(text.IsArray() && std::ranges::all_of(text.AsArray(), is_text))) {
        return BadData("attribute {}: the text of language {} is a string or an array of strings", name, language);
      }
    }
    return value;
  }

  Result<json::Value> Vocabulary(std::string_view name, const json::Value& value, std::string_view member) const {
    const auto expand = [&](const json::Value& item) { return json::Value{context_.Expand(item.AsString())}; };
    if (value.IsString() && !value.AsString().empty()) return expand(value);
    json::Array items;
    for (const auto& item : value.AsArray()) {
      if (!item.IsString() || item.AsString().empty()) break;
      items.push_back(expand(item));
    }
    if (!value.IsArray() || items.empty() || items.size() != value.AsArray().size()) {
      return BadData("attribute {}: {} is a string or an array of strings", name, member);
    }
    return json::Value{std::move(items)};
  }

  static Result<json::Value> ObjectList(std::string_view name, const json::Value& value) {
    if (!value.IsArray()) return BadData("attribute {}: objectList is an array", name);
    json::Array items;
    for (const auto& item : value.AsArray()) {
      const json::Value& object = item.IsObject() ? item["object"] : item;
      if (!object.IsString() || !IsUri(object.AsString())) return BadData("attribute {}: objectList holds URIs", name);
      items.push_back(json::Object{{"object", object}});
    }
    return json::Value{std::move(items)};
  }

  /// Everything but the value, which may have been moved away.
  Result<void> Members(std::string_view name, std::optional<AttributeKind> kind, json::Value& value, int depth,
                       json::Value& out) {
    for (auto& [member, content] : value.MutableObject()) {
      if (member == "type" || member == "@type" || member == "createdAt" || member == "modifiedAt" ||
          member == "deletedAt" || member == "instanceId")
        continue;
      if (kind && member == context::ValueMember(*kind)) continue;
      if (member == "@context") return BadData("attribute {}: @context stands at the top of the body only", name);
      if (Has(kMetadata, member)) {
        BONGSU_CHECK(Metadata(name, kind, member, std::move(content), out));
        continue;
      }
      if (Has(kSealedMembers, member) && depth == 0 && IsProof(name)) {
        BONGSU_CHECK(Sealed(name, member, std::move(content), out));
        continue;
      }
      if (Has(kValueMembers, member) || Has(kSealedMembers, member) || member.starts_with("previous") ||
          member == "entityList") {
        return BadData("attribute {}: a {} has no member {}", name, kind ? context::KindName(*kind) : "fragment",
                       member);
      }
      BONGSU_CHECK(SubAttribute(name, member, std::move(content), depth, out));
    }
    return {};
  }

  static bool IsProof(std::string_view name) { return model::CompactCore(name) == "ngsildproof"; }

  /// The sealed type is a name of the @context, the sealed id a URI.
  Result<void> Sealed(std::string_view name, const std::string& member, json::Value content, json::Value& out) const {
    const bool type = member == "entityTypeSealed";
    if (!content.IsString() || !(type ? IsName(content.AsString()) : IsUri(content.AsString())))
      return BadData("attribute {}: {} is a {}", name, member, type ? "type name" : "URI");
    out.Set(member, type ? json::Value{context_.Expand(content.AsString())} : std::move(content));
    return {};
  }

  Result<void> SubAttribute(std::string_view name, const std::string& member, json::Value content, int depth,
                            json::Value& out) {
    if (Has(kNeverNames, member) || !IsName(member))
      return BadData("attribute {}: '{}' is no name for a sub-attribute", name, member.substr(0, 80));
    if (content.IsNull()) return {};  // a JSON null says nothing
    std::string iri = context_.Expand(member);
    if (iri.find(':') == std::string::npos)
      return BadData("attribute {}: '{}' does not expand to an IRI", name, member);
    BONGSU_TRY(json::Value sub, Read(iri, std::move(content), depth + 1));
    if (out.Find(iri) != nullptr) return BadData("attribute {}: sub-attribute {} stands there twice", name, iri);
    out.Set(iri, std::move(sub));
    return {};
  }

  Result<void> Metadata(std::string_view name, std::optional<AttributeKind> kind, const std::string& member,
                        json::Value content, json::Value& out) {
    const bool null = content.IsString() && content.AsString() == kNull;
    if (member == "datasetId") {
      if (!content.IsString() || null || (content.AsString() != "@none" && !IsUri(content.AsString())))
        return BadData("attribute {}: datasetId is a URI", name);
      if (content.AsString() != "@none") out.Set(member, std::move(content));
      return {};
    }
    if (null && NullAllowed(mode_) && mode_ != ReadMode::kUpdate) {
      out.Set(member, std::move(content));
      return {};
    }
    if (member == "observedAt" || member == "expiresAt") {
      if (!content.IsString() || !IsDateTime(content.AsString()))
        return BadData("attribute {}: {} is YYYY-MM-DDThh:mm:ss[.f]Z", name, member);
      out.Set(member, std::move(content));
      return {};
    }
    if (member == "objectType" || member == "valueType") {
      if (member == "valueType" && kind == AttributeKind::kLanguageProperty && content.AsString() != "langString")
        return BadData("attribute {}: the valueType of a LanguageProperty is langString", name);
      BONGSU_TRY(json::Value types, Vocabulary(name, content, member));
      out.Set(member, std::move(types));
      return {};
    }
    if (!content.IsString() || null) return BadData("attribute {}: {} is a string", name, member);
    const bool has_unit = !kind || *kind == AttributeKind::kProperty || *kind == AttributeKind::kGeoProperty ||
                          *kind == AttributeKind::kListProperty;
    if (member == "unitCode" && !has_unit)
      return BadData("attribute {}: a {} has no unitCode", name, context::KindName(*kind));
    out.Set(member, std::move(content));
    return {};
  }

  const LdContext& context_;
  ReadMode mode_;
};

Result<json::Value> ReadTypes(const json::Value& value, const LdContext& context) {
  json::Array types;
  const auto add = [&](const json::Value& item) {
    if (!item.IsString() || !IsName(item.AsString()) || item.AsString() == "type" || item.AsString() == "id")
      return false;  // the last two are keywords
    json::Value iri{context.Expand(item.AsString())};
    if (std::ranges::find(types, iri) == types.end()) types.push_back(std::move(iri));
    return true;
  };
  const bool good =
      value.IsArray() ? !value.AsArray().empty() && std::ranges::all_of(value.AsArray(), add) : add(value);
  if (!good)
    return BadData("type is a name or a non-empty array of names, got {}", json::ToString(value).substr(0, 80));
  return json::Value{std::move(types)};
}

Result<json::Value> ReadScopes(const json::Value& value, bool null_allowed) {
  if (null_allowed && IsNgsiNull(value)) return json::Value{json::Array{}};
  json::Array scopes;
  const json::Array one{value};
  for (const auto& item : value.IsArray() ? value.AsArray() : one) {
    if (!item.IsString()) return BadData("scope is a string or an array of strings");
    BONGSU_TRY(std::string scope, context::NormalScope(item.AsString()));
    scopes.emplace_back(std::move(scope));
  }
  return json::Value{std::move(scopes)};
}

/// The scope in time: a Property with a value and observedAt alone (clauses 4.18 and 4.5.6).
Result<json::Value> ReadScopeInstance(const json::Value& given) {
  if (!given.IsObject()) return BadData("scope has either scopes or their instances in time");
  json::Value instance = json::Object{{"type", "Property"}};
  for (const auto& [name, value] : given.AsObject()) {
    if (name == "value") {
      const bool none = value.IsArray() && value.AsArray().empty();
      BONGSU_TRY(json::Value scopes, none ? Result<json::Value>{value} : ReadScopes(value, true));
      instance.Set("value", std::move(scopes));
    } else if (name == "observedAt") {
      if (!value.IsString() || !IsDateTime(value.AsString()))
        return BadData("scope: observedAt is YYYY-MM-DDThh:mm:ss[.f]Z");
      instance.Set("observedAt", value);
    } else if (name == "type" ? value.AsString() != "Property"
                              : name != "createdAt" && name != "modifiedAt" && name != "deletedAt") {
      return BadData("an instance of a scope is a Property with value and observedAt, not '{}'", name.substr(0, 80));
    }
  }
  if (instance.Find("value") == nullptr) return BadData("an instance of a scope has a value");
  return instance;
}

Result<json::Value> ReadScopeMember(const json::Value& value, ReadMode mode) {
  const bool in_time =
      value.IsObject() || (value.IsArray() && !value.AsArray().empty() && value.AsArray().front().IsObject());
  if (mode != ReadMode::kTemporal || !in_time) return ReadScopes(value, NullAllowed(mode));
  json::Array instances;
  const json::Array one{value};
  for (const auto& item : value.IsArray() ? value.AsArray() : one) {
    BONGSU_TRY(json::Value instance, ReadScopeInstance(item));
    instances.push_back(std::move(instance));
  }
  return json::Value{std::move(instances)};
}

bool IsReserved(std::string_view name) {
  return Has(kMetadata, name) || Has(kNeverNames, name) || name == "@value" || name == "@graph" || name == "@language";
}

/// An entity member that is no attribute; false when it is one.
Result<bool> ReadEntityMember(const std::string& name, const json::Value& value, const LdContext& context,
                              ReadMode mode, ReadEntity& out) {
  if (name == "id" || name == "@id") {
    if (!value.IsString() || !IsUri(value.AsString()) || value.AsString() == kNull)
      return BadData("id is a URI, got {}", json::ToString(value).substr(0, 120));
    out.id = value.AsString();
    return true;
  }
  if (name == "type" || name == "@type") {
    BONGSU_TRY(json::Value types, ReadTypes(value, context));
    out.body.Set("type", std::move(types));
    return true;
  }
  if (name == "scope") {
    BONGSU_TRY(json::Value scopes, ReadScopeMember(value, mode));
    out.body.Set("scope", std::move(scopes));
    return true;
  }
  if (name == "expiresAt") {
    const bool null = NullAllowed(mode) && IsNgsiNull(value);
    if (!null && (!value.IsString() || !IsDateTime(value.AsString())))
      return BadData("expiresAt is YYYY-MM-DDThh:mm:ss[.f]Z");
    out.body.Set("expiresAt", null ? json::Value{} : value);
    return true;
  }
  return name == "@context" || name == "createdAt" || name == "modifiedAt" || name == "deletedAt";
}

}  // namespace

Result<std::string> ReadName(std::string_view name, const LdContext& context) {
  if (!IsName(name)) return BadData("'{}' is no attribute or type name", name.substr(0, 80));
  return context.Expand(name);
}

Result<json::Value> ReadAttribute(std::string_view name, json::Value value, const LdContext& context, ReadMode mode) {
  BONGSU_TRY(json::Value attribute, AttributeReader(context, mode).Read(name, std::move(value), 0));
  if (model::CompactCore(name) == "ngsildproof" && !context::IsDeletion(attribute)) {
    const json::Value* proof = attribute.Find("value");
    if (mode == ReadMode::kPartial || mode == ReadMode::kMerge ? proof != nullptr && !proof->IsObject()
                                                               : proof == nullptr || !proof->IsObject())
      return BadData("attribute {} is a Property whose value is a proof object", name);
  }
  const auto must_be_place = [&](const json::Value& instance) {
    const auto type = instance["type"].AsString();
    return type == "GeoProperty" || type.empty() || context::IsDeletion(instance);
  };
  if (Has(kGeoNames, model::CompactCore(name))) {
    const bool good =
        attribute.IsArray() ? std::ranges::all_of(attribute.AsArray(), must_be_place) : must_be_place(attribute);
    if (!good) return BadData("attribute {} is a GeoProperty", name);
  }
  return attribute;
}

Result<ReadEntity> ReadEntityBody(json::Value body, const LdContext& context, ReadMode mode) {
  if (!body.IsObject()) return BadRequest("an entity is a JSON object");
  ReadEntity out;
  out.body.MutableObject().reserve(body.AsObject().size());
  for (auto& [name, value] : body.MutableObject()) {
    BONGSU_TRY(const bool member, ReadEntityMember(name, value, context, mode, out));
    if (member) continue;
    if (IsReserved(name)) return BadData("'{}' is no name for an attribute", name.substr(0, 80));
    BONGSU_TRY(const std::string iri, ReadName(name, context));
    BONGSU_TRY(json::Value attribute, ReadAttribute(iri, std::move(value), context, mode));
    if (out.body.Find(iri) != nullptr) return BadData("attribute {} stands there twice", iri);
    out.body.Set(iri, std::move(attribute));
  }
  if (mode == ReadMode::kEntity && out.id.empty()) return BadData("an entity has an id");
  if (mode == ReadMode::kEntity && out.body.Find("type") == nullptr) return BadData("an entity has a type");
  return out;
}

}  // namespace bongsu::ngsi
