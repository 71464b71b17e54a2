// SPDX-License-Identifier: Apache-2.0
#include "know/context/context.hpp"

#include <algorithm>
#include <cassert>

namespace bongsu::context {
namespace {

using model::PatchOp;

constexpr std::size_t kWorthIndexing = 5000;  ///< Fewer entities are as quickly looked at.
constexpr std::size_t kSelective = 4;         ///< One in so many has to be wanted.
constexpr std::size_t kIdle = 16;             ///< Changes for each entry without a question, until an index goes.

/// In the order of ids out of sets in that order, each entity once, until `visit` says false.
void WalkMerged(const std::vector<const EntitySet*>& sets, const Visit& visit) {
  struct Range {
    EntitySet::const_iterator at;
    EntitySet::const_iterator end;
  };
  std::vector<Range> ranges;
  for (const EntitySet* set : sets) {
    if (!set->empty()) ranges.push_back({set->begin(), set->end()});
  }
  while (!ranges.empty()) {
    const Entity* first = *ranges.front().at;
    for (const Range& range : ranges) first = std::min(first, *range.at, IdLess{});
    if (!visit(first)) return;
    for (Range& range : ranges) {
      if (*range.at == first) ++range.at;
    }
    std::erase_if(ranges, [](const Range& range) { return range.at == range.end; });
  }
}

}  // namespace

Context::Context(IndexOptions options, const ColdOptions& cold) : options_{std::move(options)}, warmth_{cold} {}

Context::Tenant& Context::TenantOf(std::uint16_t ordinal) {
  const auto [at, added] = tenants_.try_emplace(ordinal);
  if (added)
    for (const auto& attribute : options_.declared) at->second.indexes.Open(names_.Intern(attribute), true);
  return at->second;
}

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
  Tenant& tenant = TenantOf(record.tenant);
  const auto there = tenant.by_id.find(patch.id);
  const bool known = there != tenant.by_id.end();
  assert(!known || there->second->cold == 0);  // whoever folds has awaited it
  if (before_change_) before_change_(record.tenant, patch.id, known ? there->second.get() : nullptr);
  const bool expired = known && there->second->expires <= record.ingest_time;
  if (watch_ != nullptr) watch_->Before(record, patch, known && !expired ? there->second.get() : nullptr);
  const bool rebuilt =
      patch.op == PatchOp::kCreate || patch.op == PatchOp::kReplace || patch.op == PatchOp::kDelete || expired;
  if (!known || rebuilt) return Rebuild(tenant, there, record, patch);

  Entity* const entity = there->second.get();
  entity->touched = true;
  const std::size_t bytes = warmth_.bounded() ? Warmth::BytesOf(*entity) : 0;
  const Indexes::Held before = tenant.indexes.Look(*entity, patch);
  const Change change = ApplyPatch(there->second, patch, record.ingest_time, names_);
  tenant.indexes.Update(*entity, before);
  if (warmth_.bounded()) warmth_.Changed(*entity, bytes);
  if (!before.values.empty()) KeepBounds(tenant);
  touched_ = entity;
  if (watch_ != nullptr) watch_->After(record, change, entity);
  return change;
}

/// The entity object appears, goes, or is another one afterwards, so it leaves the map and the indexes first.
Change Context::Rebuild(Tenant& tenant, EntitiesById::iterator there, const model::Record& record,
                        const model::EntityPatch& patch) {
  std::unique_ptr<Entity> entity;
  std::uint8_t changes = 0;
  if (there != tenant.by_id.end()) {
    tenant.indexes.Remove(*there->second);
    warmth_.Leave(*there->second);
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
    now->touched = true;
    warmth_.Enter(*now);
    tenant.by_id.emplace(now->id, std::move(entity));
    tenant.indexes.Add(*now);
    ++size_;
  }
  if (!tenant.indexes.values().empty()) KeepBounds(tenant);
  touched_ = now;
  if (watch_ != nullptr) watch_->After(record, change, now);
  return change;
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

Entity* Context::At(std::uint16_t tenant, std::string_view id) const {
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return nullptr;
  const auto at = of_tenant->second.by_id.find(id);
  return at != of_tenant->second.by_id.end() ? at->second.get() : nullptr;
}

const Entity* Context::Find(std::uint16_t tenant, std::string_view id) const {
  const Entity* const entity = At(tenant, id);
  if (entity != nullptr) entity->touched = true;
  return entity;
}

Context::Selection Context::Run(const Source& source, std::size_t most, bool count, const Looks& look) {
  Selection selection;
  std::vector<const Entity*>& found = selection.entities;
  const auto held = [&](const Entity*& entity) {  // false: the walk ends; null: it does not match
    ++selection.plan.looked_at;
    const Look seen = look(entity);
    selection.open = selection.open || seen.open;
    entity = seen.found;
    return !seen.stop;
  };
  const auto take = [&](const Entity* entity) {
    if (!count && found.size() >= most) return false;
    if (!held(entity)) return false;
    if (entity == nullptr) return true;
    ++selection.total;
    if (found.size() < most) found.push_back(entity);
    return true;
  };
  if (!source.sets.empty()) {
    WalkMerged(source.sets, take);
    return selection;
  }
  if (source.kind != IndexKind::kAll) {
    std::vector<const Entity*> candidates;
    source.walk([&](const Entity* entity) {
      candidates.push_back(entity);
      return true;
    });
    SortById(candidates);
    std::ranges::all_of(candidates, take);
    return selection;
  }
  // The first ones so far are a heap, the last of them in front: what comes after it need not be looked at.
  source.walk([&](const Entity* entity) {
    const bool first = found.size() < most || (most > 0 && IdLess{}(entity, found.front()));
    if (!first && !count) return most > 0;
    if (!held(entity)) return false;
    if (entity == nullptr) return true;
    ++selection.total;
    if (!first) return true;
    if (found.size() == most) {
      std::ranges::pop_heap(found, IdLess{});
      found.pop_back();
    }
    found.push_back(entity);
    std::ranges::push_heap(found, IdLess{});
    return true;
  });
  std::ranges::sort_heap(found, IdLess{});
  return selection;
}

/// To read one against holding one in memory against a query (it reads JSON), about.
double Context::LookCost(const Query& query) const {
  constexpr double kRead = 50;
  if (warmth_.cold() == 0 || !query.asks_what_is_said()) return 1;
  return 1 + kRead * static_cast<double>(warmth_.cold()) / static_cast<double>(size_);
}

Context::Selection Context::Choose(const Query& query, std::size_t most, bool count, const Looks& look) const {
  const auto of_tenant = tenants_.find(query.tenant);
  if (of_tenant == tenants_.end()) return {};
  Tenant& tenant = of_tenant->second;
  const Plan plan{tenant.by_id, tenant.indexes, names_, query, LookCost(query)};
  const Source& source = plan.Choose(most, count);
  Selection selection = Run(source, most, count, look);
  if (selection.open) return selection;
  const std::size_t looked_at = selection.plan.looked_at;
  selection.plan = plan.Report(source);
  selection.plan.looked_at = looked_at;
  Learn(tenant, plan, selection);
  return selection;
}

Context::Selection Context::Select(const Query& query, std::size_t most, bool count) const {
  return Choose(query, most, count,
                [&](const Entity* entity) { return Look{query.Matches(*entity) ? entity : nullptr}; });
}

std::optional<Context::Selection> Context::SelectBy(IndexKind kind, const Query& query, std::size_t most,
                                                    bool count) const {
  const auto of_tenant = tenants_.find(query.tenant);
  if (of_tenant == tenants_.end()) return Selection{};
  const Plan plan{of_tenant->second.by_id, of_tenant->second.indexes, names_, query};
  const Source* source = plan.Find(kind);
  if (source == nullptr) return std::nullopt;
  return Run(*source, most, count,
             [&](const Entity* entity) { return Look{query.Matches(*entity) ? entity : nullptr}; });
}

/// What was looked at in vain is remembered by attribute: an index is made when it would have paid for itself twice.
void Context::Learn(Tenant& tenant, const Plan& plan, const Selection& selection) const {
  ++tenant.questions;
  for (const Name name : plan.used()) {
    const auto values = tenant.indexes.values().find(name);
    if (values == tenant.indexes.values().end()) continue;
    values->second.used = tenant.questions;
    values->second.maintained = 0;
  }
  const std::size_t looks = selection.plan.looked_at;
  if (warmth_.cold() > 0) return;  // all of them would have to be read: such an index has to be declared
  if (looks < kWorthIndexing || selection.total * kSelective > looks) return;
  for (const Name attribute : plan.missed()) {
    std::size_t& missed = tenant.missed[attribute];
    missed += looks;
    if (missed >= 2 * tenant.by_id.size()) MakeIndex(tenant, attribute);
  }
}

void Context::MakeIndex(Tenant& tenant, Name attribute) const {
  tenant.missed.erase(attribute);
  const auto made = std::ranges::count_if(tenant.indexes.values(), [](const auto& v) { return !v.second.declared; });
  if (static_cast<std::size_t>(made) >= options_.max_made) return;
  tenant.indexes.Open(attribute, false);
  for (const auto& [id, entity] : tenant.by_id) tenant.indexes.AddValues(attribute, *entity);
  tenant.indexes.values().at(attribute).used = tenant.questions;
  if (options_.made != nullptr) options_.made->Add();
  KeepBounds(tenant);
}

void Context::KeepBounds(Tenant& tenant) const {
  auto& values = tenant.indexes.values();
  const auto give_up = [&](Indexes::ValuesByName::iterator index) {
    values.erase(index);
    if (options_.given_up != nullptr) options_.given_up->Add();
  };
  for (auto at = values.begin(); at != values.end();) {
    const auto next = std::next(at);
    const std::size_t entries = std::max(at->second.index.entries(), kWorthIndexing);
    if (!at->second.declared && at->second.maintained > kIdle * entries) give_up(at);
    at = next;
  }
  const auto count = [&] {
    const std::size_t now = tenant.indexes.value_entries();
    entries_ += now - tenant.entries;
    tenant.entries = now;
    return entries_;
  };
  while (count() > options_.max_entries && !values.empty()) {
    give_up(std::ranges::min_element(values, {},
                                     [](const auto& v) { return std::pair{v.second.declared, v.second.used}; }));
  }
  if (options_.entries != nullptr) options_.entries->Set(static_cast<double>(entries_));
}

void Context::Referrers(std::uint16_t tenant, std::string_view target,
                        const std::function<bool(Name attribute, const Entity& entity)>& visit) const {
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return;
  const Indexes& indexes = of_tenant->second.indexes;
  for (const Name attribute : indexes.Relationships())
    indexes.WalkTarget(*attribute, target, [&](const Entity* entity) { return visit(attribute, *entity); });
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
  for (const auto& [name, entities] : of_tenant->second.indexes.types()) types[*name] = entities.size();
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
  Tenant& tenant = TenantOf(entity.tenant);
  auto owned = std::make_unique<Entity>(std::move(entity));
  Entity* const loaded = owned.get();
  if (!tenant.by_id.emplace(loaded->id, std::move(owned)).second) return;
  tenant.indexes.Add(*loaded);
  loaded->touched = false;
  warmth_.Enter(*loaded);
  if (!tenant.indexes.values().empty()) KeepBounds(tenant);
  ++size_;
}

StateHash Context::Hash() const {
  StateHash hash;
  ForEach([&](const Entity& entity) { hash.Add(entity); });
  return hash;
}

}  // namespace bongsu::context
