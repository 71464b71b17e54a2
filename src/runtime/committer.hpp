// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The committer: one thread that merges the batches of all shards into one synced write (architecture D2).
///
///   shard 0 ─Append─▶ ┌ class 0 ┐
///   shard 1 ─Append─▶ │ class 1 │──▶ group: seqs, ingest times, causes ──▶ JournalPort.Append ──▶ sink on each shard,
///      ...            │ class 2 │                                                               then each batch's
///      `done`
///                     └ class 3 ┘
///
/// Admission classes (D19) have bounds of their own, in all and per tenant; a waiting lower class gets one batch into
/// every group, the rest of a group goes to the highest class that waits.

#include <array>
#include <functional>
#include <memory>
#include <span>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/journal/port.hpp"
#include "runtime/shards.hpp"

namespace bongsu::runtime {

struct CommitterOptions {
  /// Records that may wait, by admission class. The room of class 0 is nobody else's.
  std::array<std::size_t, 4> class_records{50'000, 100'000, 200'000, 50'000};
  /// Of these, what one tenant may take.
  std::array<std::size_t, 4> tenant_records{50'000, 50'000, 100'000, 25'000};
  /// Payload and text bytes that may wait in one class.
  std::array<std::size_t, 4> class_bytes{std::size_t{128} << 20U, std::size_t{128} << 20U, std::size_t{256} << 20U,
                                         std::size_t{64} << 20U};
  /// Committed records that shards have not yet taken; above it classes 1 to 3 are refused.
  std::size_t undelivered_records = 300'000;
  /// One synced write holds at most this much (a single larger batch goes alone).
  std::size_t group_records = 8'192;
  std::size_t group_bytes = std::size_t{8} << 20U;
};

class Committer final : public journal::AppendPort {
 public:
  /// Takes committed records of partitions of `shard`, in commit order, on that shard's thread and before the `done` of
  /// their batch runs anywhere. The pointers hold during the call.
  using Sink = std::function<void(std::size_t shard, std::span<const model::Record* const> records)>;

  static constexpr std::size_t kMaxBatchRecords = 100'000;
  static constexpr std::size_t kMaxBatchBytes = std::size_t{64} << 20U;

  /// The committer is the only one that appends to `engine`; `clock` is read on its thread.
  Committer(journal::JournalPort& engine, Shards& shards, const Clock& clock, Metrics& metrics, Log log,
            CommitterOptions options = {});
  ~Committer() override;

  /// Before Start; empty: nobody wants them.
  void SetSink(Sink sink);
  /// The sink keeps so many records more (or fewer) that it has not taken yet: they count as undelivered. Any thread.
  void CountHeld(std::int64_t more);
  /// Claims the journal and starts the thread. Everything up to RangeOf is then for the stages to fold themselves;
  /// the sink gets what comes after.
  /// @errors those of JournalPort::Claim
  Result<void> Start();
  /// Takes nothing new, commits what waits, joins. What was posted to the shards still runs there.
  void Stop();

  void Append(journal::Batch batch, journal::AppendDone done) override;
  std::uint16_t partitions() const override;

  /// Ready, or why appends fail now. @errors kUnavailable journal.not_owner | journal.unknown | journal.stopping,
  ///         kDiskFull journal.disk_full
  Result<void> Health() const;

  /// Seconds that a synced write takes these days: the mean of the last few, or how long the one under way has taken
  /// already when that is more. Any thread.
  double SyncSeconds() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::runtime
