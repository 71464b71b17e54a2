// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/preference.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "know/context/entity.hpp"
#include "serve/ngsi/header_text.hpp"

namespace bongsu::ngsi {
namespace {

struct Newer {
  std::string_view name;
  int since;  ///< Minor version that brought it.
};

/// Members that say the value of an attribute that is read as another kind before.
constexpr std::array<Newer, 5> kValues{
    {{"vocab", 8}, {"json", 8}, {"valueList", 8}, {"objectList", 8}, {"languageMap", 4}}};
constexpr std::array<Newer, 6> kMembers{
    {{"expiresAt", 9}, {"valueType", 9}, {"objectType", 8}, {"datasetId", 3}, {"observedAt", 3}, {"unitCode", 3}}};
constexpr int kScope = 4;
constexpr int kInstances = 3;  ///< Several of one attribute, told apart by datasetId.
constexpr int kTypes = 1;      ///< Several of one entity.

class Converter {
 public:
  explicit Converter(int minor) : minor_{minor} {}

  void Any(json::Value& value) {
    if (value.IsArray()) {
      for (json::Value& one : value.MutableArray()) Any(one);
    } else if (value["type"].AsString() == "FeatureCollection") {
      if (json::Value* features = value.Find("features")) Any(*features);
    } else if (value["type"].AsString() == "Feature") {
      if (json::Value* properties = value.Find("properties")) Entity(*properties);
    } else if (value.IsObject()) {
      Entity(value);
    }
  }

  bool changed() const { return changed_; }

 private:
  void Drop(json::Value& object, std::string_view name, int since) {
    if (minor_ >= since || object.Find(name) == nullptr) return;
    object.Erase(name);
    changed_ = true;
  }

  void Entity(json::Value& entity) {
    Drop(entity, "scope", kScope);
    Drop(entity, "expiresAt", 9);
    if (json::Value* types = entity.Find("type"); minor_ < kTypes && types != nullptr && types->IsArray()) {
      *types = json::Value{types->AsArray().front()};
      changed_ = true;
    }
    for (auto& [name, value] : entity.MutableObject()) {
      if (name != "id" && name != "type" && name != "@context") Attribute(value);
    }
  }

  void Attribute(json::Value& value) {
    const bool instances =
        value.IsArray() && !value.AsArray().empty() &&
        std::ranges::all_of(value.AsArray(), [](const json::Value& item) { return IsInstance(item); });
    if (!instances) {
      if (IsInstance(value)) Instance(value);
      return;
    }
    if (minor_ < kInstances) {
      const auto& all = value.AsArray();
      const auto plain =
          std::ranges::find_if(all, [](const json::Value& one) { return one.Find("datasetId") == nullptr; });
      value = json::Value{plain != all.end() ? *plain : all.front()};
      changed_ = true;
      return Instance(value);
    }
    for (json::Value& one : value.MutableArray()) Instance(one);
  }

  static bool IsInstance(const json::Value& value) {
    if (!value.IsObject()) return false;
    if (context::KindFromName(value["type"].AsString())) return true;
    return value.Find("value") != nullptr || value.Find("object") != nullptr ||
           std::ranges::any_of(kValues, [&](const Newer& row) { return value.Find(row.name) != nullptr; });
  }

  void Instance(json::Value& instance) {
    for (const Newer& row : kMembers) Drop(instance, row.name, row.since);
    for (auto& [name, value] : instance.MutableObject()) {
      if (name != "value" && name != "json" && name != "valueList") Attribute(value);
    }
    for (const Newer& row : kValues) {
      json::Value* value = instance.Find(row.name);
      if (value == nullptr || minor_ >= row.since) continue;
      const bool links = row.name == "objectList";
      json::Value old = links ? Uris(*value) : std::move(*value);
      changed_ = true;
      if (instance.AsObject().size() == 1 && !links) {
        instance = std::move(old);  // simplified, or concise with nothing else
        return;
      }
      instance.Erase(row.name);
      if (json::Value* type = instance.Find("type")) *type = json::Value{links ? "Relationship" : "Property"};
      instance.Set(links ? "object" : "value", std::move(old));
      return;
    }
  }

  static json::Value Uris(const json::Value& list) {
    json::Array uris;
    for (const auto& item : list.AsArray()) uris.push_back(item.IsObject() ? item["object"] : item);
    return json::Value{std::move(uris)};
  }

  int minor_;
  bool changed_ = false;
};

}  // namespace

std::optional<std::string> Preference(std::string_view prefer_header, std::string_view name) {
  for (const auto preference : SplitHeader(prefer_header, ',')) {
    const auto said = SplitHeader(preference, ';').front();
    const auto equals = std::min(said.find('='), said.size());
    if (LowerCase(TrimSpace(said.substr(0, equals))) != LowerCase(name)) continue;
    auto value = equals < said.size() ? TrimSpace(said.substr(equals + 1)) : std::string_view{};
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return std::nullopt;
}

std::optional<int> PreferredMinor(std::string_view prefer_header) {
  const auto version = Preference(prefer_header, "ngsi-ld");
  if (!version || !version->starts_with("1.")) return std::nullopt;
  int minor = 0;
  const auto [rest, error] = std::from_chars(version->data() + 2, version->data() + version->size(), minor);
  if (error != std::errc{} || rest != version->data() + version->size() || minor < 0 || minor > 99) return std::nullopt;
  return minor;
}

bool ReadableFor(int minor, json::Value& entities) {
  Converter converter{minor};
  converter.Any(entities);
  return converter.changed();
}

}  // namespace bongsu::ngsi
