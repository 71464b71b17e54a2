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
  struct Families {
    rocksdb::ColumnFamilyHandle* series = nullptr;
    rocksdb::ColumnFamilyHandle* tails = nullptr;
    rocksdb::ColumnFamilyHandle* evolutions = nullptr;
  };
  RocksSeries(rocksdb::DB& db, const Families& families) : db_{db}, families_{families} {}

  /// Puts into `write` what a save does to the history of one entity.
  /// @param entity  prefix of its keys
  Result<void> Fold(const EntityRows& rows, const std::string& entity, rocksdb::WriteBatch& write) const;
  Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const;
  /// @param cut  nothing from before it is given
  Result<void> Read(const history::SeriesKey& key, const SeriesRange& asked, std::optional<TimePoint> cut,
                    const ChunkVisit& visit) const;
  Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const;
  Result<void> Evolutions(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const;

  /// Deletes the rows of the entity whose samples all lie before `cut`; of the scope the last one stays, which may
  /// still be so. @returns whether anything told at the cut or later is left
  Result<bool> DropBefore(const std::string& entity, TimePoint cut, rocksdb::WriteBatch& write) const;
  /// Everything there is of the entity goes.
  void Clear(const std::string& entity, rocksdb::WriteBatch& write) const;
  /// Puts in a run of samples of a series that has none.
  void PutNew(const std::string& entity, std::string_view attribute, std::span<const history::Sample> samples,
              rocksdb::WriteBatch& write) const;

 private:
  struct Work;
  Result<void> Seal(const EntityRows& rows, const std::string& entity, rocksdb::WriteBatch& write) const;
  Result<void> Finish(const std::string& prefix, const Work& work, rocksdb::WriteBatch& write) const;
  Result<std::vector<history::Row>> Load(const std::string& prefix, std::span<const history::Edit> edits) const;
  /// Rows of the tail in order. @param entity  prefix of its keys
  using TailVisit = std::function<Result<void>(std::string_view key, std::string_view row)>;
  Result<void> ReadTails(const std::string& entity, const TailVisit& visit) const;

  rocksdb::DB& db_;
  Families families_;
};

}  // namespace bongsu::store
