// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The state of entities at a start, and the copy of it (D/checkpoints/state) that stands for what left the journal.

#include <filesystem>
#include <memory>

#include "base/log.hpp"
#include "know/journal/port.hpp"
#include "know/store/rocks_state.hpp"

namespace bongsu::app {

/// Where the copy of the entities' state lies.
std::filesystem::path StateCopyOf(const std::filesystem::path& data);
/// The new copy takes the old one's place whole, whatever happens in between, and is on disk when it returns.
/// @errors kUnavailable app.state_copy | state.copy, kDiskFull
Result<void> ReplaceStateCopy(const store::RocksState& state, const std::filesystem::path& data);

/// Opens the state of entities so that it and the journal make a whole. One that is corrupt, of an earlier layout, or
/// that the journal does not reach, is replaced: by the fold of everything while the journal begins at its first
/// record, else by the copy, which is carried over when it has an earlier layout too.
/// @param env  file system of the engine; nullptr: the real one. Tests cut its power.
/// @errors kCorrupt app.state_lost  neither is possible; restore a backup
///         those of RocksState::Open
Result<std::unique_ptr<store::RocksState>> OpenWholeState(const std::filesystem::path& data,
                                                          const journal::JournalPort& journal, const Log& log,
                                                          rocksdb::Env* env = nullptr);

}  // namespace bongsu::app
