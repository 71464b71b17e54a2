// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where the state of entities is kept between starts, always on this machine. It is written behind the journal and can
/// be thrown away: the journal folds it again. Bytes of entities are know/context/entity's; this port does not look
/// inside. Layout of the RocksDB engine: docs/formats/entities.md, of the history of attributes
/// docs/formats/history.md.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "know/history/record_changes.hpp"

namespace bongsu::store {

struct EntityKey {
  std::uint16_t partition = 0;
  std::uint16_t tenant = 0;
  std::string id;
};

/// One change in an entity's history.
struct HistoryRow {
  TimePoint at{};         ///< Ingest time of the record.
  std::uint64_t seq = 0;  ///< Its seq in the partition.
  bool keyframe =
      false;  ///< The whole entity is in `bytes` (empty: it was deleted), else the change is in the journal.
  std::string bytes;
};

/// Where the past of a partition begins.
struct HistoryCut {
  std::uint64_t seq = 0;  ///< The last record before it.
  TimePoint at{};         ///< What was so earlier is no longer known.
  bool dropped = false;   ///< What lies before it is gone from the disk.
};

/// What one save brings of one entity.
struct EntityRows {
  EntityKey key;
  bool saved = false;        ///< `bytes` is what it is now; false: as it was.
  std::string bytes = {};    ///< Empty: the entity is gone.
  std::uint8_t changes = 0;  ///< Since its last keyframe.
  std::vector<HistoryRow> history = {};
  history::EntityChanges past = {};  ///< Of its attributes.
};

/// Written all or none; entities, history and the positions they stand for belong together.
struct StateBatch {
  std::vector<EntityRows> entities;                              ///< Each entity once.
  std::vector<std::pair<std::uint16_t, std::uint64_t>> applied;  ///< Partition and the seq folded so far.
};

/// What of a series is asked for, by the time of its samples.
struct SeriesRange {
  std::optional<TimePoint> from;  ///< Inclusive.
  std::optional<TimePoint> to;    ///< Exclusive.
  bool newest_first = false;      ///< Chunks from the last one on; else from the first.
};

/// @param row     history::DecodeRow reads it
/// @param sealed  false: the tail, which may overlap with any chunk. False ends the reading.
using ChunkVisit = std::function<Result<bool>(std::string_view row, bool sealed)>;

/// Every call may be made from any thread; Write, SetCut and DropBeforeCut of one partition from one at a time. They
/// block: never call them on a shard.
class StatePort {
 public:
  virtual ~StatePort() = default;
  /// Atomic; not synced (what a power cut takes, the journal gives back).
  /// @errors kDiskFull, kCorrupt, kUnavailable state.write
  virtual Result<void> Write(const StateBatch& batch) = 0;
  /// 0: nothing of this partition was saved.
  virtual Result<std::uint64_t> AppliedSeq(std::uint16_t partition) const = 0;
  /// @errors kCorrupt state.read
  virtual Result<void> ReadEntities(
      std::uint16_t partition,
      const std::function<Result<void>(std::string_view bytes, std::uint8_t changes)>& visit) const = 0;
  /// Those entities as they are saved, each by its place in `keys`, in any order, in few reads of the disk; those that
  /// are not are left out.
  /// @errors kCorrupt state.read
  virtual Result<void> ReadRows(
      std::span<const EntityKey> keys,
      const std::function<Result<void>(std::size_t place, std::string_view bytes)>& visit) const = 0;
  /// The last keyframe at or before `as_of` and the changes after it up to `as_of`, oldest first; empty when the entity
  /// was not there yet.
  virtual Result<std::vector<HistoryRow>> History(const EntityKey& key, TimePoint as_of) const = 0;
  /// Ids of a tenant in a partition that have a history, ascending, until `visit` says false.
  virtual Result<void> HistoryIds(std::uint16_t partition, std::uint16_t tenant,
                                  const std::function<bool(std::string_view id)>& visit) const = 0;

  /// Series of an entity that have samples, by attribute and datasetId.
  virtual Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const = 0;
  /// Chunks that may hold samples of the range: first what is not sealed yet, of any time, as one row, then sealed
  /// ones, which do not overlap, in order. Until `visit` says false. Nothing from before the cut, but for the scope:
  /// the last one before it is so at the cut.
  virtual Result<void> ReadSeries(const history::SeriesKey& key, const SeriesRange& range,
                                  const ChunkVisit& visit) const = 0;
  /// Nothing when the entity never was.
  virtual Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const = 0;
  /// Ids of a tenant in a partition, ascending, with the bytes of their Evolution, until `visit` says false.
  virtual Result<void> Evolutions(
      std::uint16_t partition, std::uint16_t tenant,
      const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const = 0;

  /// Nothing while the past reaches back to the first record.
  virtual Result<std::optional<HistoryCut>> CutOf(std::uint16_t partition) const = 0;
  /// From now on the past begins there. @errors kUnavailable state.write, kDiskFull
  virtual Result<void> SetCut(std::uint16_t partition, const HistoryCut& cut) = 0;
  /// The entity as of the last of the rows, whole; empty when it was gone. Rows as History gives them.
  using WholeCopy = std::function<Result<std::string>(const EntityKey& key, const std::vector<HistoryRow>& rows)>;
  /// Drops what lies before the cut of the next `count` entities behind `after` (empty: from the first): the last
  /// change before it becomes a whole copy, by which the past begins. Some of it may be written when it fails; it can
  /// be done again.
  /// @returns place to go on behind; empty when that was all
  virtual Result<std::string> DropBeforeCut(std::uint16_t partition, const std::string& after, std::size_t count,
                                            const WholeCopy& whole) = 0;
};

}  // namespace bongsu::store
