// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How the city is now: every entity of this shard's partitions, folded from committed kEntity records and from
/// nothing else, with its indexes (know/context/indexes.hpp).
///
///   committed records ──▶ Apply ──▶ entities ──▶ Find / Select
///                           └─▶ before_change (the saver writes behind, know/store)
///
/// One a shard; single-threaded, no lock. Pointers to entities hold until the next Apply.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "know/context/entity.hpp"
#include "know/context/indexes.hpp"
#include "know/context/patch.hpp"
#include "know/context/plan.hpp"
#include "know/context/selection.hpp"
#include "model/record.hpp"

namespace bongsu::context {

/// Looks on while committed changes are folded: what subscriptions are told from. On the context's shard.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;
  /// `entity` as it is before the change; null when there is none, or it expired.
  virtual void Before(const model::Record& record, const model::EntityPatch& patch, const Entity* entity) = 0;
  /// After each Before; `entity` is null when there is none any more.
  virtual void After(const model::Record& record, Change change, const Entity* entity) = 0;
};

/// Which attributes are found by their values. None of it is part of the state.
struct IndexOptions {
  std::vector<std::string> declared = {};  ///< Attribute IRIs, of every tenant.
  std::size_t max_entries = 2'000'000;     ///< Of all of them together; about 21 bytes each. Beyond it the one that was
                                           ///< not asked for longest is given up, declared ones last.
  std::size_t max_made = 8;                ///< Of a tenant, made because they were missed.
  Counter* made = nullptr;
  Counter* given_up = nullptr;
  Gauge* entries = nullptr;
};

class Context {
 public:
  explicit Context(IndexOptions options = {});
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Folds a committed record of one of this shard's partitions; records at or before applied_seq are skipped, other
  /// kinds than kEntity only move applied_seq.
  Change Apply(const model::Record& record);
  Change Apply(const model::Record& record, const model::EntityPatch& patch);

  /// The entity that the last Apply folded into; null when it is gone or was not there.
  const Entity* touched() const { return touched_; }

  /// Null when there is none (an expired entity is still found; look at `expires`).
  const Entity* Find(std::uint16_t tenant, std::string_view id) const;

  struct Selection {
    std::vector<const Entity*> entities;  ///< By id, at most as many as asked for.
    std::size_t total = 0;                ///< All that match; only when counted.
    PlanReport plan;
  };
  /// @param most   how many entities are wanted
  /// @param count  goes on to the end to fill `total`
  Selection Select(const Query& query, std::size_t most, bool count) const;
  /// The same by that index, whatever it costs; nothing when it does not serve the query.
  std::optional<Selection> SelectBy(IndexKind kind, const Query& query, std::size_t most, bool count) const;

  /// Visits the entities with a relationship to `target`, attribute by attribute, in no particular order; false goes on
  /// with the next attribute.
  void Referrers(std::uint16_t tenant, std::string_view target,
                 const std::function<bool(Name attribute, const Entity& entity)>& visit) const;

  /// Visits every entity of a tenant in no particular order.
  void ForEach(std::uint16_t tenant, const std::function<void(const Entity&)>& visit) const;
  /// Every entity of every tenant.
  void ForEach(const std::function<void(const Entity&)>& visit) const;
  /// Types of a tenant with the number of their entities.
  std::map<std::string, std::size_t> Types(std::uint16_t tenant) const;

  std::uint64_t applied_seq(std::uint16_t partition) const;
  const std::map<std::uint16_t, std::uint64_t>& applied() const { return applied_; }
  /// Runs `then` once the record at `position` is folded; at once when it is.
  void WhenApplied(model::Position position, std::function<void()> then);

  /// Puts an entity that was saved back in. Only before the first Apply.
  void Load(Entity entity);
  void SetApplied(std::uint16_t partition, std::uint64_t seq) { applied_[partition] = seq; }

  /// Called before an entity may change; `entity` is null when there is none yet.
  using BeforeChange = std::function<void(std::uint16_t tenant, std::string_view id, const Entity* entity)>;
  void set_before_change(BeforeChange before_change) { before_change_ = std::move(before_change); }

  /// One that lives longer than the context; null for none.
  void set_watch(ChangeWatch* watch) { watch_ = watch; }

  std::size_t size() const { return size_; }
  /// Of all indexes of values.
  std::size_t value_entries() const { return entries_; }
  /// kEntity records whose payload could not be read; the fold skips them.
  std::uint64_t skipped() const { return skipped_; }
  Names& names() { return names_; }
  /// Hash over all entities; equal states give equal hashes whatever the number of shards.
  StateHash Hash() const;

 private:
  struct Tenant {
    EntitiesById by_id;
    Indexes indexes;
    std::unordered_map<Name, std::size_t> missed;  // looks that an index over that attribute would have saved
    std::uint64_t questions = 0;
    std::size_t entries = 0;  // of its values in entries_
  };

  Tenant& TenantOf(std::uint16_t ordinal);
  Change Fold(const model::Record& record, const model::EntityPatch& patch);
  Change Rebuild(Tenant& tenant, EntitiesById::iterator there, const model::Record& record,
                 const model::EntityPatch& patch);
  void Advance(model::Position position);
  static Selection Run(const Query& query, const Source& source, std::size_t most, bool count);
  void Learn(Tenant& tenant, const Plan& plan, const Selection& selection) const;
  void MakeIndex(Tenant& tenant, Name attribute) const;
  void KeepBounds(Tenant& tenant) const;

  Names names_;
  IndexOptions options_;
  mutable std::map<std::uint16_t, Tenant> tenants_;  // a question may make or give up an index
  std::map<std::uint16_t, std::uint64_t> applied_;
  std::map<std::uint16_t, std::multimap<std::uint64_t, std::function<void()>>> waiting_;
  BeforeChange before_change_;
  ChangeWatch* watch_ = nullptr;
  mutable std::size_t entries_ = 0;
  std::size_t size_ = 0;
  std::uint64_t skipped_ = 0;
  const Entity* touched_ = nullptr;
};

}  // namespace bongsu::context
