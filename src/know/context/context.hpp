// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How the city is now: every entity of this shard's partitions, folded from committed kEntity records and from
/// nothing else, with indexes by id, type and place.
///
///   committed records ──▶ Apply ──▶ entities ──▶ Find / Select
///                           └─▶ before_change (the saver writes behind, know/store)
///
/// One a shard; single-threaded, no lock. Pointers to entities hold until the next Apply.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "know/context/entity.hpp"
#include "know/context/patch.hpp"
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

inline constexpr std::string_view kLocation = "https://uri.etsi.org/ngsi-ld/location";

class Context {
 public:
  Context();
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
  };
  /// @param most   how many entities are wanted
  /// @param count  goes on to the end to fill `total`
  Selection Select(const Query& query, std::size_t most, bool count) const;

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
  /// kEntity records whose payload could not be read; the fold skips them.
  std::uint64_t skipped() const { return skipped_; }
  Names& names() { return names_; }
  /// Hash over all entities; equal states give equal hashes whatever the number of shards.
  StateHash Hash() const;

 private:
  struct IdLess {
    bool operator()(const Entity* a, const Entity* b) const { return a->id < b->id; }
  };
  using Ordered = std::set<const Entity*, IdLess>;
  using ById = std::unordered_map<std::string_view, std::unique_ptr<Entity>>;  // keys look into the entities
  struct Tenant {
    ById by_id;
    std::unordered_map<Name, Ordered> by_type;
    std::set<std::pair<std::uint64_t, const Entity*>> by_cell;
  };

  void IndexTypes(Tenant& tenant, const Entity& entity);
  void IndexPlace(Tenant& tenant, const Entity& entity);
  void Unindex(Tenant& tenant, const Entity& entity);
  Change Fold(const model::Record& record, const model::EntityPatch& patch);
  Change Rebuild(Tenant& tenant, ById::iterator there, const model::Record& record, const model::EntityPatch& patch);
  void Advance(model::Position position);
  std::vector<const Entity*> Candidates(const Tenant& tenant, const Query& query) const;
  std::vector<const Entity*> ByPlace(const Tenant& tenant, const Covering& covering) const;
  std::vector<const Entity*> ByType(const Tenant& tenant, const std::vector<std::string>& names) const;

  Names names_;
  std::map<std::uint16_t, Tenant> tenants_;
  std::map<std::uint16_t, std::uint64_t> applied_;
  std::map<std::uint16_t, std::multimap<std::uint64_t, std::function<void()>>> waiting_;
  BeforeChange before_change_;
  ChangeWatch* watch_ = nullptr;
  std::size_t size_ = 0;
  std::uint64_t skipped_ = 0;
  const Entity* touched_ = nullptr;
};

}  // namespace bongsu::context
