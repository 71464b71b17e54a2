// SPDX-License-Identifier: Apache-2.0
#include "know/subscriptions/index.hpp"

#include <algorithm>

#include "base/id.hpp"

namespace bongsu::subscriptions {
namespace {

constexpr std::uint64_t kAnyAttribute = 0x9E3779B97F4A7C15ULL;

std::uint64_t First(std::uint16_t tenant, char kind, std::string_view name) {
  const std::string_view what{&kind, 1};
  const std::string_view whose{reinterpret_cast<const char*>(&tenant), sizeof tenant};
  return Hash64Parts({whose, what, name});
}
std::uint64_t FirstAny(std::uint16_t tenant) { return First(tenant, '*', {}); }

std::uint64_t Pair(std::uint64_t first, std::uint64_t attribute) {
  return first ^ (attribute + 0x9E3779B97F4A7C15ULL + (first << 6U) + (first >> 2U));
}

/// Under what a subscription is to be found: ids where they are named, else types, else all.
std::vector<std::uint64_t> FirstsOf(const Spec& spec) {
  std::vector<std::uint64_t> firsts;
  for (const context::Selector& selector : spec.query.selectors) {
    if (!selector.ids.empty()) {
      for (const auto& id : selector.ids) firsts.push_back(First(spec.tenant, 'i', id));
    } else if (selector.type && !selector.type->every()) {
      for (const auto& type : selector.type->names()) firsts.push_back(First(spec.tenant, 't', type));
    } else {
      firsts.push_back(FirstAny(spec.tenant));
    }
  }
  if (firsts.empty()) firsts.push_back(FirstAny(spec.tenant));
  std::ranges::sort(firsts);
  const auto repeats = std::ranges::unique(firsts);
  firsts.erase(repeats.begin(), repeats.end());
  return firsts;
}

}  // namespace

std::string Index::KeyOf(std::uint16_t tenant, const std::string& id) { return std::to_string(tenant) + ' ' + id; }

void Index::Put(const SpecPtr& spec) {
  Remove(spec->tenant, spec->id);
  auto entry = std::make_unique<Entry>();
  entry->spec = spec;
  entry->firsts = FirstsOf(*spec);
  const bool any = spec->watched.empty() || (spec->triggers & (kEntityCreated | kEntityDeleted)) != 0;
  for (const std::uint64_t first : entry->firsts) {
    if (any) entry->pairs.push_back(Pair(first, kAnyAttribute));
    if (any) continue;
    for (const auto& attribute : spec->watched) entry->pairs.push_back(Pair(first, Hash64(attribute)));
  }
  for (const std::uint64_t first : entry->firsts) first_[first].push_back(entry.get());
  for (const std::uint64_t pair : entry->pairs) pairs_[pair].push_back(entry.get());
  ++by_tenant_[spec->tenant];
  entries_[KeyOf(spec->tenant, spec->id)] = std::move(entry);
}

void Index::Remove(std::uint16_t tenant, const std::string& id) {
  const auto at = entries_.find(KeyOf(tenant, id));
  if (at == entries_.end()) return;
  const Entry& entry = *at->second;
  for (const std::uint64_t first : entry.firsts) {
    const auto found = first_.find(first);
    std::erase(found->second, &entry);
    if (found->second.empty()) first_.erase(found);
  }
  for (const std::uint64_t pair : entry.pairs) {
    const auto found = pairs_.find(pair);
    std::erase(found->second, &entry);
    if (found->second.empty()) pairs_.erase(found);
  }
  const auto count = by_tenant_.find(tenant);
  if (--count->second == 0) by_tenant_.erase(count);
  entries_.erase(at);
}

bool Index::WantsEntity(std::uint16_t tenant, std::string_view id) const {
  return !Empty(tenant) && (first_.contains(FirstAny(tenant)) || first_.contains(First(tenant, 'i', id)));
}

bool Index::WantsType(std::uint16_t tenant, std::string_view type) const {
  return !Empty(tenant) && first_.contains(First(tenant, 't', type));
}

void Index::FindCandidates(const model::Record& record, const model::EntityPatch& patch,
                           const std::vector<std::string>& types, const std::function<void(const SpecPtr&)>& visit) {
  const std::uint16_t tenant = record.tenant;
  if (Empty(tenant)) return;
  ++round_;
  const auto consider = [&](const std::vector<Entry*>& entries) {
    for (Entry* entry : entries) {
      if (entry->round == round_ || entry->spec->tenant != tenant) continue;
      entry->round = round_;
      if (MayConcern(*entry->spec, record, patch)) visit(entry->spec);
    }
  };
  const auto look = [&](std::uint64_t first) {
    const auto found = first_.find(first);
    if (found != first_.end()) consider(found->second);
  };
  look(FirstAny(tenant));
  look(First(tenant, 'i', patch.id));
  for (const auto& type : types) look(First(tenant, 't', type));
  if (!types.empty()) return;
  for (const auto& [key, entry] : entries_) consider({entry.get()});
}

std::vector<std::uint16_t> Index::Tenants() const {
  std::vector<std::uint16_t> tenants;
  tenants.reserve(by_tenant_.size());
  for (const auto& [tenant, count] : by_tenant_) tenants.push_back(tenant);
  return tenants;
}

TimePoint Index::OldestSince(std::uint16_t tenant) const {
  TimePoint oldest = kNever;
  for (const auto& [key, entry] : entries_) {
    if (entry->spec->tenant == tenant) oldest = std::min(oldest, entry->spec->active_since);
  }
  return oldest;
}

void Index::Find(std::uint16_t tenant, const EntityChange& change, const std::function<void(const SpecPtr&)>& visit) {
  if (Empty(tenant)) return;
  ++round_;
  std::vector<std::uint64_t> attributes{kAnyAttribute};
  for (const AttributeChange& attribute : change.attributes) attributes.push_back(Hash64(attribute.name()));
  const auto look = [&](std::uint64_t first) {
    if (!first_.contains(first)) return;
    for (const std::uint64_t attribute : attributes) {
      const auto found = pairs_.find(Pair(first, attribute));
      if (found == pairs_.end()) continue;
      for (Entry* entry : found->second) {
        if (entry->round == round_ || entry->spec->tenant != tenant) continue;
        entry->round = round_;
        ++looked_at_;
        if (Concerns(*entry->spec, change)) visit(entry->spec);
      }
    }
  };
  const context::Entity& entity = change.entity();
  look(FirstAny(tenant));
  look(First(tenant, 'i', entity.id));
  for (const context::Name type : entity.types) look(First(tenant, 't', *type));
}

}  // namespace bongsu::subscriptions
