// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Saves what a shard's Context holds behind the journal: at most two seconds behind, in slices that do not hold the
/// shard up, each save exactly the state after the positions it names.
///
///   change ──▶ dirty ids, history rows ──(every second)──▶ slices of encoding ──▶ one atomic write in the blocking
///   pool
///                                            ▲
///             an entity about to change again while a save runs is encoded first, as it was
///
/// Lives on its shard. What a failed write held goes into the next one.

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
  std::size_t slice = 500;                   ///< Entities encoded before other work gets a turn.
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
  /// What the record that was just folded does to the history of attributes.
  void Note(const model::Record& record, std::string_view id, history::Changes changes);
  /// True when nothing of this entity waits to be saved.
  bool Clean(std::uint16_t tenant, std::string_view id) const;

 private:
  void BeforeChange(std::uint16_t tenant, std::string_view id, const context::Entity* entity);
  void OnChange(const model::Record& record, std::string_view id, context::Change change, context::Entity* after);
  void Schedule();
  void Begin();
  void Slice();
  void Encode(const std::string& key, std::uint16_t partition, const context::Entity* entity);
  void Write();
  void Written(const Result<void>& result);

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

  using Keys = std::unordered_map<std::string, std::uint16_t>;  // tenant (two bytes) and id -> partition
  Keys dirty_;
  std::vector<HistoryRow> history_;
  std::vector<history::Change> series_;
  std::vector<history::EvolutionRow> evolutions_;
  Keys encoding_;  // of the save that runs, not encoded yet
  std::shared_ptr<StateBatch> batch_;
  bool running_ = false;
  std::chrono::steady_clock::time_point begun_;
  std::vector<std::function<void(Result<void>)>> waiting_;  // for the save that runs
  std::vector<std::function<void(Result<void>)>> next_;     // for the one after it
};

}  // namespace bongsu::store
