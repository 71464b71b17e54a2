// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Finds the subscriptions that a change may concern without looking at the others: by entity id or type, and by
/// watched attribute. One a shard; not thread-safe.
///
///   (id | type | any) x (attribute | any) ──▶ subscriptions under that pair ──▶ Concerns()

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "know/subscriptions/spec.hpp"

namespace bongsu::subscriptions {

class Index {
 public:
  /// Adds or replaces.
  void Put(const SpecPtr& spec);
  void Remove(std::uint16_t tenant, const std::string& id);

  /// Whether any subscription may concern this entity whatever its types, or entities of this type: when none does,
  /// nothing needs to be compared.
  bool WantsEntity(std::uint16_t tenant, std::string_view id) const;
  bool WantsType(std::uint16_t tenant, std::string_view type) const;
  bool Empty(std::uint16_t tenant) const { return !by_tenant_.contains(tenant); }

  /// Each subscription that the change concerns, once.
  void Find(std::uint16_t tenant, const EntityChange& change, const std::function<void(const SpecPtr&)>& visit);

  /// Every subscription that the change of this patch may concern (MayConcern), without the entity.
  /// @param types  those that are known; none: any
  void FindCandidates(const model::Record& record, const model::EntityPatch& patch,
                      const std::vector<std::string>& types, const std::function<void(const SpecPtr&)>& visit);

  /// Tenants that have subscriptions here.
  std::vector<std::uint16_t> Tenants() const;
  /// Earliest active_since of a tenant's; kNever when it has none.
  TimePoint OldestSince(std::uint16_t tenant) const;

  std::size_t size() const { return entries_.size(); }
  /// Subscriptions looked at by Find so far; what the index is for is that this stays small.
  std::uint64_t looked_at() const { return looked_at_; }

 private:
  struct Entry {
    SpecPtr spec;
    std::vector<std::uint64_t> firsts;  // keys of first_
    std::vector<std::uint64_t> pairs;   // keys of pairs_
    std::uint64_t round = 0;            // of Find, so that it is visited once
  };
  static std::string KeyOf(std::uint16_t tenant, const std::string& id);

  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  // Keys are hashes; a collision is sorted out by Concerns.
  std::unordered_map<std::uint64_t, std::vector<Entry*>> first_;  // (tenant, id | type | any)
  std::unordered_map<std::uint64_t, std::vector<Entry*>> pairs_;  // the same with an attribute
  std::unordered_map<std::uint16_t, std::size_t> by_tenant_;
  std::uint64_t round_ = 0;
  std::uint64_t looked_at_ = 0;
};

}  // namespace bongsu::subscriptions
