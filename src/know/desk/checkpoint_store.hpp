// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Checkpoints in a folder, the newest kKept of each desk: one that cannot be read falls back to the one before, that
/// one to folding from the first record while the journal still has it.
///
///   MakeCheckpoint (any thread, on books of its own): newest checkpoint ─▶ fold what came after ─▶ a new file
///   Restore (desk, at start and after a failed append): newest usable checkpoint ─▶ books; the desk folds the rest
///
/// Making one never touches the desk's own books, so no act waits for it.

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "know/desk/checkpoint.hpp"
#include "know/desk/port.hpp"

namespace bongsu::desk {

class CheckpointStore {
 public:
  static constexpr std::size_t kKept = 2;  ///< Of each desk.

  explicit CheckpointStore(std::filesystem::path folder, Log log = Log{});

  struct Found {
    std::uint64_t seq = 0;
    std::filesystem::path path;
  };
  /// Checkpoints of a partition by name, newest first; not looked into.
  std::vector<Found> List(std::uint16_t partition) const;
  /// Partitions that have any, ascending.
  std::vector<std::uint16_t> Partitions() const;
  /// @errors kNotFound checkpoint.none and those of DecodeCheckpoint
  Result<Checkpoint> Read(const std::filesystem::path& path) const;
  /// On disk when it returns; older ones beyond kKept leave.
  /// @errors kUnavailable checkpoint.io
  Result<void> Write(const Checkpoint& checkpoint) const;
  /// Seq of the oldest that is kept: what was before may leave the journal. 0 unless kKept are there.
  std::uint64_t SafeSeq(std::uint16_t partition) const;

  const std::filesystem::path& folder() const { return folder_; }
  const Log& log() const { return log_; }

 private:
  std::filesystem::path folder_;
  Log log_;
};

/// Where a fold goes on.
struct Restored {
  std::uint64_t seq = 0;  ///< 0: from the first record, the books are empty.
  TimePoint ingest_time{};
};

/// Empties the books and fills them from the newest checkpoint that is whole, fits the journal and is not newer than
/// `at_most`.
/// @errors kCorrupt checkpoint.none_usable  the journal no longer has what came before, and no checkpoint can be used
Result<Restored> Restore(const CheckpointStore& store, const journal::JournalPort& journal, std::uint16_t partition,
                         std::span<Book* const> books, std::uint64_t at_most = UINT64_MAX);

/// Writes a checkpoint of everything that is on disk. The books are the caller's and hold its state afterwards.
/// @returns its seq; 0 when there is nothing to write
/// @errors those of Restore, JournalPort::Read and CheckpointStore::Write; kNotSupported checkpoint.nameless_book
Result<std::uint64_t> MakeCheckpoint(const CheckpointStore& store, const journal::JournalPort& journal,
                                     std::uint16_t partition, std::span<Book* const> books);

struct CheckpointHashes {
  std::uint64_t seq = 0;  ///< Of the newest checkpoint that is whole; 0: there is none and the hashes are equal.
  Hash128 kept;           ///< Of what it holds.
  Hash128 fold;  ///< Of what the records up to its seq make, from the checkpoint before it or the first record on.
};
/// Holds the newest checkpoint against the journal. The books are the caller's.
Result<CheckpointHashes> VerifyCheckpoint(const CheckpointStore& store, const journal::JournalPort& journal,
                                          std::uint16_t partition, std::span<Book* const> books);

/// What the books hold, as a checkpoint has it.
std::vector<Checkpoint::Section> SectionsOf(std::span<Book* const> books);

}  // namespace bongsu::desk
