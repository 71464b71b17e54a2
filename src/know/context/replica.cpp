// SPDX-License-Identifier: Apache-2.0
#include "know/context/replica.hpp"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/id.hpp"
#include "know/context/context.hpp"
#include "know/context/geometry.hpp"
#include "model/core_context.hpp"

namespace bongsu::context {
namespace {

constexpr std::size_t kMaxRemembered = 100'000;  // (type, attribute) pairs whose fate is remembered

struct Node {
  SharedView view;
  std::uint64_t cell = 0;  // 0: nowhere
};

struct ById {
  bool operator()(const ReplicaView* a, const ReplicaView* b) const { return a->entity.id < b->entity.id; }
};

/// A node is found by the id of its view: nothing is kept of it beside.
struct NodeHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view id) const { return Hash64(id); }
  std::size_t operator()(const Node& node) const { return Hash64(node.view->entity.id); }
};
struct IdEqual {
  using is_transparent = void;
  static std::string_view IdOf(std::string_view id) { return id; }
  static std::string_view IdOf(const Node& node) { return node.view->entity.id; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return IdOf(a) == IdOf(b);
  }
};

struct Tenant {
  absl::flat_hash_set<Node, NodeHash, IdEqual> by_id;
  std::map<std::string, absl::btree_set<const ReplicaView*, ById>, std::less<>> by_type;
  absl::btree_set<std::pair<std::uint64_t, const ReplicaView*>> by_cell;
  // By the hash of a parent's id: who asks looks at the view.
  absl::btree_set<std::pair<std::uint64_t, const ReplicaView*>> by_parent;
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

struct PairHash {
  std::size_t operator()(const std::pair<Name, Name>& pair) const {
    return std::hash<Name>{}(pair.first) * 31 + std::hash<Name>{}(pair.second);
  }
};

}  // namespace

struct Replica::State {
  std::size_t max_entities = 0;
  std::shared_ptr<const Districts> districts;  // null when there are none
  IriSet common;
  std::unordered_map<std::string, IriSet> by_type;                       // type IRI -> attribute IRIs
  std::unordered_map<std::pair<Name, Name>, bool, PairHash> remembered;  // (type, attribute) of the owner's Context
  std::map<std::uint16_t, Tenant> tenants;
  std::size_t size = 0;
  std::uint64_t left_out = 0;

  bool KeepsOfType(Name type, Name attribute) {
    const auto known = remembered.find({type, attribute});
    if (known != remembered.end()) return known->second;
    if (remembered.size() >= kMaxRemembered) remembered.clear();
    const auto of_type = type != nullptr ? by_type.find(*type) : by_type.end();
    const bool keeps =
        common.contains(*attribute) || (of_type != by_type.end() && of_type->second.contains(*attribute));
    remembered.emplace(std::pair{type, attribute}, keeps);
    return keeps;
  }
  bool Keeps(const Entity& entity, const Attribute& attribute) {
    if (attribute.kind == AttributeKind::kRelationship) return true;
    if (entity.types.empty()) return KeepsOfType(nullptr, attribute.name);
    return std::ranges::any_of(entity.types, [&](Name type) { return KeepsOfType(type, attribute.name); });
  }
  std::uint64_t KeptHash(const Entity& entity);
  SharedView ViewOf(const Entity& entity);
  void Index(Tenant& tenant, const Node& node);
  void Unindex(Tenant& tenant, const Node& node) const;
};

/// Of the types and the texts of what is kept. Two states that differ give the same with a chance of 2^-64.
std::uint64_t Replica::State::KeptHash(const Entity& entity) {
  std::uint64_t hash = 1;
  const auto add = [&](std::uint64_t part) { hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL + (hash >> 29U); };
  for (const Name type : entity.types) add(reinterpret_cast<std::uintptr_t>(type));
  for (const Attribute& attribute : entity.attributes) {
    if (!Keeps(entity, attribute)) continue;
    add(reinterpret_cast<std::uintptr_t>(attribute.name));
    add(Hash64(attribute.json));
  }
  return hash != 0 ? hash : 1;  // 0 is: never seen
}

SharedView Replica::State::ViewOf(const Entity& entity) {
  auto made = std::make_shared<ReplicaView>();
  ReplicaEntity& view = made->entity;
  view.id = entity.id;
  view.modified_at = entity.created;
  view.types.reserve(entity.types.size());
  for (const Name type : entity.types) view.types.emplace_back(model::CompactCore(*type));
  view.type = view.types.empty() ? std::string{} : view.types.front();
  view.attributes = json::Object{};
  json::Value location;
  for (const Attribute& attribute : entity.attributes) {
    if (!Keeps(entity, attribute)) continue;
    view.modified_at = std::max(view.modified_at, attribute.modified);
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    const std::string_view name = model::CompactCore(*attribute.name);
    json::Value value = ValueOf(*instance, attribute.kind);
    if (attribute.kind == AttributeKind::kRelationship) {
      if (value.IsString()) made->parents.emplace_back(name, value.AsString());
      for (const auto& one : value.AsArray()) made->parents.emplace_back(name, one.AsString());
    }
    if (name == "location") {  // it is the place; twice would cost a quarter of a view
      if (location.IsNull() || !attribute.has_dataset) location = std::move(value);
    } else if (view.attributes.Find(name) == nullptr || !attribute.has_dataset) {
      view.attributes.Set(name, std::move(value));
    }
  }
  view.attributes.MutableObject().shrink_to_fit();
  view.name = model::LTextFromJson(view.attributes["name"]);
  if (view.name == model::LText{}) view.name.ko = LastPart(view.id);
  view.point = PointOf(location);
  if (view.point) view.districts = districts;
  return made;
}

void Replica::State::Index(Tenant& tenant, const Node& node) {
  const ReplicaView* const view = node.view.get();
  for (const auto& type : view->entity.types) tenant.by_type[type].insert(view);
  if (node.cell != 0) tenant.by_cell.emplace(node.cell, view);
  for (const auto& [relationship, parent] : view->parents) tenant.by_parent.emplace(Hash64(parent), view);
}

void Replica::State::Unindex(Tenant& tenant, const Node& node) const {
  const ReplicaView* const view = node.view.get();
  for (const auto& type : view->entity.types) {
    const auto of_type = tenant.by_type.find(type);
    if (of_type == tenant.by_type.end()) continue;
    of_type->second.erase(view);
    if (of_type->second.empty()) tenant.by_type.erase(of_type);
  }
  if (node.cell != 0) tenant.by_cell.erase({node.cell, view});
  for (const auto& [relationship, parent] : view->parents) tenant.by_parent.erase({Hash64(parent), view});
}

Replica::Replica(ReplicaConfig config) : state_{std::make_unique<State>()} {
  state_->common = Expanded(config.attributes);
  for (const auto* name : {"name", "location", "address", "district", "status"})
    state_->common.insert(model::ExpandCore(name));
  for (const auto& [type, attributes] : config.by_type)
    state_->by_type.emplace(model::ExpandCore(type), Expanded(attributes));
  state_->max_entities = config.max_entities;
  if (!config.districts.empty()) state_->districts = std::make_shared<const Districts>(std::move(config.districts));
}

Replica::~Replica() = default;

SharedView Replica::See(const Entity& entity) {
  const std::uint64_t hash = state_->KeptHash(entity);
  if (hash == entity.seen) return nullptr;
  entity.seen = hash;
  return state_->ViewOf(entity);
}

bool Replica::Put(std::uint16_t tenant_number, SharedView view) {
  Tenant& tenant = state_->tenants[tenant_number];
  const auto there = tenant.by_id.find(view->entity.id);
  if (there != tenant.by_id.end()) {
    state_->Unindex(tenant, *there);
    tenant.by_id.erase(there);
    --state_->size;
  } else if (state_->size >= state_->max_entities) {
    ++state_->left_out;
    return false;
  }
  ++state_->size;
  Node node{std::move(view), 0};
  const ReplicaEntity& entity = node.view->entity;
  if (entity.point) node.cell = CellOf(*entity.point);
  state_->Index(tenant, *tenant.by_id.insert(std::move(node)).first);
  return true;
}

bool Replica::Remove(std::uint16_t tenant_number, std::string_view id) {
  const auto of_tenant = state_->tenants.find(tenant_number);
  if (of_tenant == state_->tenants.end()) return false;
  const auto there = of_tenant->second.by_id.find(id);
  if (there == of_tenant->second.by_id.end()) return false;
  state_->Unindex(of_tenant->second, *there);
  of_tenant->second.by_id.erase(there);
  --state_->size;
  return true;
}

std::vector<std::string> Replica::Widen(const std::vector<std::string>& attributes) {
  std::vector<std::string> fresh;
  for (const std::string& name : attributes) {
    const auto [iri, is_new] = state_->common.insert(model::ExpandCore(name));
    if (is_new) fresh.push_back(*iri);
  }
  if (!fresh.empty()) state_->remembered.clear();
  return fresh;
}

const ReplicaEntity* Replica::Find(std::uint16_t tenant, std::string_view id) const {
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return nullptr;
  const auto at = of_tenant->second.by_id.find(id);
  return at != of_tenant->second.by_id.end() ? &at->view->entity : nullptr;
}

std::vector<Replica::Hit> Replica::Near(std::uint16_t tenant, model::LatLon point, double radius_m,
                                        std::string_view type, std::size_t limit) const {
  std::vector<Hit> hits;
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant == state_->tenants.end()) return hits;
  const auto& by_cell = of_tenant->second.by_cell;
  for (const CellRange& range : CoverCircle(point, radius_m).inside) {
    for (auto at = by_cell.lower_bound({range.first, nullptr}); at != by_cell.end() && at->first <= range.last; ++at) {
      const ReplicaEntity& entity = at->second->entity;
      if (!type.empty() && std::ranges::find(entity.types, type) == entity.types.end()) continue;
      if (!entity.point) continue;
      const double distance_m = model::DistanceMeters(point, *entity.point);
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
  const auto names = [&](const std::pair<std::string, std::string>& link) {
    return link.second == parent && (attribute.empty() || link.first == attribute);
  };
  const std::uint64_t hash = Hash64(parent);
  const auto& by_parent = of_tenant->second.by_parent;
  for (auto at = by_parent.lower_bound({hash, nullptr}); at != by_parent.end() && at->first == hash; ++at) {
    if (std::ranges::any_of(at->second->parents, names)) children.push_back(&at->second->entity);
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
    for (const ReplicaView* view : of_type->second) visit(view->entity);
    return;
  }
  std::vector<const ReplicaView*> all;
  all.reserve(of_tenant->second.by_id.size());
  for (const Node& node : of_tenant->second.by_id) all.push_back(node.view.get());
  std::ranges::sort(all, ById{});
  for (const ReplicaView* view : all) visit(view->entity);
}

std::size_t Replica::size() const { return state_->size; }
std::uint64_t Replica::left_out() const { return state_->left_out; }

LoneReplica::LoneReplica(ReplicaConfig config) : context_{std::make_unique<Context>()}, replica_{std::move(config)} {}

LoneReplica::~LoneReplica() = default;

bool LoneReplica::Apply(const model::Record& record) {
  const auto patch = model::PatchOf(record);
  if (record.kind != model::Kind::kEntity || !patch) return false;
  const Change change = context_->Apply(record, **patch);
  if (change == Change::kDeleted) return replica_.Remove(record.tenant, (*patch)->id);
  SharedView view = change != Change::kNothing ? replica_.See(*context_->touched()) : nullptr;
  return view && replica_.Put(record.tenant, std::move(view));
}

}  // namespace bongsu::context
