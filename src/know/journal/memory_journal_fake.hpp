// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A second engine for tests. It keeps a log of entries in memory the way a shared log does: records of a lower epoch
/// behind a claim are void, seqs can have gaps, an append can end unknown and turn out either way.

#include <deque>
#include <map>
#include <mutex>

#include "know/journal/port.hpp"
#include "know/journal/retention_port.hpp"

namespace bongsu::journal {

class MemoryJournal final : public JournalPort, public RetentionPort {
 public:
  explicit MemoryJournal(std::uint16_t partitions = 16) : partitions_{partitions} {}

  AppendResult Append(std::span<model::Record> records) override;
  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from_seq,
                             const std::function<bool(const model::Record&)>& visit) const override;
  Result<model::Record> At(model::Position position) const override;
  Range RangeOf(std::uint16_t partition) const override;
  std::vector<std::uint16_t> Partitions() const override;
  std::uint16_t partitions() const override { return partitions_; }
  Result<std::uint32_t> Claim(TimePoint now) override;
  DiskRoom Room() const override;
  Result<void> Trim(std::uint16_t partition, std::uint64_t before_seq) override;
  std::uint64_t BytesOf(std::uint16_t partition, std::uint64_t from_seq, std::uint64_t until_seq) const override;

  /// The next append ends unknown; `kept` says whether it is in the log all the same.
  void NextUnknown(bool kept);
  /// The next append is refused.
  void NextRefused(Error error);
  /// The next `count` claims fail.
  void FailClaims(int count);
  void SetRoom(DiskRoom room);
  /// Another writer takes over: claims stand in the log with a higher epoch, what this writer appends from now on is
  /// void.
  void ClaimByOther(TimePoint now);
  /// The seqs up to `seq` of `partition` were used by records nobody may see.
  void Skip(std::uint16_t partition, std::uint64_t seq);
  std::size_t appends() const;

 private:
  void Store(const model::Record& record);
  void ClaimAll(std::uint32_t epoch, TimePoint now);
  std::uint64_t LastSeq(std::uint16_t partition) const;

  mutable std::mutex mutex_;
  std::uint16_t partitions_;
  std::map<std::uint16_t, std::deque<model::Record>> log_;  // as appended, void ones included
  std::map<std::uint16_t, std::uint64_t> skipped_;
  std::map<std::uint16_t, std::uint32_t> claimed_;  // highest claim of a partition
  std::uint32_t epoch_ = 0;                         // of this writer
  std::uint64_t writer_seq_ = 0;
  bool owner_ = false;
  std::optional<bool> unknown_;
  std::optional<Error> refused_;
  int failing_claims_ = 0;
  DiskRoom room_ = DiskRoom::kPlenty;
  std::size_t appends_ = 0;
};

}  // namespace bongsu::journal
