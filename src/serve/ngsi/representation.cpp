// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/representation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace bongsu::ngsi {
namespace {

using context::Attribute;
using context::AttributeKind;
using context::Entity;

struct Range {
  std::string tag;
  double weight = 1;
};

std::string Lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// "fr-CH,fr;q=0.9,*;q=0.5", best first.
std::vector<Range> RangesOf(std::string_view text) {
  std::vector<Range> ranges;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    Range range;
    const auto semicolon = part.find(';');
    if (semicolon != std::string_view::npos) {
      const auto q = part.find("q=", semicolon);
      if (q != std::string_view::npos) std::from_chars(part.data() + q + 2, part.data() + part.size(), range.weight);
      part = part.substr(0, semicolon);
    }
    while (part.starts_with(' ')) part.remove_prefix(1);
    range.tag = Lower(part);
    if (range.tag.empty() || range.weight <= 0) continue;
    const auto behind = std::ranges::find_if(ranges, [&](const Range& r) { return r.weight < range.weight; });
    ranges.insert(behind, std::move(range));
  }
  return ranges;
}

/// A compound value that would be read back as an attribute, or as several of one, when it stands alone.
bool LooksLikeAttribute(const json::Value& value) {
  constexpr std::array<std::string_view, 8> kMembers{"value", "object",    "languageMap", "vocab",
                                                     "json",  "valueList", "objectList",  "entity"};
  if (value.IsArray()) return std::ranges::any_of(value.AsArray(), LooksLikeAttribute);
  if (!value.IsObject()) return false;
  if (value.Find("type") != nullptr && value.Find("coordinates") == nullptr) return true;
  return value.AsObject().empty() ||
         std::ranges::any_of(kMembers, [&](std::string_view member) { return value.Find(member) != nullptr; });
}

class EntityWriter {
 public:
  EntityWriter(std::string& out, const Entity& entity, const Representation& representation)
      : out_{out}, entity_{entity}, as_{representation}, context_{*representation.context} {}

  bool Write() {
    Collect();
    if (!LeavesSomething()) return false;
    if (as_.geojson) {
      WriteFeature();
    } else {
      out_ += '{';
      WriteMembers(true);
      out_ += '}';
    }
    return true;
  }

  /// An instance that belongs to no entity, so without system times.
  json::Value ShapedAlone(const json::Value& instance) const { return Shaped(instance, {}); }

 private:
  /// attrs wants one of its attributes, pick and omit leave a member. An attribute counts without an instance of the
  /// datasetId that is asked for.
  bool LeavesSomething() const {
    if (!groups_.empty() || (as_.attributes && named_)) return true;
    if (as_.attributes) return false;
    return Shown("id") || Shown("type") || (Shown("scope") && !entity_.scopes.empty());
  }

  struct Group {
    std::string name;  // compacted
    std::vector<const Attribute*> instances;
  };

  bool Shown(std::string_view member) const {
    if (as_.pick && !as_.pick->contains(member)) return false;
    return !as_.omit || !as_.omit->contains(member);
  }

  bool ShownInstance(const Attribute& attribute) const {
    if (attribute.transient || !as_.datasets.empty()) {
      const auto instance = json::Parse(attribute.json);
      if (!instance) return false;
      if (const auto expires = ParseTime((*instance)["expiresAt"].AsString()); expires && *expires <= as_.now)
        return false;
      if (!as_.datasets.empty()) {
        const std::string dataset{context::DatasetOf(*instance)};
        return as_.datasets.contains(dataset.empty() ? "@none" : dataset);
      }
    }
    return true;
  }

  void Collect() {
    const std::string* last = nullptr;
    for (const Attribute& attribute : entity_.attributes) {
      if (!Shows(as_, attribute)) continue;
      named_ = true;
      if (!ShownInstance(attribute)) continue;
      if (attribute.name != last) groups_.push_back({context_.Compact(*attribute.name), {}});
      groups_.back().instances.push_back(&attribute);
      last = attribute.name;
    }
  }

  void Key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    json::AppendString(out_, name);
    out_ += ':';
  }

  void WriteMembers(bool with_id) {
    if (with_id && Shown("id")) {
      Key("id");
      json::AppendString(out_, entity_.id);
    }
    if (Shown("type")) {
      Key("type");
      WriteTypes();
    }
    if (!entity_.scopes.empty() && Shown("scope") && !as_.attributes) {
      Key("scope");
      WriteScopes();
    }
    if (as_.system_times) {
      WriteTime("createdAt", entity_.created);
      WriteTime("modifiedAt", entity_.modified);
      if (entity_.expires != kNever) WriteTime("expiresAt", entity_.expires);
    }
    for (const Group& group : groups_) {
      Key(group.name);
      WriteGroup(group);
    }
  }

  void WriteTypes() {
    const auto one = [&](context::Name type) { json::AppendString(out_, context_.Compact(*type)); };
    if (entity_.types.size() == 1) return one(entity_.types.front());
    out_ += '[';
    for (std::size_t i = 0; i < entity_.types.size(); ++i) {
      if (i > 0) out_ += ',';
      one(entity_.types[i]);
    }
    out_ += ']';
  }

  void WriteScopes() {
    if (entity_.scopes.size() == 1) return json::AppendString(out_, entity_.scopes.front());
    json::Array scopes;
    for (const auto& scope : entity_.scopes) scopes.emplace_back(scope);
    json::AppendTo(out_, json::Value{std::move(scopes)});
  }

  void WriteTime(std::string_view name, TimePoint time) {
    Key(name);
    json::AppendString(out_, FormatUtc(time));
  }

  void WriteGroup(const Group& group) {
    if (as_.format == Format::kSimplified) return WriteSimplified(group);
    if (group.instances.size() == 1) return WriteInstance(*group.instances.front());
    out_ += '[';
    for (const Attribute* instance : group.instances) {
      if (instance != group.instances.front()) out_ += ',';
      WriteInstance(*instance);
    }
    out_ += ']';
  }

  void WriteInstance(const Attribute& attribute) {
    const bool verbatim = attribute.plain && as_.format == Format::kNormalized && !as_.system_times &&
                          (as_.language.empty() || attribute.kind != AttributeKind::kLanguageProperty);
    if (verbatim) {
      out_ += attribute.json;
      return;
    }
    const auto instance = json::Parse(attribute.json);
    json::AppendTo(out_, instance ? Shaped(*instance, attribute) : json::Value{});
  }

  static json::Value TimeText(TimePoint time) { return json::Value{FormatUtc(time)}; }

  /// Normalized or concise form of an instance or sub-attribute.
  json::Value Shaped(const json::Value& instance, const Attribute& attribute) const {
    const auto kind = context::KindFromName(instance["type"].AsString()).value_or(AttributeKind::kProperty);
    json::Value out = json::Object{};
    for (const auto& [name, content] : instance.AsObject()) {
      if (name.find(':') != std::string::npos) {
        out.Set(context_.Compact(name), SubAttribute(content, attribute));
      } else if (name == "expiresAt" && !as_.system_times) {
        continue;
      } else if (name == "objectType" || name == "valueType" || name == "vocab" || name == "previousVocab" ||
                 name == "entityTypeSealed") {
        out.Set(name, Compacted(content));
      } else {
        out.Set(name, content);
      }
    }
    if (as_.system_times) {
      out.Set("createdAt", TimeText(attribute.created));
      out.Set("modifiedAt", TimeText(attribute.modified));
    }
    if (kind == AttributeKind::kLanguageProperty && !as_.language.empty()) TakeLanguage(out);
    if (as_.format != Format::kConcise) return out;
    return Concise(std::move(out));
  }

  json::Value SubAttribute(const json::Value& content, const Attribute& attribute) const {
    if (!content.IsArray()) return Shaped(content, attribute);
    json::Array instances;
    for (const auto& instance : content.AsArray()) instances.push_back(Shaped(instance, attribute));
    return json::Value{std::move(instances)};
  }

  json::Value Compacted(const json::Value& names) const { return CompactedNames(names, context_); }

  void TakeLanguage(json::Value& instance) const {
    const json::Value map = instance["languageMap"];
    const json::Member* chosen = PickLanguage(map, as_.language);
    json::Value out = json::Object{{"type", "Property"}};
    if (chosen != nullptr) {
      out.Set("value", chosen->second);
      if (chosen->first != "@none") out.Set("lang", chosen->first);
    }
    for (const auto& [name, content] : instance.AsObject()) {
      if (name != "type" && name != "languageMap") out.Set(name, content);
    }
    instance = std::move(out);
  }

  static json::Value Concise(json::Value instance) {
    // A Property that says a geometry would be read back as a GeoProperty.
    if (instance["type"].AsString() == "Property" && instance["value"].Find("coordinates") != nullptr) return instance;
    instance.Erase("type");
    if (json::Value* list = instance.Find("objectList")) {
      json::Array uris;
      for (const auto& item : list->AsArray()) uris.push_back(item["object"]);
      *list = json::Value{std::move(uris)};
    }
    const json::Value* value = instance.Find("value");
    if (value == nullptr || instance.AsObject().size() != 1) return instance;
    return LooksLikeAttribute(*value) ? instance : json::Value{*value};
  }

  json::Value SimplifiedValue(const Attribute& attribute) const {
    const auto parsed = json::Parse(attribute.json);
    if (!parsed) return {};
    const json::Value& value = (*parsed)[context::ValueMember(attribute.kind)];
    switch (attribute.kind) {
      case AttributeKind::kLanguageProperty: {
        if (as_.language.empty()) return json::Object{{"languageMap", value}};
        const json::Member* chosen = PickLanguage(value, as_.language);
        return chosen != nullptr ? chosen->second : json::Value{};
      }
      case AttributeKind::kVocabProperty:
        return json::Object{{"vocab", Compacted(value)}};
      case AttributeKind::kJsonProperty:
        return json::Object{{"json", value}};
      case AttributeKind::kListRelationship: {
        json::Array uris;
        for (const auto& item : value.AsArray()) uris.push_back(item["object"]);
        return json::Value{std::move(uris)};
      }
      default:
        return value;
    }
  }

  void WriteSimplified(const Group& group) {
    if (group.instances.size() == 1) return json::AppendTo(out_, SimplifiedValue(*group.instances.front()));
    json::Value datasets = json::Object{};
    for (const Attribute* attribute : group.instances) {
      const auto parsed = json::Parse(attribute->json);
      const std::string dataset{parsed ? context::DatasetOf(*parsed) : std::string_view{}};
      datasets.Set(dataset.empty() ? "@none" : dataset, SimplifiedValue(*attribute));
    }
    json::AppendTo(out_, json::Object{{"dataset", std::move(datasets)}});
  }

  void WriteFeature() {
    out_ += '{';
    Key("id");
    json::AppendString(out_, entity_.id);
    Key("type");
    out_ += "\"Feature\"";
    Key("geometry");
    json::AppendTo(out_, FeatureGeometry());
    Key("properties");
    out_ += '{';
    WriteMembers(false);
    out_ += "}}";
  }

  json::Value FeatureGeometry() const {
    for (const Attribute& attribute : entity_.attributes) {
      if (*attribute.name != as_.geometry_property || attribute.kind != AttributeKind::kGeoProperty) continue;
      if (as_.datasets.empty() ? attribute.has_dataset : !ShownInstance(attribute)) continue;
      const auto instance = json::Parse(attribute.json);
      if (instance) return (*instance)["value"];
    }
    return {};
  }

  std::string& out_;
  const Entity& entity_;
  const Representation& as_;
  const LdContext& context_;
  std::vector<Group> groups_;
  bool named_ = false;  // it has an attribute that may be shown
};

}  // namespace

const json::Member* PickLanguage(const json::Value& map, std::string_view wanted) {
  const auto& members = map.AsObject();
  for (const Range& range : RangesOf(wanted)) {
    for (std::string tag = range.tag; !tag.empty();
         tag.resize(tag.rfind('-') == std::string::npos ? 0 : tag.rfind('-'))) {
      for (const auto& member : members) {
        const std::string have = Lower(member.first);
        if (tag == "*" || have == tag || have.starts_with(tag + "-")) return &member;
      }
    }
  }
  for (const auto& member : members) {
    if (member.first == "@none") return &member;
  }
  return members.empty() ? nullptr : &members.front();
}

json::Value CompactedNames(const json::Value& names, const LdContext& context) {
  if (names.IsString()) return json::Value{context.Compact(names.AsString())};
  json::Array out;
  for (const auto& name : names.AsArray()) out.emplace_back(context.Compact(name.AsString()));
  return json::Value{std::move(out)};
}

json::Value ShapedInstance(const json::Value& instance, const Representation& representation) {
  static const Entity kNone;
  std::string unused;
  Representation plain = representation;
  plain.system_times = false;
  plain.language.clear();
  json::Value shaped = EntityWriter(unused, kNone, plain).ShapedAlone(instance);
  if (const json::Value* expires = instance.Find("expiresAt"); representation.system_times && expires != nullptr)
    shaped.Set("expiresAt", *expires);
  return shaped;
}

std::shared_ptr<const Representation> LinkedBy(const Representation& of, std::string_view relationship) {
  if (const auto own = of.linked.find(relationship); own != of.linked.end()) return own->second;
  auto linked = std::make_shared<Representation>(of);
  linked->attributes.reset();
  linked->pick.reset();
  linked->omit.reset();
  linked->datasets.clear();
  linked->linked.clear();
  return linked;
}

bool Shows(const Representation& representation, const context::Attribute& attribute) {
  if (representation.attributes && !representation.attributes->contains(*attribute.name)) return false;
  if (representation.pick && !representation.pick->contains(*attribute.name)) return false;
  return !representation.omit || !representation.omit->contains(*attribute.name);
}

bool AppendEntity(std::string& out, const context::Entity& entity, const Representation& representation) {
  return EntityWriter(out, entity, representation).Write();
}

}  // namespace bongsu::ngsi
