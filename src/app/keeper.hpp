// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keeps journal and history from growing for ever: trims both by the limits of the configuration, never beyond what a
/// restart needs or a legal hold covers.
///
///   limits, floors, legal holds ─▶ the past of each data partition begins later (LiveContext::CutHistory), its files
///     are merged ─▶ a copy of the state (D/checkpoints/state) that stands for what leaves ─▶ the journal begins later
///
/// The past is moved on in steps, since each of them looks at every entity: a 32nd of what is kept, at most a week.

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "app/options.hpp"
#include "app/whole_state.hpp"
#include "guard/sealing/key_file.hpp"
#include "know/desk/checkpoint_store.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/retention.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/shards.hpp"

namespace bongsu::app {

journal::RetentionPolicy PolicyOf(const ServerConfig& config);

class Keeper {
 public:
  struct House {
    journal::EmbeddedJournal& journal;
    store::RocksState& state;
    const desk::CheckpointStore& checkpoints;
    const Clock& clock;
    Metrics& metrics;
    const Log& log;
    std::filesystem::path data;
    runtime::BlockingPool& pool;
  };
  using Cuts = std::vector<journal::Retention::Cut>;
  using Done = std::function<void(const Result<Cuts>& cuts)>;
  /// Keys of everything that is under a legal hold. An error means that nothing may go. Asked before the plan, before
  /// each cut and before the journal is trimmed, on any thread: a hold counts from the moment it is answered.
  using Held = std::function<void(const std::function<void(const Result<std::set<sealing::KeyId>>& keys)>& answer)>;

  Keeper(const House& house, const journal::RetentionPolicy& policy);

  /// Another owner of state that a restart folds from the journal; before the first Run.
  void AddFloor(std::string name, journal::Retention::Floor floor) {
    retention_.AddFloor(std::move(name), std::move(floor));
  }
  /// Before the first Run.
  void set_history(store::LiveContext& history) { history_ = &history; }
  void set_held(Held held) { held_ = std::move(held); }

  /// Pauses do not wait any more: a Run that is under way may never end. Before the shards stop.
  void Stop() { stopping_.store(true); }

  /// As long as it lives nothing leaves the journal; waits for a Run that is under way. On the pool.
  class Pause {
   public:
    explicit Pause(Keeper& keeper);
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause();
    /// False when the server stops: things may still leave.
    bool holds() const { return holds_; }

   private:
    Keeper& keeper_;
    bool holds_ = false;
  };

  /// Trims what may go. From any thread; `done` runs on some thread. A call while one runs does
  /// nothing.
  void Run(const Done& done);

 private:
  struct Work;
  using WorkPtr = std::shared_ptr<Work>;
  void OnPool(const WorkPtr& work, std::function<Result<void>()> step, std::function<void()> then);
  Result<void> Plan(Work& work);
  void AskHeld(const WorkPtr& work, std::function<void()> then);
  Result<void> HoldBack(const std::set<sealing::KeyId>& keys, Cuts& cuts) const;
  Result<void> HoldPast(Work& work) const;
  Result<void> PlanPast(Work& work, journal::Retention::Cut& cut) const;
  void CutNext(const WorkPtr& work);
  void CutOrTrim(const WorkPtr& work);
  Result<void> Trim(Work& work);
  void Finish(const WorkPtr& work, const Result<void>& result);
  struct Copied {
    std::uint64_t applied = 0;
    std::uint64_t cut = 0;
  };
  /// Of the copy of the state, by partition.
  Result<std::map<std::uint16_t, Copied>> ReadCopy() const;

  House house_;
  journal::Retention retention_;
  store::LiveContext* history_ = nullptr;
  Held held_;
  std::atomic<bool> running_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace bongsu::app
