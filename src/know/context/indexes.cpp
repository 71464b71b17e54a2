// SPDX-License-Identifier: Apache-2.0
#include "know/context/indexes.hpp"

namespace bongsu::context {
namespace {

using model::PatchOp;

constexpr std::uint8_t kLinks = 1;
constexpr std::uint8_t kSaysElse = 2;

bool IsRelationship(AttributeKind kind) {
  return kind == AttributeKind::kRelationship || kind == AttributeKind::kListRelationship;
}

/// Texts of the instances that say where the entity is.
std::vector<std::string> LocationsOf(const Entity& entity) {
  std::vector<std::string> locations;
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.kind == AttributeKind::kGeoProperty && *attribute.name == kLocation)
      locations.push_back(attribute.json);
  }
  return locations;
}

std::vector<std::uint64_t> CellsOf(const std::vector<std::string>& locations) {
  std::vector<std::uint64_t> cells;
  for (const std::string& text : locations) {
    const auto instance = json::Parse(text);
    if (!instance) continue;
    const json::Value& value = (*instance)["value"];
    const auto& numbers = value["coordinates"].AsArray();
    if (value["type"].AsString() == "Point" && numbers.size() >= 2 && numbers[0].IsNumber() && numbers[1].IsNumber()) {
      cells.push_back(CellOf({numbers[1].AsDouble(), numbers[0].AsDouble()}));
    } else if (const auto geometry = Geometry::Read(value)) {
      for (const auto cell : geometry->IndexCells()) cells.push_back(cell);
    }
  }
  return cells;
}

/// True when the patch may say something about that attribute.
bool Touches(const model::EntityPatch& patch, std::string_view name) {
  if (patch.op == PatchOp::kDeleteAttribute) return patch.body["attribute"].AsString() == name;
  return patch.body.Find(name) != nullptr;
}

bool BringsRelationship(const json::Value& instance) {
  const auto type = instance["type"].AsString();
  return type == "Relationship" || type == "ListRelationship";
}

bool MayLink(const Entity& entity, const model::EntityPatch& patch) {
  const bool changes = std::ranges::any_of(entity.attributes, [&](const Attribute& attribute) {
    return IsRelationship(attribute.kind) && Touches(patch, *attribute.name);
  });
  return changes || std::ranges::any_of(patch.body.AsObject(), [](const json::Member& member) {
           return BringsRelationship(member.second) || std::ranges::any_of(member.second.AsArray(), BringsRelationship);
         });
}

}  // namespace

void Indexes::Add(const Entity& entity) {
  for (const Name type : entity.types) types_[type].insert(&entity);
  for (const std::string& scope : entity.scopes) scopes_[scope].insert(&entity);
  for (const auto cell : CellsOf(LocationsOf(entity))) cells_.emplace(cell, &entity);
  for (const auto key : TargetKeysOf(entity)) targets_.emplace(key, &entity);
  for (auto& [name, values] : values_) values.index.Add(entity, ValueIndex::KeysOf(entity, name));
  NoteKinds(entity);
}

void Indexes::Remove(const Entity& entity) {
  for (const Name type : entity.types) {
    const auto of_type = types_.find(type);
    if (of_type == types_.end()) continue;
    of_type->second.erase(&entity);
    if (of_type->second.empty()) types_.erase(of_type);
  }
  for (const std::string& scope : entity.scopes) Leave(scope, entity);
  for (const auto cell : CellsOf(LocationsOf(entity))) cells_.erase({cell, &entity});
  for (const auto key : TargetKeysOf(entity)) targets_.erase({key, &entity});
  for (auto& [name, values] : values_) values.index.Remove(entity, ValueIndex::KeysOf(entity, name));
}

void Indexes::Leave(const std::string& scope, const Entity& entity) {
  const auto of_scope = scopes_.find(scope);
  if (of_scope == scopes_.end()) return;
  of_scope->second.erase(&entity);
  if (of_scope->second.empty()) scopes_.erase(of_scope);
}

void Indexes::NoteKinds(const Entity& entity) {
  for (const Attribute& attribute : entity.attributes)
    kinds_[attribute.name] |= IsRelationship(attribute.kind) ? kLinks : kSaysElse;
}

Indexes::Held Indexes::Look(const Entity& entity, const model::EntityPatch& patch) const {
  Held held;
  held.types = entity.types.size();
  held.scopes = entity.scopes;
  held.moves = Touches(patch, kLocation);
  if (held.moves) held.locations = LocationsOf(entity);
  held.links = MayLink(entity, patch);
  if (held.links) held.targets = TargetKeysOf(entity);
  for (const auto& [name, values] : values_) {
    if (Touches(patch, *name)) held.values.emplace_back(name, ValueIndex::KeysOf(entity, name));
  }
  return held;
}

void Indexes::Update(const Entity& entity, const Held& before) {
  if (entity.types.size() != before.types)  // types are only added here
    for (const Name type : entity.types) types_[type].insert(&entity);
  if (entity.scopes != before.scopes) {
    for (const std::string& scope : before.scopes) Leave(scope, entity);
    for (const std::string& scope : entity.scopes) scopes_[scope].insert(&entity);
  }
  // Most reports repeat where they come from.
  if (auto locations = before.moves ? LocationsOf(entity) : before.locations; locations != before.locations) {
    for (const auto cell : CellsOf(before.locations)) cells_.erase({cell, &entity});
    for (const auto cell : CellsOf(locations)) cells_.emplace(cell, &entity);
  }
  if (auto targets = before.links ? TargetKeysOf(entity) : before.targets; targets != before.targets) {
    for (const auto key : before.targets) targets_.erase({key, &entity});
    for (const auto key : targets) targets_.emplace(key, &entity);
  }
  for (const auto& [name, keys] : before.values) {
    Values& values = values_.at(name);
    ++values.maintained;
    const auto now = ValueIndex::KeysOf(entity, name);
    if (now == keys) continue;
    values.index.Remove(entity, keys);
    values.index.Add(entity, now);
  }
  NoteKinds(entity);
}

void Indexes::Open(Name attribute, bool declared) { values_[attribute].declared |= declared; }

void Indexes::AddValues(Name attribute, const Entity& entity) {
  values_[attribute].index.Add(entity, ValueIndex::KeysOf(entity, attribute));
}

std::size_t Indexes::value_entries() const {
  std::size_t entries = 0;
  for (const auto& [name, values] : values_) entries += values.index.entries();
  return entries;
}

bool Indexes::WalkPlace(const Covering& covering, const Visit& visit) const {
  return std::ranges::all_of(
             covering.inside,
             [&](const CellRange& range) { return WalkKeys(cells_, range.first, range.last, visit); }) &&
         std::ranges::all_of(covering.ancestors,
                             [&](std::uint64_t cell) { return WalkKeys(cells_, cell, cell, visit); });
}

bool Indexes::WalkTarget(std::string_view attribute_iri, std::string_view target, const Visit& visit) const {
  const std::uint64_t key = TargetKey(attribute_iri, target);
  return WalkKeys(targets_, key, key, visit);
}

bool Indexes::OnlyRelationships(Name attribute) const {
  const auto kinds = kinds_.find(attribute);
  return kinds == kinds_.end() || kinds->second == kLinks;
}

std::vector<Name> Indexes::Relationships() const {
  std::vector<Name> names;
  for (const auto& [name, kinds] : kinds_)
    if ((kinds & kLinks) != 0) names.push_back(name);
  std::ranges::sort(names, [](Name a, Name b) { return *a < *b; });
  return names;
}

}  // namespace bongsu::context
