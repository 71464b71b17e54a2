// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The history of attributes in two column families of the state store: rows of series, and the entities behind them.
/// Keys: docs/formats/history.md. Used by rocks_state.cpp alone.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "know/history/fold.hpp"
#include "know/store/port.hpp"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace bongsu::store {

class RocksSeries {
 public:
  RocksSeries(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* series, rocksdb::ColumnFamilyHandle* evolutions)
      : db_{db}, series_{series}, evolutions_{evolutions} {}

  /// Puts into `write` what the changes make of the rows.
  Result<void> Fold(const StateBatch& batch, rocksdb::WriteBatch& write) const;
  Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const;
  Result<void> Read(const history::SeriesKey& key, const SeriesRange& range, const ChunkVisit& visit) const;
  Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const;
  Result<void> Evolutions(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const;

 private:
  struct Work;
  Result<void> Finish(const Work& work, rocksdb::WriteBatch& write) const;
  Result<std::vector<history::Row>> Load(const std::string& prefix,
                                         std::span<const history::Change* const> changes) const;

  /// Where the tail of a series begins: behind everything that was sealed, so that no deleted row is walked over.
  Result<std::string> TailStart(const std::string& prefix) const;

  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* series_;
  rocksdb::ColumnFamilyHandle* evolutions_;
};

}  // namespace bongsu::store
