// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keys of the history of attributes (docs/formats/history.md).

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>

#include "know/history/fold.hpp"
#include "know/store/keys.hpp"

namespace bongsu::store {

inline constexpr std::size_t kSuffix = 20;           ///< Time, ingest time, ordinal.
inline constexpr std::uint64_t kSign = 1ULL << 63U;  ///< Puts times before 1970 before the others.

inline void PutTime(std::string& out, TimePoint time) {
  PutNumber(out, static_cast<std::uint64_t>(ToMicros(time)) ^ kSign, 8);
}
inline TimePoint GetTime(std::string_view bytes) {
  return FromMicros(static_cast<std::int64_t>(GetNumber(bytes) ^ kSign));
}

inline std::string Suffix(const history::RowKey& key) {
  std::string out;
  PutTime(out, key.at);
  PutTime(out, key.id.recorded);
  PutNumber(out, key.id.ordinal, 4);
  return out;
}
inline history::RowKey ReadSuffix(std::string_view suffix) {
  return {GetTime(suffix.substr(0, 8)),
          {GetTime(suffix.substr(8, 8)), static_cast<std::uint32_t>(GetNumber(suffix.substr(16, 4)))}};
}

/// No URI holds a zero byte, so it ends each of them. @param entity  prefix of its keys
inline std::string SeriesPrefix(const std::string& entity, std::string_view attribute, std::string_view dataset) {
  std::string out = entity;
  out += '\0';
  out += attribute;
  out += '\0';
  out += dataset;
  out += '\0';
  return out;
}

/// The first key behind all that begin with `prefix`, which ends with a zero byte.
inline std::string After(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

inline std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

inline std::unique_ptr<rocksdb::Iterator> Scan(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>{db.NewIterator(options, family)};
}

}  // namespace bongsu::store
