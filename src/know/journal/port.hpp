// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The journal as the rest of the house sees it.
///
///   writers ── AppendPort ──▶ committer (runtime/) ── JournalPort ──▶ engine (embedded/, kafka/)
///   readers ◀───────────────── JournalPort ◀──────────────────────────┘
///
/// Nothing above these ports knows which engine runs (architecture D3, D5): no file path, seqs may have gaps where a
/// record was void, an append may end unknown.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/event.hpp"
#include "model/record.hpp"

namespace bongsu::journal {

/// A record to be appended, and which record of the same batch caused it.
struct NewRecord {
  model::Record record;
  std::optional<std::size_t> cause_in_batch;  ///< Index into the batch; fills record.cause with that record's position.
};

struct Batch {
  model::Admission admission = model::Admission::kEvent;
  std::vector<NewRecord> records;  ///< All of them or none.
};

/// What was given to a committed batch: the records with position, ingest time and cause filled in.
using Committed = std::shared_ptr<const std::vector<model::Record>>;
using AppendDone = std::function<void(Result<Committed>)>;

/// Where stages append. Call it on a shard's thread; `done` runs on that same shard after the batch is on disk.
/// @errors kOverloaded  journal.class_full    the admission class is at its bound; come again later
///         kDiskFull    journal.disk_full     below the reserve (only classes 1 to 3)
///         kUnavailable journal.not_owner     another writer claimed the partition; drop memory and read again
///         kUnavailable journal.unknown       nobody knows whether it is on disk; drop memory, claim, read again
class AppendPort {
 public:
  virtual ~AppendPort() = default;
  virtual void Append(Batch batch, AppendDone done) = 0;
  /// Data partitions 0 .. partitions()-1.
  virtual std::uint16_t partitions() const = 0;
};

enum class Outcome : std::uint8_t { kDurable, kRefused, kUnknown };

struct AppendResult {
  Outcome outcome = Outcome::kUnknown;
  Error error;  ///< Why, unless durable.
};

struct Range {
  std::uint64_t first_seq = 1;  ///< Oldest seq that is kept.
  std::uint64_t last_seq = 0;   ///< Newest; 0 when the partition is empty.
};

/// An engine. Append is called by the committer's thread alone; everything else from any thread.
class JournalPort {
 public:
  virtual ~JournalPort() = default;

  /// Makes `records` durable, all or none. Each has position, ingest_time and cause filled; epoch and writer_seq are
  /// the engine's. Blocks until synced.
  virtual AppendResult Append(std::span<model::Record> records) = 0;

  /// Calls `visit` with the records of `partition` from `from_seq` on, in order, void ones left out, until it says false or
  /// the end is reached. Returns the seq to go on from.
  /// @errors kCorrupt journal.bad_record (names partition and seq)
  virtual Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from_seq,
                                     const std::function<bool(const model::Record&)>& visit) const = 0;
  /// One record. @errors kNotFound journal.no_record
  virtual Result<model::Record> At(model::Position position) const = 0;

  virtual Range RangeOf(std::uint16_t partition) const = 0;
  /// Every partition that holds a record, ascending.
  virtual std::vector<std::uint16_t> Partitions() const = 0;
  /// Data partitions, fixed when the journal was made.
  virtual std::uint16_t partitions() const = 0;

  /// Takes the journal over: appends claim{epoch+1} so that an earlier owner's later records are void.
  virtual Result<std::uint32_t> Claim() = 0;
};

}  // namespace bongsu::journal
