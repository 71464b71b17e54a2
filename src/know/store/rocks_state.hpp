// SPDX-License-Identifier: Apache-2.0
#pragma once

/// StatePort over RocksDB, in "<data directory>/state". Nothing else opens that folder.

#include <memory>
#include <string>

#include "know/journal/port.hpp"
#include "know/store/port.hpp"

namespace rocksdb {
class Env;
}

namespace bongsu::store {

struct RocksStateOptions {
  std::string folder;
  bool read_only = false;
  std::size_t cache_bytes = 64UL << 20U;
  bool any_layout = false;      ///< Also one that this version does not read; for CarryOver.
  rocksdb::Env* env = nullptr;  ///< File system of the engine; nullptr: the real one. Tests cut its power.
};

class RocksState final : public StatePort {
 public:
  /// @errors kConflict state.locked   kCorrupt state.corrupt (throw it away with Destroy; the journal folds it again)
  ///         kUnavailable state.open
  static Result<std::unique_ptr<RocksState>> Open(const RocksStateOptions& options);
  static Result<void> Destroy(const std::string& folder);
  /// Gives a state of an earlier layout this one's, for a journal that no longer begins at its first record. Entities
  /// and their past stay, from where the journal begins; the history of attributes from layout 3 on. Done again when it
  /// was cut off. @returns the layout it had
  /// @errors kCorrupt state.corrupt  no earlier layout; those of Open
  static Result<std::string> CarryOver(const std::string& folder, const journal::JournalPort& journal);
  ~RocksState() override;

  /// A copy of what is saved now, in a folder that does not exist yet; it shares its files with this one as long as
  /// neither changes. On disk when it returns. From any thread. @errors kUnavailable state.copy, kDiskFull
  Result<void> CopyTo(const std::string& folder) const;

  /// Merges the files of a partition's past, so that what was dropped gives its room back. Reads and writes go on.
  Result<void> GiveRoomBack(std::uint16_t partition);

  Result<void> Write(const StateBatch& batch) override;
  Result<std::uint64_t> AppliedSeq(std::uint16_t partition) const override;
  Result<void> ReadEntities(
      std::uint16_t partition,
      const std::function<Result<void>(std::string_view bytes, std::uint8_t changes)>& visit) const override;
  Result<void> ReadRows(
      std::span<const EntityKey> keys,
      const std::function<Result<void>(std::size_t place, std::string_view bytes)>& visit) const override;
  Result<std::vector<HistoryRow>> History(const EntityKey& key, TimePoint as_of) const override;
  Result<void> HistoryIds(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id)>& visit) const override;
  Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const override;
  Result<void> ReadSeries(const history::SeriesKey& key, const SeriesRange& range,
                          const ChunkVisit& visit) const override;
  Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const override;
  Result<void> Evolutions(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const override;

  Result<std::optional<HistoryCut>> CutOf(std::uint16_t partition) const override;
  Result<void> SetCut(std::uint16_t partition, const HistoryCut& cut) override;
  Result<std::string> DropBeforeCut(std::uint16_t partition, const std::string& after, std::size_t count,
                                    const WholeCopy& whole) override;

  struct State;  ///< Its own.

 private:
  explicit RocksState(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::store
