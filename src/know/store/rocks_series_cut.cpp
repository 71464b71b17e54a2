// SPDX-License-Identifier: Apache-2.0
// What of the history of attributes goes when the past begins later than before.
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "know/store/rocks_series.hpp"
#include "know/store/series_keys.hpp"

namespace bongsu::store {
namespace {

using history::Sample;

tl::unexpected<Error> Failure(const rocksdb::Status& status) {
  return Fail(status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable, "state.read", "history: {}",
              status.ToString());
}

struct TailLook {
  bool before = true;  ///< All of its samples lie before the cut.
  bool scope = false;  ///< One is of the scope.
};
Result<TailLook> LookAt(std::string_view row, TimePoint cut) {
  TailLook look;
  BONGSU_CHECK(history::ReadTail(row, [&](const history::TailSample& sample) {
    look.scope = look.scope || sample.attribute == history::kScope;
    look.before = look.before && history::MakeSample(sample).at() < cut;
  }));
  return look;
}

Result<bool> EndsBefore(std::string_view chunk, TimePoint cut) {
  BONGSU_TRY(const history::Head head, history::DecodeHead(chunk));
  if (head.summed) return head.last < cut;
  BONGSU_TRY(const std::vector<Sample> samples, history::DecodeChunk(chunk));
  return samples.back().at() < cut;
}

}  // namespace

Result<bool> RocksSeries::DropBefore(const std::string& entity, TimePoint cut, rocksdb::WriteBatch& write) const {
  bool left = false;
  BONGSU_CHECK(ReadTails(entity, [&](std::string_view key, std::string_view row) -> Result<void> {
    TailLook look{false, false};
    if (GetTime(key.substr(key.size() - 8)) < cut) {
      BONGSU_TRY(look, LookAt(row, cut));
    }
    if (look.before && !look.scope) write.Delete(families_.tails, rocksdb::Slice{key.data(), key.size()});
    left = left || !look.before;
    return {};
  }));
  const std::string all = entity + '\0';
  const std::string scopes = SeriesPrefix(entity, history::kScope, {});
  const auto rows = Scan(db_, families_.series);
  rows->Seek(all);
  while (rows->Valid() && rows->key().starts_with(all)) {
    if (rows->key().size() < all.size() + kSuffix)
      return Fail(Code::kCorrupt, "state.read", "a key of a history does not decode");
    const std::string prefix{View(rows->key()).substr(0, rows->key().size() - kSuffix)};
    std::string before;  // the last chunk that begins before the cut
    std::string bytes;
    for (; rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      if (ReadSuffix(View(rows->key()).substr(prefix.size())).at >= cut) break;
      if (!before.empty()) write.Delete(families_.series, before);
      before = View(rows->key());
      bytes = View(rows->value());
    }
    left = left || (rows->Valid() && rows->key().starts_with(prefix));
    if (!before.empty()) {
      BONGSU_TRY(const bool ends, EndsBefore(bytes, cut));
      if (ends && prefix != scopes) write.Delete(families_.series, before);
      left = left || !ends;
    }
    rows->Seek(After(prefix));
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return left;
}

void RocksSeries::Clear(const std::string& entity, rocksdb::WriteBatch& write) const {
  const std::string all = entity + '\0';
  write.DeleteRange(families_.series, all, After(all));
  write.DeleteRange(families_.tails, all, After(all));
  write.Delete(families_.evolutions, entity);
}

void RocksSeries::PutNew(const std::string& entity, std::string_view attribute, std::span<const Sample> samples,
                         rocksdb::WriteBatch& write) const {
  const history::RowKey key{samples.front().at(), samples.front().id};
  write.Put(families_.series, SeriesPrefix(entity, attribute, {}) + Suffix(key), history::EncodeChunk(samples));
}

}  // namespace bongsu::store
