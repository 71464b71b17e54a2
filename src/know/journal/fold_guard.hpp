// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A record that makes the process abort while it is folded must not keep the house closed (architecture D14).
///
///   start ─▶ fold record n ─▶ abort ─▶ start: n aborted once ─▶ abort ─▶ start: n aborted twice ─▶ left out, alarm
///
/// While the journal is folded at start, the position under way stands in a small mapped file; a handler of the signals
/// of a crash (not of a kill) marks it there. Positions and counts: D/journal/poison.json.

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/log.hpp"
#include "know/journal/port.hpp"

namespace bongsu::journal {

class FoldGuard {
 public:
  static constexpr int kAborts = 2;  ///< After so many the record is left out.

  /// What the last process crashed over is counted. One guard a process.
  /// @param folder  "<data directory>/journal", locked by the caller
  /// @errors kUnavailable journal.fold_guard
  static Result<std::unique_ptr<FoldGuard>> Open(const std::filesystem::path& folder, const Log& log);
  /// Only the list, for offline folds; empty when there is none.
  static std::vector<model::Position> Poisoned(const std::filesystem::path& folder);
  ~FoldGuard();
  FoldGuard(const FoldGuard&) = delete;
  FoldGuard& operator=(const FoldGuard&) = delete;

  /// Records that are left out.
  const std::vector<model::Position>& poisoned() const { return poisoned_; }

  /// The start is over: nothing is marked any more. Records stay left out.
  void EndOfStart() { marking_.store(false); }

 private:
  friend class GuardedJournal;
  struct Slot;
  FoldGuard() = default;
  void Mark(model::Position position) noexcept;
  void Unmark() noexcept;

  Slot* slot_ = nullptr;
  std::atomic<bool> marking_{true};
  std::vector<model::Position> poisoned_;
};

/// The journal as those read it who fold: without the records that are left out, each fold of a start under guard.
/// During the start one thread folds at a time.
class GuardedJournal final : public JournalPort {
 public:
  /// @param guard  may be nullptr: then nothing is marked
  GuardedJournal(const JournalPort& inner, FoldGuard* guard, std::vector<model::Position> left_out);

  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from_seq,
                             const std::function<bool(const model::Record&)>& visit) const override;
  Result<model::Record> At(model::Position position) const override { return inner_.At(position); }
  Range RangeOf(std::uint16_t partition) const override { return inner_.RangeOf(partition); }
  std::vector<std::uint16_t> Partitions() const override { return inner_.Partitions(); }
  std::uint16_t partitions() const override { return inner_.partitions(); }
  /// Who folds only reads.
  AppendResult Append(std::span<model::Record>) override {
    return {Outcome::kRefused, Error{Code::kInternal, "journal.read_only", "a view for those who fold"}};
  }
  Result<std::uint32_t> Claim(TimePoint) override {
    return Fail(Code::kInternal, "journal.read_only", "a view for those who fold");
  }

 private:
  const JournalPort& inner_;
  FoldGuard* guard_;
  std::vector<model::Position> left_out_;
};

}  // namespace bongsu::journal
