// SPDX-License-Identifier: Apache-2.0
#pragma once

/// StatePort over RocksDB, in "<data directory>/state". Nothing else opens that folder.

#include <memory>
#include <string>

#include "know/store/port.hpp"

namespace bongsu::store {

struct RocksStateOptions {
  std::string folder;
  bool read_only = false;
  std::size_t cache_bytes = 64UL << 20U;
};

class RocksState final : public StatePort {
 public:
  /// @errors kConflict state.locked   kCorrupt state.corrupt (throw it away with Destroy; the journal folds it again)
  ///         kUnavailable state.open
  static Result<std::unique_ptr<RocksState>> Open(const RocksStateOptions& options);
  static Result<void> Destroy(const std::string& folder);
  ~RocksState() override;

  /// A copy of what is saved now, in a folder that does not exist yet; it shares its files with this one as long as
  /// neither changes. On disk when it returns. From any thread. @errors kUnavailable state.copy, kDiskFull
  Result<void> CopyTo(const std::string& folder) const;

  Result<void> Write(const StateBatch& batch) override;
  Result<std::uint64_t> AppliedSeq(std::uint16_t partition) const override;
  Result<void> ReadEntities(
      std::uint16_t partition,
      const std::function<Result<void>(std::string_view bytes, std::uint8_t changes)>& visit) const override;
  Result<std::vector<HistoryRow>> History(const EntityKey& key, TimePoint as_of) const override;
  Result<void> HistoryIds(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id)>& visit) const override;
  Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const override;
  Result<void> ReadSeries(const history::SeriesKey& key, const SeriesRange& range,
                          const ChunkVisit& visit) const override;
  Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const override;
  Result<void> Evolutions(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const override;

  struct State;  ///< Its own.

 private:
  explicit RocksState(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::store
