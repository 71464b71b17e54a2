// SPDX-License-Identifier: Apache-2.0
#include "know/context/context.hpp"

#include <algorithm>

namespace bongsu::context {
namespace {

using model::PatchOp;

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

bool MayMove(const model::EntityPatch& patch) {
  switch (patch.op) {
    case PatchOp::kCreate:
    case PatchOp::kReplace:
    case PatchOp::kDelete:
      return true;
    case PatchOp::kDeleteAttribute:
      return patch.body["attribute"].AsString() == kLocation;
    default:
      return patch.body.Find(kLocation) != nullptr;
  }
}

void SortById(std::vector<const Entity*>& entities) {
  std::ranges::sort(entities, {}, [](const Entity* e) -> const std::string& { return e->id; });
  const auto repeats = std::ranges::unique(entities);
  entities.erase(repeats.begin(), repeats.end());
}

}  // namespace

Context::Context() = default;

Change Context::Apply(const model::Record& record) {
  if (record.position.seq <= applied_seq(record.position.partition)) return Change::kNothing;
  if (record.kind != model::Kind::kEntity) {
    Advance(record.position);
    return Change::kNothing;
  }
  const auto patch = model::PatchOf(record);
  if (!patch) {
    ++skipped_;
    Advance(record.position);
    return Change::kNothing;
  }
  return Apply(record, **patch);
}

Change Context::Apply(const model::Record& record, const model::EntityPatch& patch) {
  if (record.position.seq <= applied_seq(record.position.partition)) return Change::kNothing;
  const Change change = Fold(record, patch);
  Advance(record.position);
  return change;
}

Change Context::Fold(const model::Record& record, const model::EntityPatch& patch) {
  Tenant& tenant = tenants_[record.tenant];
  const auto there = tenant.by_id.find(patch.id);
  const bool known = there != tenant.by_id.end();
  if (before_change_) before_change_(record.tenant, patch.id, known ? there->second.get() : nullptr);
  const bool expired = known && there->second->expires <= record.ingest_time;
  if (watch_ != nullptr) watch_->Before(record, patch, known && !expired ? there->second.get() : nullptr);
  const bool rebuilt =
      patch.op == PatchOp::kCreate || patch.op == PatchOp::kReplace || patch.op == PatchOp::kDelete || expired;
  if (!known || rebuilt) return Rebuild(tenant, there, record, patch);

  Entity* const entity = there->second.get();
  const bool moves = MayMove(patch);
  const std::size_t types_before = entity->types.size();
  const auto before = moves ? LocationsOf(*entity) : std::vector<std::string>{};
  const Change change = ApplyPatch(there->second, patch, record.ingest_time, names_);
  if (moves && LocationsOf(*entity) != before) {  // most reports repeat where they come from
    for (const auto cell : CellsOf(before)) tenant.by_cell.erase({cell, entity});
    IndexPlace(tenant, *entity);
  }
  if (entity->types.size() != types_before) IndexTypes(tenant, *entity);  // types are only added here
  touched_ = entity;
  if (watch_ != nullptr) watch_->After(record, change, entity);
  return change;
}

/// The entity object appears, goes, or is another one afterwards, so it leaves the map and the indexes first.
Change Context::Rebuild(Tenant& tenant, ById::iterator there, const model::Record& record,
                        const model::EntityPatch& patch) {
  std::unique_ptr<Entity> entity;
  std::uint8_t changes = 0;
  if (there != tenant.by_id.end()) {
    Unindex(tenant, *there->second);
    entity = std::move(there->second);
    changes = entity->changes;
    tenant.by_id.erase(there);  // its key looks into `entity`, which still lives
    --size_;
  }
  const Change change = ApplyPatch(entity, patch, record.ingest_time, names_);
  Entity* const now = entity.get();
  if (now != nullptr) {
    now->tenant = record.tenant;
    now->partition = record.position.partition;
    now->changes = changes;
    tenant.by_id.emplace(now->id, std::move(entity));
    IndexTypes(tenant, *now);
    IndexPlace(tenant, *now);
    ++size_;
  }
  touched_ = now;
  if (watch_ != nullptr) watch_->After(record, change, now);
  return change;
}

void Context::IndexTypes(Tenant& tenant, const Entity& entity) {
  for (const Name type : entity.types) tenant.by_type[type].insert(&entity);
}

void Context::IndexPlace(Tenant& tenant, const Entity& entity) {
  for (const auto cell : CellsOf(LocationsOf(entity))) tenant.by_cell.emplace(cell, &entity);
}

void Context::Unindex(Tenant& tenant, const Entity& entity) {
  for (const auto cell : CellsOf(LocationsOf(entity))) tenant.by_cell.erase({cell, &entity});
  for (const Name type : entity.types) {
    const auto of_type = tenant.by_type.find(type);
    if (of_type == tenant.by_type.end()) continue;
    of_type->second.erase(&entity);
    if (of_type->second.empty()) tenant.by_type.erase(of_type);
  }
}

void Context::Advance(model::Position position) {
  applied_[position.partition] = position.seq;
  const auto of_partition = waiting_.find(position.partition);
  if (of_partition == waiting_.end()) return;
  auto& waiting = of_partition->second;
  while (!waiting.empty() && waiting.begin()->first <= position.seq) {
    const auto then = std::move(waiting.begin()->second);
    waiting.erase(waiting.begin());
    then();
  }
}

const Entity* Context::Find(std::uint16_t tenant, std::string_view id) const {
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return nullptr;
  const auto at = of_tenant->second.by_id.find(id);
  return at != of_tenant->second.by_id.end() ? at->second.get() : nullptr;
}

std::vector<const Entity*> Context::ByPlace(const Tenant& tenant, const Covering& covering) const {
  std::vector<const Entity*> found;
  for (const CellRange& range : covering.inside) {
    for (auto at = tenant.by_cell.lower_bound({range.first, nullptr});
         at != tenant.by_cell.end() && at->first <= range.last; ++at) {
      found.push_back(at->second);
    }
  }
  for (const std::uint64_t cell : covering.ancestors) {
    for (auto at = tenant.by_cell.lower_bound({cell, nullptr}); at != tenant.by_cell.end() && at->first == cell; ++at) {
      found.push_back(at->second);
    }
  }
  SortById(found);
  return found;
}

std::vector<const Entity*> Context::ByType(const Tenant& tenant, const std::vector<std::string>& names) const {
  std::vector<const Entity*> found;
  for (const auto& text : names) {
    const Name name = names_.Find(text);
    const auto of_type = name != nullptr ? tenant.by_type.find(name) : tenant.by_type.end();
    if (of_type != tenant.by_type.end()) found.insert(found.end(), of_type->second.begin(), of_type->second.end());
  }
  if (names.size() > 1) SortById(found);
  return found;
}

std::vector<const Entity*> Context::Candidates(const Tenant& tenant, const Query& query) const {
  std::vector<const Entity*> found;
  const auto all_of = [&](const auto& test) {
    return !query.selectors.empty() && std::ranges::all_of(query.selectors, test);
  };
  if (all_of([](const Selector& s) { return !s.ids.empty(); })) {
    for (const auto& selector : query.selectors) {
      for (const auto& id : selector.ids) {
        const auto at = tenant.by_id.find(id);
        if (at != tenant.by_id.end()) found.push_back(at->second.get());
      }
    }
    SortById(found);
    return found;
  }
  if (query.geo && query.geo->property == kLocation) {
    if (const auto covering = query.geo->Candidates()) return ByPlace(tenant, *covering);
  }
  if (all_of([](const Selector& s) { return s.type && !s.type->every(); })) {
    std::vector<std::string> names;
    for (const auto& selector : query.selectors)
      if (const auto& type = selector.type) names.insert(names.end(), type->names().begin(), type->names().end());
    return ByType(tenant, names);
  }
  found.reserve(tenant.by_id.size());
  for (const auto& [id, entity] : tenant.by_id) found.push_back(entity.get());
  SortById(found);
  return found;
}

Context::Selection Context::Select(const Query& query, std::size_t most, bool count) const {
  Selection selection;
  const auto of_tenant = tenants_.find(query.tenant);
  if (of_tenant == tenants_.end()) return selection;
  for (const Entity* entity : Candidates(of_tenant->second, query)) {
    if (!count && selection.entities.size() >= most) break;
    if (!query.Matches(*entity)) continue;
    ++selection.total;
    if (selection.entities.size() < most) selection.entities.push_back(entity);
  }
  return selection;
}

void Context::ForEach(std::uint16_t tenant, const std::function<void(const Entity&)>& visit) const {
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return;
  for (const auto& [id, entity] : of_tenant->second.by_id) visit(*entity);
}

void Context::ForEach(const std::function<void(const Entity&)>& visit) const {
  for (const auto& [ordinal, tenant] : tenants_) {
    for (const auto& [id, entity] : tenant.by_id) visit(*entity);
  }
}

std::map<std::string, std::size_t> Context::Types(std::uint16_t tenant) const {
  std::map<std::string, std::size_t> types;
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return types;
  for (const auto& [name, entities] : of_tenant->second.by_type) types[*name] = entities.size();
  return types;
}

std::uint64_t Context::applied_seq(std::uint16_t partition) const {
  const auto at = applied_.find(partition);
  return at != applied_.end() ? at->second : 0;
}

void Context::WhenApplied(model::Position position, std::function<void()> then) {
  if (applied_seq(position.partition) >= position.seq) {
    then();
  } else {
    waiting_[position.partition].emplace(position.seq, std::move(then));
  }
}

void Context::Load(Entity entity) {
  Tenant& tenant = tenants_[entity.tenant];
  auto owned = std::make_unique<Entity>(std::move(entity));
  Entity* const loaded = owned.get();
  if (!tenant.by_id.emplace(loaded->id, std::move(owned)).second) return;
  IndexTypes(tenant, *loaded);
  IndexPlace(tenant, *loaded);
  ++size_;
}

StateHash Context::Hash() const {
  StateHash hash;
  ForEach([&](const Entity& entity) { hash.Add(entity); });
  return hash;
}

}  // namespace bongsu::context
