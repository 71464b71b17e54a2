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
/// position.seq is 0 and the committer gives seq and ingest time. A writer that owns its partition alone (the desk) may
/// set both beforehand: they are kept when they fit exactly behind what is there, else the batch is refused
/// (journal.moved).
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

/// Where stages append. Call it on a shard's thread; `done` runs later on that same shard (called from elsewhere: on
/// shard 0), after the batch is on disk and after every shard was handed the batch's records of its partitions.
/// Batches of one admission class keep their order.
/// @errors kOverloaded  journal.class_full    the admission class is at its bound; come again later
///         kDiskFull    journal.disk_full     below the reserve (only classes 1 to 3)
///         kConflict    journal.moved         a preset seq or ingest time does not follow what is there
///         kTooLarge    envelope.too_large    a record does not fit into an envelope
///         kTooLarge    journal.batch_too_large   more than 100,000 records or 64 MiB
///         kInvalidArgument journal.bad_partition  neither a data partition nor a desk
///         kUnavailable journal.not_owner     another writer claimed the journal; drop memory and read again
///         kUnavailable journal.unknown       nobody knows whether it is on disk; the committer claims and reads again,
///         and
///                                            what turns out to be there is handed to the shards like any other record
///         kUnavailable journal.stopping      the committer is going down
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

/// What the disk still has room for (architecture D14).
enum class DiskRoom : std::uint8_t {
  kPlenty,
  kUrgentOnly,  ///< Below the reserve: admission class 0 (desk, audit, agency-urgent) goes on, the others get 507.
  kNone,        ///< The engine must not write at all.
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
  /// the engine's. Blocks until synced. Refused (journal.not_owner) before the first Claim.
  virtual AppendResult Append(std::span<model::Record> records) = 0;

  /// Calls `visit` with the records of `partition` from `from_seq` on, in order, void ones left out, until it says
  /// false or the end is reached. Returns the seq to go on from.
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

  /// Takes the journal over: appends claim{epoch+1} to every partition, so that an earlier owner's later records are
  /// void, and forgets what it assumed after an unknown append. The committer calls it at start and after an unknown
  /// outcome.
  /// @param now  platform time of the claims, raised where a partition is ahead of it
  /// @returns    the new epoch
  virtual Result<std::uint32_t> Claim(TimePoint now) = 0;

  virtual DiskRoom Room() const { return DiskRoom::kPlenty; }
  /// Bookkeeping after the answers of a commit went out; the committer's thread alone.
  /// @param idle  nothing waits to be committed
  virtual void Settle(bool idle) { (void)idle; }
};

}  // namespace bongsu::journal
