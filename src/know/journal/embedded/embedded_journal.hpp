// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The journal in this process and one folder: RocksDB behind JournalPort (architecture D3, D14).
/// One column family per retention class (data, desk); key = partition u16, seq u64, big-endian; value = envelope v1.
/// Seqs have no holes here: a hole is corruption. Folder layout: docs/formats/data-directory.md.

#include <filesystem>
#include <map>
#include <memory>

#include "base/log.hpp"
#include "know/journal/embedded/disk_reserve.hpp"
#include "know/journal/port.hpp"
#include "know/journal/retention_port.hpp"

namespace rocksdb {
class Env;
}

namespace bongsu::journal {

struct EmbeddedOptions {
  std::filesystem::path folder;   ///< "<data directory>/journal"; made when missing.
  std::uint16_t partitions = 16;  ///< P of a new journal, 1..4096; a journal that exists keeps its own.
  bool read_only = false;         ///< For inspection: nothing is changed, a torn tail is left as it is.
  bool must_exist = false;        ///< Do not make a journal where there is none.
  /// Take what can be recovered as all there is (`bongsu recover --accept-loss`).
  bool accept_loss = false;
  DiskLimits disk;
  rocksdb::Env* env = nullptr;  ///< File system of the engine; nullptr: the real one. Tests cut its power.
};

class EmbeddedJournal final : public JournalPort, public RetentionPort {
 public:
  /// Locks, opens and checks the journal.
  /// @errors kConflict    journal.locked      another process has it (exit code 3)
  ///         kCorrupt     journal.corrupt     the engine found bytes that are not what was written (exit code 4)
  ///         kCorrupt     journal.lost_tail   fewer records than were acknowledged (exit code 4)
  ///         kCorrupt     journal.side_file   nobody knows what was acknowledged (exit code 4)
  ///         kNotFound    journal.none        no journal there, and it must exist
  ///         kDiskFull    journal.disk_full   not even room to open
  ///         kUnavailable journal.io          the file system refused
  static Result<std::unique_ptr<EmbeddedJournal>> Open(EmbeddedOptions options, Log log = Log{});
  ~EmbeddedJournal() override;

  AppendResult Append(std::span<model::Record> records) override;
  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from_seq,
                             const std::function<bool(const model::Record&)>& visit) const override;
  Result<model::Record> At(model::Position position) const override;
  Range RangeOf(std::uint16_t partition) const override;
  std::vector<std::uint16_t> Partitions() const override;
  std::uint16_t partitions() const override;
  Result<std::uint32_t> Claim(TimePoint now) override;
  DiskRoom Room() const override;
  void Settle(bool idle) override;

  Result<void> Trim(std::uint16_t partition, std::uint64_t before_seq) override;
  std::uint64_t BytesOf(std::uint16_t partition, std::uint64_t from_seq, std::uint64_t until_seq) const override;

  /// A journal that holds what is on disk now, in a folder that does not exist yet; it shares its files with this one
  /// as long as neither changes. From any thread.
  /// @returns   partition -> a seq that was acknowledged before and is in the copy
  Result<std::map<std::uint16_t, std::uint64_t>> CopyTo(const std::filesystem::path& folder) const;

  /// Moves what is in memory tables into sorted files.
  Result<void> Flush();
  /// Acknowledged seqs that were found missing and accepted as lost when it was opened: {partition -> count}.
  const std::vector<std::pair<std::uint16_t, std::uint64_t>>& accepted_loss() const;

 private:
  struct State;
  explicit EmbeddedJournal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::journal
