// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The live context of all shards as app/ wires it: recovered from state and journal, fed by the committer, saved
/// behind, with a replica on every shard.
///
/// With a bound of memory (LiveOptions::cold) entities that rest are in the store alone; what needs one waits for it,
/// no shard does (live_cold.cpp).
///
///   Recover ─▶ entities from the store, then the journal after applied_seq
///   committer's sink ─▶ OnCommitted(shard) ─▶ Context of that shard, its Replica
///                                         └─▶ the other shards' replicas, only what touches them
///
/// A view of an entity that replicas hold is made once, by its owner, and shared.

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/context/context.hpp"
#include "know/context/replica.hpp"
#include "know/journal/port.hpp"
#include "know/store/past.hpp"
#include "know/store/saver.hpp"
#include "runtime/shards.hpp"

namespace bongsu::store {

struct LiveOptions {
  context::ReplicaConfig replica;
  SaverOptions saver;
  context::IndexOptions indexes = {};  ///< Of all shards together; their counters are made here.
  context::ColdOptions cold = {};      ///< The same.
};

struct Recovered {
  std::size_t entities = 0;   ///< Read from the store.
  std::uint64_t records = 0;  ///< Folded from the journal after it.
  double seconds = 0;
};

class LiveContext {
 public:
  LiveContext(runtime::Shards& shards, runtime::BlockingPool& pool, const journal::JournalPort& journal,
              StatePort& state, Metrics& metrics, Log log, LiveOptions options = {});
  ~LiveContext();

  /// Before the shards start. Blocks; reads the partitions of each shard on a thread of its own.
  /// @errors kCorrupt store.ahead  the state stands for records the journal does not have: destroy the state, start
  /// again
  ///         kCorrupt store.behind  the journal no longer has records that the state does not hold
  ///         those of StatePort and JournalPort
  Result<Recovered> Recover();
  /// Begins to save. Before or after the shards start.
  void Start();
  /// On that shard: hands committed records on in their order once every entity they change is whole, which is at once
  /// as a rule. Records hold during the call of `onward`.
  using Onward = std::function<void(std::span<const model::Record* const> records)>;
  void WhenWhole(std::size_t shard, std::span<const model::Record* const> records, const Onward& onward);
  /// Told, on any shard, how many records more (or fewer) wait for an entity.
  void set_on_held(std::function<void(std::int64_t more)> on_held) { on_held_ = std::move(on_held); }
  /// On that shard: committed records of its partitions, in order, before their writers are answered.
  /// @pre the entities they change are whole (WhenWhole)
  void OnCommitted(std::size_t shard, std::span<const model::Record* const> records);

  /// Only on that shard.
  context::Context& context(std::size_t shard) { return parts_[shard]->context; }
  const context::Replica& replica(std::size_t shard) const { return parts_[shard]->replica; }
  std::vector<context::Context*> contexts();

  /// From any shard; `done` runs on the owner's shard. Waits for what is not saved yet.
  /// @errors kNotFound history.trimmed; kOverloaded state.pool_full
  void AsOf(std::uint16_t tenant, const std::string& id, TimePoint as_of,
            const std::function<void(Result<std::shared_ptr<const PastEntity>>)>& done);
  using Wanted = std::function<bool(const context::Entity&)>;
  using ListDone = std::function<void(Result<std::vector<std::shared_ptr<const PastEntity>>>)>;
  /// The first `limit` entities by id; `wanted` runs on pool threads.
  void ListAsOf(std::uint16_t tenant, TimePoint as_of, std::size_t limit, Wanted wanted, ListDone done);

  /// Runs `read` in the blocking pool once what is known of the entity is saved; `refused` on some shard when it
  /// cannot. From any shard.
  using Read = std::function<void(const StatePort& state)>;
  using Refused = std::function<void(const Error& error)>;
  void ReadHistory(std::uint16_t tenant, const std::string& id, const Read& read, const Refused& refused);
  /// The same for all entities.
  void ReadHistory(const Read& read, const Refused& refused);
  /// From now on the past of a data partition begins at the cut, whose record is in the journal still. What lies
  /// before it goes, some entities at a time between saves. From any shard; `done` runs on the partition's.
  /// @errors those of StatePort; kUnavailable store.cut_not_saved
  void CutHistory(std::uint16_t partition, const HistoryCut& cut, const std::function<void(Result<void>)>& done);
  /// Data partitions.
  std::uint16_t partitions() const { return journal_.partitions(); }

  /// Every replica keeps these attributes from now on, and gets what the entities have of them. `done` runs on some
  /// shard when all of them hold the same as if they had always kept them. From any shard.
  void Widen(std::vector<std::string> attributes, std::function<void()> done);

  /// Saves what a shard's context holds now; on that shard, where `then` runs, too.
  void Flush(std::size_t shard, std::function<void(Result<void>)> then) { parts_[shard]->saver.Flush(std::move(then)); }
  /// Saves everything; `done` runs on the last shard that finished. For an orderly stop.
  void FlushAll(const std::function<void(const Result<void>& saved)>& done);

 private:
  /// What replicas are to take in: a view, or that an entity is gone.
  struct Touch {
    std::uint16_t tenant = 0;
    std::string id;
    context::SharedView view;  ///< Null: gone.
    void Into(context::Replica& replica) const;
  };
  struct Part final : context::ColdStore {
    Part(std::size_t shard, LiveContext& live);
    void Read(std::vector<context::ColdKey> keys, Each each, std::function<void(Result<void>)> done) override;

    const std::size_t shard;
    LiveContext& live;
    context::Context context;
    context::Replica replica;
    Saver saver;
    history::EntityBefore before;  // the change that is folded

    struct Held {
      std::vector<model::Record> records;
      Onward onward;
    };
    std::deque<Held> held;          // committed, behind an entity that is read
    bool reading = false;           // for them
    bool cooling = false;           // the next slice is posted
    std::vector<Touch> introduced;  // at a start, for all replicas
    bool stuck = false;             // nothing may go cold before the next save
    std::size_t stuck_bytes = 0;
  };

  static constexpr std::chrono::milliseconds kReadAgain{1000};  ///< After a failure.

  context::IndexOptions IndexesOf(std::size_t shard) const;
  context::ColdOptions ColdOf(std::size_t shard) const;
  bool AllWhole(const Part& part, std::span<const model::Record* const> records) const;
  std::shared_ptr<const model::EntityPatch> ChangeIn(const model::Record& record) const;
  void ReadHeld(Part& part);
  void Cool(Part& part);
  void CoolSlice(Part& part);
  static void Introduce(Part& part, const context::Entity& entity);
  static void Introduce(Part& part, Touch touch);
  void CoolHere(Part& part);
  Result<void> WholeHere(Part& part, std::uint16_t tenant, const std::string& id);
  std::size_t OwnerOf(std::uint16_t tenant, std::string_view id) const;
  context::Change Fold(Part& part, const model::Record& record, const model::EntityPatch& patch);
  /// Runs `work` on every shard, then `then` on the one that was last.
  void OnEach(const std::function<void(std::size_t shard)>& work, const std::function<void()>& then);
  Result<void> RecoverPartition(std::uint16_t partition, Recovered& report);
  Result<void> RecoverShard(std::size_t shard, Recovered& report);
  Result<void> FoldHere(Part& part, const model::Record& record);
  struct Cutting;
  void CutNext(const std::shared_ptr<Cutting>& cutting);
  struct Filling;
  void FillReplicas(std::size_t from, const std::shared_ptr<Filling>& filling);
  void FillSlice(std::size_t from, const std::shared_ptr<Filling>& filling, std::size_t end);
  void Forward(std::size_t from, std::vector<Touch> touching);

  runtime::Shards& shards_;
  runtime::BlockingPool& pool_;
  runtime::BlockingPool saving_;  // one save at a time: two at once the engine copies into one for its log
  const journal::JournalPort& journal_;
  StatePort& state_;
  Metrics& metrics_;
  Log log_;
  LiveOptions options_;
  Counter& folded_;
  Counter& skipped_;
  Gauge& entities_;
  Counter& held_;
  std::function<void(std::int64_t more)> on_held_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace bongsu::store
