// SPDX-License-Identifier: Apache-2.0
#include "know/context/replica.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "know/context/context.hpp"
#include "know/context/geometry.hpp"
#include "model/core_context.hpp"

namespace bongsu::context {
namespace {

using model::PatchOp;

struct Node {
  std::unique_ptr<Entity> kept;  // narrowed to what is declared
  ReplicaEntity view;
  std::optional<std::uint64_t> cell;
  std::vector<std::pair<std::string, std::string>> parents;  // relationship, parent id
};

struct NodeById {
  bool operator()(const Node* a, const Node* b) const { return a->view.id < b->view.id; }
};

struct Tenant {
  std::unordered_map<std::string, std::unique_ptr<Node>> by_id;
  std::map<std::string, std::set<const Node*, NodeById>, std::less<>> by_type;
  std::set<std::pair<std::uint64_t, const Node*>> by_cell;
  std::map<std::string, std::set<std::pair<std::string, const Node*>>, std::less<>>
      by_parent;  // parent -> (relationship, child)
};

using IriSet = std::unordered_set<std::string>;

IriSet Expanded(const std::vector<std::string>& names) {
  IriSet iris;
  for (const auto& name : names) iris.insert(model::ExpandCore(name));
  return iris;
}

std::string LastPart(std::string_view id) {
  const auto colon = id.rfind(':');
  return std::string(colon == std::string_view::npos ? id : id.substr(colon + 1));
}

bool IsRelationship(const json::Value& attribute) {
  const json::Value& one =
      attribute.IsArray() && !attribute.AsArray().empty() ? attribute.AsArray().front() : attribute;
  return one["type"].AsString() == KindName(AttributeKind::kRelationship);
}

/// The value an attribute carries, without its wrapping.
json::Value ValueOf(const json::Value& instance, AttributeKind kind) {
  const json::Value& value = instance[ValueMember(kind)];
  const json::Value* typed = value.Find("@value");
  return typed != nullptr ? *typed : value;
}

std::optional<model::LatLon> PointOf(const json::Value& geometry) {
  const auto& numbers = geometry["coordinates"].AsArray();
  if (geometry["type"].AsString() == "Point" && numbers.size() >= 2)
    return model::LatLon{numbers[1].AsDouble(), numbers[0].AsDouble()};
  const auto shape = Geometry::Read(geometry);
  if (!shape) return std::nullopt;
  return shape->anchor();
}

}  // namespace

struct Replica::State {
  ReplicaConfig config;
  IriSet common;
  std::unordered_map<std::string, IriSet> by_type;  // type IRI -> attribute IRIs
  Names names;
  std::map<std::uint16_t, Tenant> tenants;
  std::size_t size = 0;
  std::uint64_t left_out = 0;

  bool Keeps(std::string_view attribute, const std::vector<std::string>& types) const {
    const std::string iri{attribute};
    if (common.contains(iri)) return true;
    return std::ranges::any_of(types, [&](const std::string& type) {
      const auto of_type = by_type.find(type);
      return of_type != by_type.end() && of_type->second.contains(iri);
    });
  }

  /// The patch without what is not kept; nothing when it does not matter here.
  std::optional<model::EntityPatch> Narrow(const model::EntityPatch& patch, const Node* node) const;
  /// True when a change that sets attributes whole sets what is there already: most observations repeat name and place.
  bool Repeats(const model::EntityPatch& patch, const Node& node) const;
  void Index(Tenant& tenant, Node& node);
  void Unindex(Tenant& tenant, const Node& node) const;
  void BuildView(Node& node) const;
};

std::optional<model::EntityPatch> Replica::State::Narrow(const model::EntityPatch& patch, const Node* node) const {
  std::vector<std::string> types;
  const json::Value& given = patch.body["type"];
  if (given.IsString()) types.emplace_back(given.AsString());
  for (const auto& type : given.AsArray()) types.emplace_back(type.AsString());
  bool new_type = node == nullptr;
  if (node != nullptr) {
    new_type = std::ranges::any_of(types, [&](const std::string& type) { return !node->kept->HasType(type); });
    for (const Name type : node->kept->types) types.push_back(*type);
  }
  model::EntityPatch narrow{patch.op, patch.id, {}};
  bool matters =
      new_type || patch.op == PatchOp::kCreate || patch.op == PatchOp::kReplace || patch.op == PatchOp::kDelete;
  if (patch.op == PatchOp::kDeleteAttribute) {
    narrow.body = patch.body;
    matters = node != nullptr && node->kept->Find(patch.body["attribute"].AsString()) != nullptr;
  } else {
    for (const auto& [name, value] : patch.body.AsObject()) {
      const bool there = node != nullptr && node->kept->Find(name) != nullptr;
      const bool kept = !IsEntityMember(name) && (there || Keeps(name, types) || IsRelationship(value));
      matters = matters || kept;
      if (kept || name == "type" || name == "expiresAt") narrow.body.Set(name, value);
    }
  }
  return matters ? std::optional{std::move(narrow)} : std::nullopt;
}

bool Replica::State::Repeats(const model::EntityPatch& patch, const Node& node) const {
  if (patch.op != PatchOp::kUpsert && patch.op != PatchOp::kAppend && patch.op != PatchOp::kUpdate) return false;
  if (node.kept->expires != kNever || patch.body.Find("expiresAt") != nullptr) return false;
  std::vector<std::string> types;
  types.reserve(node.kept->types.size());
  for (const Name type : node.kept->types) types.push_back(*type);
  const auto known = [&](const json::Value& type) { return node.kept->HasType(type.AsString()); };
  const json::Value& given = patch.body["type"];
  if ((given.IsString() && !known(given)) || !std::ranges::all_of(given.AsArray(), known)) return false;
  std::string text;
  return std::ranges::all_of(patch.body.AsObject(), [&](const json::Member& member) {
    const auto& [name, value] = member;
    if (IsEntityMember(name)) return true;
    const Attribute* there = node.kept->Find(name);
    if (there == nullptr) return !Keeps(name, types) && !IsRelationship(value);
    if (!value.IsObject() || there->has_dataset || value.Find("datasetId") != nullptr) return false;
    text.clear();
    json::AppendTo(text, value);
    return text == there->json;
  });
}

void Replica::State::BuildView(Node& node) const {
  const Entity& entity = *node.kept;
  ReplicaEntity& view = node.view;
  view = {};
  view.id = entity.id;
  view.modified_at = entity.created;
  for (const Name type : entity.types) view.types.emplace_back(model::CompactCore(*type));
  view.type = view.types.empty() ? std::string{} : view.types.front();
  view.attributes = json::Object{};
  node.cell.reset();
  node.parents.clear();
  for (const Attribute& attribute : entity.attributes) {
    view.modified_at = std::max(view.modified_at, attribute.modified);
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    const std::string name{model::CompactCore(*attribute.name)};
    json::Value value = ValueOf(*instance, attribute.kind);
    if (attribute.kind == AttributeKind::kRelationship) {
      if (value.IsString()) node.parents.emplace_back(name, value.AsString());
      for (const auto& one : value.AsArray()) node.parents.emplace_back(name, one.AsString());
    }
    if (view.attributes.Find(name) == nullptr || !attribute.has_dataset) view.attributes.Set(name, std::move(value));
  }
  view.name = model::LTextFromJson(view.attributes["name"]);
  if (view.name == model::LText{}) view.name.ko = LastPart(view.id);
  const auto point = PointOf(view.attributes["location"]);
  view.attributes.Erase("location");  // it is the place; twice would cost a quarter of a node
  if (!point) return;
  model::Place place;
  place.point = *point;
  place.name = view.name;
  place.address = model::LTextFromJson(view.attributes["address"]);
  place.district = model::LTextFromJson(view.attributes["district"]);
  if (const auto known = config.districts.find(place.district.ko); known != config.districts.end())
    place.district = known->second;
  place.entity = view.id;
  view.place = std::move(place);
  node.cell = CellOf(*point);
}

void Replica::State::Index(Tenant& tenant, Node& node) {
  for (const auto& type : node.view.types) tenant.by_type[type].insert(&node);
  if (node.cell) tenant.by_cell.emplace(*node.cell, &node);
  for (const auto& [relationship, parent] : node.parents) tenant.by_parent[parent].emplace(relationship, &node);
}

void Replica::State::Unindex(Tenant& tenant, const Node& node) const {
  for (const auto& type : node.view.types) {
    const auto of_type = tenant.by_type.find(type);
    of_type->second.erase(&node);
    if (of_type->second.empty()) tenant.by_type.erase(of_type);
  }
  if (node.cell) tenant.by_cell.erase({*node.cell, &node});
  for (const auto& [relationship, parent] : node.parents) {
    const auto of_parent = tenant.by_parent.find(parent);
    if (of_parent == tenant.by_parent.end()) continue;
    of_parent->second.erase({relationship, &node});
    if (of_parent->second.empty()) tenant.by_parent.erase(of_parent);
  }
}

Replica::Replica(ReplicaConfig config) : state_{std::make_unique<State>()} {
  state_->common = Expanded(config.attributes);
  for (const auto* name : {"name", "location", "address", "district", "status"})
    state_->common.insert(model::ExpandCore(name));
  for (const auto& [type, attributes] : config.by_type)
    state_->by_type.emplace(model::ExpandCore(type), Expanded(attributes));
  state_->config = std::move(config);
}

Replica::~Replica() = default;

bool Replica::Apply(const model::Record& record) {
  if (record.kind != model::Kind::kEntity) return false;
  const auto patch = model::PatchOf(record);
  return patch && Apply(record, **patch);
}

void Replica::Load(const Entity& entity) {
  std::vector<std::string> types;
  types.reserve(entity.types.size());
  for (const Name type : entity.types) types.push_back(*type);
  auto kept = std::make_unique<Entity>();
  kept->id = entity.id;
  kept->tenant = entity.tenant;
  kept->created = entity.created;
  kept->expires = entity.expires;
  for (const Name type : entity.types) kept->types.push_back(state_->names.Intern(*type));
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.kind != AttributeKind::kRelationship && !state_->Keeps(*attribute.name, types)) continue;
    Attribute& copy = kept->attributes.emplace_back(attribute);
    copy.name = state_->names.Intern(*attribute.name);
  }
  Tenant& tenant = state_->tenants[entity.tenant];
  const auto there = tenant.by_id.find(entity.id);
  if (there != tenant.by_id.end()) {
    state_->Unindex(tenant, *there->second);
  } else if (state_->size >= state_->config.max_entities) {
    ++state_->left_out;
    return;
  } else {
    ++state_->size;
  }
  Node& node = there != tenant.by_id.end() ? *there->second
                                           : *tenant.by_id.emplace(entity.id, std::make_unique<Node>()).first->second;
  node.kept = std::move(kept);
  state_->BuildView(node);
  state_->Index(tenant, node);
}

std::vector<std::string> Replica::Widen(const std::vector<std::string>& attributes) {
  std::vector<std::string> fresh;
  for (const std::string& name : attributes) {
    const auto [iri, is_new] = state_->common.insert(model::ExpandCore(name));
    if (is_new) fresh.push_back(*iri);
  }
  return fresh;
}

bool Replica::Apply(const model::Record& record, const model::EntityPatch& patch) {
  Tenant& tenant = state_->tenants[record.tenant];
  const auto there = tenant.by_id.find(patch.id);
  Node* node = there != tenant.by_id.end() ? there->second.get() : nullptr;
  if (node != nullptr && state_->Repeats(patch, *node)) return false;
  const auto narrow = state_->Narrow(patch, node);
  if (!narrow) return false;
  if (node == nullptr && state_->size >= state_->config.max_entities) {
    ++state_->left_out;
    return false;
  }
  std::unique_ptr<Entity> kept;
  if (node != nullptr) {
    state_->Unindex(tenant, *node);
    kept = std::move(node->kept);
  }
  ApplyPatch(kept, *narrow, record.ingest_time, state_->names);
  if (!kept) {
    if (node == nullptr) return false;
    tenant.by_id.erase(there);
    --state_->size;
    return true;
  }
  if (node == nullptr) {
    node = tenant.by_id.emplace(patch.id, std::make_unique<Node>()).first->second.get();
    ++state_->size;
  }
  node->kept = std::move(kept);
  state_->BuildView(*node);
  state_->Index(tenant, *node);
  return true;
}

const ReplicaEntity* Replica::Find(std::uint16_t tenant, std::string_view id) const {
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return nullptr;
  const auto at = of_tenant->second.by_id.find(std::string(id));
  return at != of_tenant->second.by_id.end() ? &at->second->view : nullptr;
}

std::vector<Replica::Hit> Replica::Near(std::uint16_t tenant, model::LatLon point, double radius_m,
                                        std::string_view type, std::size_t limit) const {
  std::vector<Hit> hits;
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return hits;
  const auto& by_cell = of_tenant->second.by_cell;
  for (const CellRange& range : CoverCircle(point, radius_m).inside) {
    for (auto at = by_cell.lower_bound({range.first, nullptr}); at != by_cell.end() && at->first <= range.last; ++at) {
      const ReplicaEntity& entity = at->second->view;
      if (!type.empty() && std::ranges::find(entity.types, type) == entity.types.end()) continue;
      if (!entity.place) continue;  // by_cell holds none without
      const double distance_m = model::DistanceMeters(point, entity.place->point);
      if (distance_m <= radius_m) hits.push_back({&entity, distance_m});
    }
  }
  std::ranges::sort(hits, [](const Hit& a, const Hit& b) {
    return a.distance_m != b.distance_m ? a.distance_m < b.distance_m : a.entity->id < b.entity->id;
  });
  if (hits.size() > limit) hits.resize(limit);
  return hits;
}

std::vector<const ReplicaEntity*> Replica::Children(std::uint16_t tenant, std::string_view attribute,
                                                    std::string_view parent) const {
  std::vector<const ReplicaEntity*> children;
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return children;
  const auto of_parent = of_tenant->second.by_parent.find(parent);
  if (of_parent == of_tenant->second.by_parent.end()) return children;
  for (const auto& [relationship, node] : of_parent->second) {
    if (attribute.empty() || relationship == attribute) children.push_back(&node->view);
  }
  std::ranges::sort(children, {}, [](const ReplicaEntity* e) -> const std::string& { return e->id; });
  const auto repeats = std::ranges::unique(children);
  children.erase(repeats.begin(), repeats.end());
  return children;
}

std::vector<const ReplicaEntity*> Replica::Children(std::uint16_t tenant, std::string_view parent) const {
  return Children(tenant, {}, parent);
}

void Replica::ForEach(std::uint16_t tenant, std::string_view type,
                      const std::function<void(const ReplicaEntity&)>& visit) const {
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return;
  if (!type.empty()) {
    const auto of_type = of_tenant->second.by_type.find(type);
    if (of_type == of_tenant->second.by_type.end()) return;
    for (const Node* node : of_type->second) visit(node->view);
    return;
  }
  std::vector<const Node*> all;
  all.reserve(of_tenant->second.by_id.size());
  for (const auto& [id, node] : of_tenant->second.by_id) all.push_back(node.get());
  std::ranges::sort(all, NodeById{});
  for (const Node* node : all) visit(node->view);
}

std::size_t Replica::size() const { return state_->size; }
std::uint64_t Replica::left_out() const { return state_->left_out; }

}  // namespace bongsu::context
