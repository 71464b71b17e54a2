// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Saves what a shard's Context holds behind the journal: at most two seconds behind, in slices that do not hold the
/// shard up, each save exactly the state after the positions it names.
///
///   change ──▶ rows of its entity ──(every second)──▶ slices of encoding ──▶ one atomic write a partition in the
///                                                          ▲                blocking pool, with pauses
///             an entity about to change again while a save runs is encoded first, as it was
///
/// Of an entity that changed several times only the last state is written. Lives on its shard. What was not written
/// goes into the next save.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/context/context.hpp"
#include "know/store/port.hpp"
#include "runtime/shards.hpp"

namespace bongsu::store {

struct SaverOptions {
  std::chrono::milliseconds interval{1000};
  std::size_t slice = 100;                   ///< Entities encoded before other work gets a turn.
  std::size_t max_history_rows = 2'000'000;  ///< Not yet written; beyond it changes are left out of the history and
                                             ///< counted. Of changes of entities and of changes of attributes each.
  std::uint8_t keyframe_every = 16;          ///< Changes of an entity between two whole copies in its history.
};

class Saver {
 public:
  Saver(std::size_t shard, runtime::Shards& shards, runtime::BlockingPool& pool, context::Context& context,
        StatePort& state, Metrics& metrics, Log log, SaverOptions options = {});

  /// Begins to save on its own, every interval. Until then it only listens.
  void Start();
  /// Saves what there is now; `then` runs on the shard when it is written (or failed).
  void Flush(std::function<void(Result<void>)> then);
  /// Runs `work` in the blocking pool while no save does; saves that are due go first. `then` runs on the shard.
  void Alone(std::function<Result<void>()> work, std::function<void(Result<void>)> then);
  /// Before an entity may change; `entity` is null when there is none yet.
  void BeforeChange(std::uint16_t tenant, std::string_view id, const context::Entity* entity);
  /// The record that was just folded. @param after  null when the entity is gone or was never there
  void Note(const model::Record& record, const model::EntityPatch& patch, context::Change change,
            const history::EntityBefore& before, const context::Entity* after);
  /// True when nothing of this entity waits to be saved.
  bool Clean(std::uint16_t tenant, std::string_view id);
  /// True when the store holds this entity as it is, whatever else is being saved.
  bool Saved(std::uint16_t tenant, std::string_view id) {
    return !round_.Holds(tenant, id) && !saving_.Holds(tenant, id);
  }
  /// Runs on the shard after each save.
  void set_after_save(std::function<void()> after_save) { after_save_ = std::move(after_save); }
  /// Saves on the calling thread. Before the shards start.
  void SaveHere();

 private:
  /// Entities of a save, each once, found by tenant and id.
  class Round {
   public:
    EntityRows* Find(std::uint16_t tenant, std::string_view id);
    EntityRows& Of(std::uint16_t partition, std::uint16_t tenant, std::string_view id);
    /// Also when its rows were handed on.
    bool Holds(std::uint16_t tenant, std::string_view id);
    bool empty() const { return rows.empty(); }
    void Clear();

    std::vector<EntityRows> rows;

   private:
    void Key(std::uint16_t tenant, std::string_view id);
    std::unordered_map<std::string, std::size_t> places_;  // tenant (two bytes) and id -> place in `rows`
    std::string key_;                                      // room for the one asked for
  };

  struct Work {
    std::function<Result<void>()> run;
    std::function<void(Result<void>)> then;
  };
  void Schedule();
  void Begin();
  void TakeRound();
  void EncodeNext();
  void GoOn();
  void RunAlone(Work work);
  void Slice();
  void NoteHistory(const model::Record& record, context::Change change, const context::Entity* after, EntityRows& rows);
  void NoteSeries(const model::Record& record, const model::EntityPatch& patch, const history::EntityBefore& before,
                  const context::Entity* after, EntityRows& rows);
  static void Encode(EntityRows& rows, const context::Entity* entity);
  /// What is left of a save to be written, without the shard.
  struct Writing {
    std::vector<EntityRows> rows;
    std::vector<std::pair<std::uint16_t, std::uint64_t>> applied;
    std::vector<StateBatch> batches = {};  ///< Made of them.
    Result<void> result = {};

    void MakeBatches();
    bool WriteOne(StatePort& state);
  };
  Writing TakeRows();
  void WriteNext(const std::shared_ptr<Writing>& writing);
  bool Hurries(std::chrono::milliseconds after) const;
  void Written(const Result<void>& result, std::vector<StateBatch> unwritten);
  void PutBack(std::vector<StateBatch> unwritten);

  std::size_t shard_;
  runtime::Shards& shards_;
  runtime::BlockingPool& pool_;
  context::Context& context_;
  StatePort& state_;
  Log log_;
  SaverOptions options_;
  Counter& left_out_;
  Counter& saves_;
  Counter& failures_;
  Gauge& behind_;

  Round round_;   // of the next save
  Round saving_;  // of the one that runs; its rows until they are handed to the pool
  std::size_t encoded_ = 0;
  std::vector<std::pair<std::uint16_t, std::uint64_t>> applied_;  // what it stands for
  std::size_t history_rows_ = 0;                                  // in round_
  std::size_t samples_ = 0;                                       // in round_
  bool running_ = false;
  bool due_ = false;  // it was time for a save while other work ran
  std::deque<Work> alone_;
  std::function<void()> after_save_;
  std::chrono::steady_clock::time_point begun_;
  std::vector<std::function<void(Result<void>)>> waiting_;  // for the save that runs
  std::vector<std::function<void(Result<void>)>> next_;     // for the one after it
};

}  // namespace bongsu::store
