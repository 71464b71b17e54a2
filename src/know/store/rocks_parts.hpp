// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The inside of RocksState: its database, keys and rows (docs/formats/entities.md). Of rocks_state.cpp and
/// rocks_cut.cpp alone.

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "know/store/rocks_series.hpp"
#include "know/store/rocks_state.hpp"
#include "know/store/series_keys.hpp"

namespace bongsu::store {

inline constexpr char kKeyframe = 1;
inline constexpr char kInJournal = 0;
/// 1 had no history of attributes, 2 a tail of each series in place of one of the entity, 3 no history of scopes.
inline constexpr std::string_view kLayout = "4";

inline std::string PartitionPrefix(std::uint16_t partition) {
  std::string out;
  PutNumber(out, partition, 2);
  return out;
}

inline std::string Prefix(const EntityKey& key) {
  std::string out = PartitionPrefix(key.partition);
  PutNumber(out, key.tenant, 2);
  out += key.id;
  return out;
}

/// A URI holds no zero byte, so the zero ends it and keeps the ids in order. @param entity  prefix of its keys
inline std::string HistoryKey(const std::string& entity, TimePoint at, std::uint64_t seq) {
  std::string out;
  out.reserve(entity.size() + 17);
  out = entity;
  out += '\0';
  PutNumber(out, static_cast<std::uint64_t>(ToMicros(at)), 8);
  PutNumber(out, seq, 8);
  return out;
}

inline tl::unexpected<Error> StateFailure(const rocksdb::Status& status, std::string_view reason) {
  const Code code =
      status.IsNoSpace() ? Code::kDiskFull : (status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable);
  return Fail(code, reason, "state of entities: {}", status.ToString());
}

struct RocksState::State {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // meta, entities, history, series, tails, evolutions

  ~State() {
    if (!db) return;
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
    db->Close();
  }

  rocksdb::ColumnFamilyHandle* meta() const { return families[0]; }
  rocksdb::ColumnFamilyHandle* entities() const { return families[1]; }
  rocksdb::ColumnFamilyHandle* history() const { return families[2]; }
  rocksdb::ColumnFamilyHandle* evolutions() const { return families[5]; }
  RocksSeries series() const { return {*db, {families[3], families[4], families[5]}}; }

  void PutEntity(const std::string& key, const EntityRows& rows, rocksdb::WriteBatch& write) const {
    if (rows.bytes.empty()) {
      write.Delete(entities(), key);
      return;
    }
    const auto changes = static_cast<char>(rows.changes);
    const std::array<rocksdb::Slice, 2> value{rocksdb::Slice{&changes, 1}, rocksdb::Slice{rows.bytes}};
    const rocksdb::Slice name{key};
    write.Put(entities(), rocksdb::SliceParts{&name, 1}, rocksdb::SliceParts{value.data(), 2});
  }
  void PutHistory(const std::string& key, const HistoryRow& row, rocksdb::WriteBatch& write) const {
    const std::string place = HistoryKey(key, row.at, row.seq);
    const char kind = row.keyframe ? kKeyframe : kInJournal;
    const std::array<rocksdb::Slice, 2> value{rocksdb::Slice{&kind, 1}, rocksdb::Slice{row.bytes}};
    const rocksdb::Slice name{place};
    write.Put(history(), rocksdb::SliceParts{&name, 1}, rocksdb::SliceParts{value.data(), 2});
  }

  std::unique_ptr<rocksdb::Iterator> Scan(rocksdb::ColumnFamilyHandle* family) const {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    return std::unique_ptr<rocksdb::Iterator>{db->NewIterator(options, family)};
  }
};

}  // namespace bongsu::store
