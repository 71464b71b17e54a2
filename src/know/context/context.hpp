// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How the city is now: every entity of this shard's partitions, folded from committed kEntity records and from
/// nothing else, with its indexes (know/context/indexes.hpp).
///
///   committed records ──▶ Apply ──▶ entities ──▶ Find / Select
///                           └─▶ before_change (the saver writes behind, know/store)
///
/// With a bound (ColdOptions) some entities are cold: whoever reads attributes of one found here awaits it first.
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
#include "know/context/warmth.hpp"
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

/// An entity apart from the context, with the names it points to.
struct LoneEntity {
  std::shared_ptr<Names> names;
  Entity entity;
};

class Context {
 public:
  explicit Context(IndexOptions options = {}, const ColdOptions& cold = {});
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Folds a committed record of one of this shard's partitions; records at or before applied_seq are skipped, other
  /// kinds than kEntity only move applied_seq.
  Change Apply(const model::Record& record);
  Change Apply(const model::Record& record, const model::EntityPatch& patch);

  /// The entity that the last Apply folded into; null when it is gone or was not there.
  const Entity* touched() const { return touched_; }

  /// Null when there is none (an expired entity is still found; look at `expires`). It may be cold.
  const Entity* Find(std::uint16_t tenant, std::string_view id) const;

  struct Selection {
    std::vector<const Entity*> entities;  ///< By id, at most as many as asked for.
    std::size_t total = 0;                ///< All that match; only when counted.
    PlanReport plan;
    bool open = false;                                         ///< Some of those that may match have to be read first.
    std::vector<std::shared_ptr<const LoneEntity>> held = {};  ///< Of `entities`, those that were read for it.
  };
  /// @param most   how many entities are wanted
  /// @param count  goes on to the end to fill `total`
  /// @pre nothing is cold, else Ask
  Selection Select(const Query& query, std::size_t most, bool count) const;
  /// The same by that index, whatever it costs; nothing when it does not serve the query.
  std::optional<Selection> SelectBy(IndexKind kind, const Query& query, std::size_t most, bool count) const;

  /// Visits the entities with a relationship to `target`, attribute by attribute, in no particular order; false goes on
  /// with the next attribute. Some may be cold.
  void Referrers(std::uint16_t tenant, std::string_view target,
                 const std::function<bool(Name attribute, const Entity& entity)>& visit) const;

  struct Question {
    std::shared_ptr<const Query> query;
    std::size_t most = 0;
    bool count = false;
    bool whole = false;            ///< Attributes of what is found are wanted, too; else only what a cold entity keeps.
    std::size_t memory_bytes = 0;  ///< For entities that were read.
  };
  /// What Select gives, over cold entities too: at once when none of them matters, else when enough of them are read.
  /// What was read for it does not come back into the context. Pointers hold during the call of `then`.
  /// @errors kTooLarge ngsi.TooComplexQuery  more would have to be read or held than a question may
  ///         those of ColdStore
  void Ask(const Question& question, const std::function<void(Result<Selection>)>& then);

  /// Puts the entity to `keys` when it is cold.
  void NoteCold(std::uint16_t tenant, std::string_view id, std::vector<ColdKey>& keys) const;
  /// Puts the entity, or what may become one, to `keys` of Await; not while nothing is cold.
  void Note(std::uint16_t tenant, std::string_view id, std::vector<ColdKey>& keys) const;
  /// Runs `then` once all of these entities are whole, or gone; at once when none is cold. Until then no other of them
  /// goes cold: all are whole during the call.
  /// @errors those of ColdStore
  void Await(std::vector<ColdKey> keys, std::function<void(Result<void>)> then);
  /// The same of one; `then` gets null when there is none.
  template <class Then>
  void WhenWhole(std::uint16_t tenant, const std::string& id, Then then);
  /// A cold entity is this: what its row in the store says. For whoever reads it without the ColdStore.
  Result<void> TakeBack(const ColdKey& key, std::string_view bytes);
  /// Lets entities go cold until the rest fits (Warmth::Cool), but for those that are being written.
  Warmth::Cooled Cool(std::size_t steps, const std::function<bool(const Entity&)>& saved,
                      const std::function<void(const Entity&)>& before = nullptr);
  const Warmth& warmth() const { return warmth_; }
  void set_cold_store(ColdStore* store) { cold_store_ = store; }
  /// Whether somebody is about to write that entity: it stays whole then.
  void set_busy(std::function<bool(std::uint16_t tenant, const std::string& id)> busy) { busy_ = std::move(busy); }

  /// Visits every entity of a tenant in no particular order; some may be cold (Warmth::EachAttribute).
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
  /// Hash over all entities; equal states give equal hashes whatever the number of shards. @pre nothing is cold
  StateHash Hash() const;

 private:
  struct Tenant {
    EntitiesById by_id;
    Indexes indexes;
    std::unordered_map<Name, std::size_t> missed;  // looks that an index over that attribute would have saved
    std::uint64_t questions = 0;
    std::size_t entries = 0;  // of its values in entries_
  };

  /// What comes of holding a candidate against a query.
  struct Look {
    const Entity* found = nullptr;  ///< The candidate, or what was read of it; null: it does not match.
    bool open = false;              ///< It has to be read first.
    bool stop = false;
  };
  using Looks = std::function<Look(const Entity*)>;
  class Asking;

  Tenant& TenantOf(std::uint16_t ordinal);
  Result<void> PutBack(const ColdKey& key, std::optional<std::vector<Attribute>> attributes);
  void Unpin(const std::vector<ColdKey>& keys);
  Entity* At(std::uint16_t tenant, std::string_view id) const;
  double LookCost(const Query& query) const;
  Selection Choose(const Query& query, std::size_t most, bool count, const Looks& look) const;
  Change Fold(const model::Record& record, const model::EntityPatch& patch);
  Change Rebuild(Tenant& tenant, EntitiesById::iterator there, const model::Record& record,
                 const model::EntityPatch& patch);
  void Advance(model::Position position);
  static Selection Run(const Source& source, std::size_t most, bool count, const Looks& look);
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
  Warmth warmth_;
  ColdStore* cold_store_ = nullptr;
  std::unordered_map<std::string, std::size_t> pins_;  // KeyOf what is awaited -> how often
  std::function<bool(std::uint16_t tenant, const std::string& id)> busy_;
  mutable std::size_t entries_ = 0;
  std::size_t size_ = 0;
  std::uint64_t skipped_ = 0;
  const Entity* touched_ = nullptr;
};

template <class Then>
void Context::WhenWhole(std::uint16_t tenant, const std::string& id, Then then) {
  const Entity* const entity = Find(tenant, id);
  if (entity == nullptr || entity->cold == 0) return then(Result<const Entity*>{entity});
  std::vector<ColdKey> keys;
  Note(tenant, id, keys);
  Await(std::move(keys), [this, tenant, id, then = std::move(then)](const Result<void>& read) mutable {
    then(read ? Result<const Entity*>{Find(tenant, id)} : tl::unexpected<Error>(read.error()));
  });
}

}  // namespace bongsu::context
