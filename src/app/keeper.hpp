// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keeps the journal from growing for ever: trims it by the limits of the configuration, never beyond what a restart
/// needs. Entities are kept as a copy of their state (D/checkpoints/state) that stands for what leaves; it is made
/// right before something leaves.

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>

#include "app/options.hpp"
#include "know/desk/checkpoint_store.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/retention.hpp"
#include "know/store/rocks_state.hpp"

namespace bongsu::app {

/// Where the copy of the entities' state lies.
std::filesystem::path StateCopyOf(const std::filesystem::path& data);

/// Opens the state of entities so that it and the journal make a whole. One that is corrupt, or that the journal does
/// not reach, is replaced: by the fold of everything while the journal begins at its first record, else by the copy.
/// @errors kCorrupt app.state_lost  neither is possible; restore a backup
///         those of RocksState::Open
Result<std::unique_ptr<store::RocksState>> OpenWholeState(const std::filesystem::path& data,
                                                          const journal::JournalPort& journal, const Log& log);

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
  };
  Keeper(const House& house, const journal::RetentionPolicy& policy);

  /// Another owner of state that a restart folds from the journal; before the first Run.
  void AddFloor(std::string name, journal::Retention::Floor floor) {
    retention_.AddFloor(std::move(name), std::move(floor));
  }
  /// As long as it lives nothing leaves the journal; waits for a Run that is under way. On the pool.
  class Pause {
   public:
    explicit Pause(Keeper& keeper);
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() { keeper_.running_.store(false); }

   private:
    Keeper& keeper_;
  };

  /// Trims what may go. Blocks: on the pool. A call while one runs does nothing.
  Result<std::vector<journal::Retention::Cut>> Run();

 private:
  Result<void> CopyState();
  Result<std::map<std::uint16_t, std::uint64_t>> CopiedSeqs() const;

  House house_;
  journal::Retention retention_;
  std::map<std::uint16_t, std::uint64_t> copied_;  ///< applied_seq of the copy, by partition; of Run alone.
  std::atomic<bool> running_{false};
};

}  // namespace bongsu::app
