// SPDX-License-Identifier: Apache-2.0
#include "app/state_insight.hpp"

#include <algorithm>

#include "app/desk_books.hpp"
#include "app/keeper.hpp"
#include "know/desk/checkpoint_store.hpp"
#include "know/journal/fold_guard.hpp"
#include "know/store/past.hpp"
#include "know/store/rocks_state.hpp"

namespace bongsu::app {
namespace {

using journal::StateInsight;

constexpr std::uint16_t kMostPartitions = 4096;  // of any journal

Result<std::unique_ptr<store::RocksState>> OpenReadOnly(const std::filesystem::path& folder) {
  store::RocksStateOptions options;
  options.folder = folder;
  options.read_only = true;
  return store::RocksState::Open(options);
}

desk::CheckpointStore CheckpointsOf(const std::filesystem::path& data) {
  return desk::CheckpointStore{data / "checkpoints"};
}

Result<StateInsight::Hashes> HashesOf(const journal::JournalPort& whole, const std::filesystem::path& data) {
  // As the server folds it.
  const journal::GuardedJournal journal{whole, nullptr, journal::FoldGuard::Poisoned(data / "journal")};
  BONGSU_TRY(const auto state, OpenReadOnly(data / "state"));
  const auto copy = OpenReadOnly(StateCopyOf(data));
  BONGSU_TRY(const store::Verified entities, store::VerifyState(*state, journal, copy ? copy->get() : nullptr));
  Hash128 kept = HashParts({entities.state_hash});
  Hash128 fold = HashParts({entities.fold_hash});
  BONGSU_TRY(const auto crypto, crypto::MakeSodiumCrypto());
  const desk::CheckpointStore checkpoints = CheckpointsOf(data);
  for (const std::uint16_t partition : journal.Partitions()) {
    if (partition < model::kDeskBase) continue;
    DeskBooks books{*crypto, {}, {}, {}};  // folding needs neither keys nor procedures
    const auto tenant = static_cast<std::uint16_t>(partition - model::kDeskBase);
    BONGSU_TRY(const auto desk, desk::VerifyCheckpoint(checkpoints, journal, partition, books.Of(tenant)));
    kept = HashParts({ToText(kept), ToText(desk.kept)});
    fold = HashParts({ToText(fold), ToText(desk.fold)});
  }
  return StateInsight::Hashes{kept, fold};
}

std::map<std::uint16_t, StateInsight::Applied> AppliedOf(const std::filesystem::path& data) {
  std::map<std::uint16_t, StateInsight::Applied> applied;
  const auto state = OpenReadOnly(data / "state");
  for (std::uint16_t partition = 0; state && partition < kMostPartitions; ++partition) {
    const auto seq = (*state)->AppliedSeq(partition);
    if (seq && *seq > 0) applied[partition] = {*seq, *seq};
  }
  const desk::CheckpointStore checkpoints = CheckpointsOf(data);
  for (const std::uint16_t partition : checkpoints.Partitions()) {
    for (const auto& found : checkpoints.List(partition)) {
      if (!checkpoints.Read(found.path)) continue;  // the next start passes it over, too
      applied[partition] = {found.seq, found.seq};
      break;
    }
  }
  return applied;
}

}  // namespace

StateInsight InsightOfState() { return {.hashes = HashesOf, .applied = AppliedOf}; }

}  // namespace bongsu::app
