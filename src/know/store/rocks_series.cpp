// SPDX-License-Identifier: Apache-2.0
#include "know/store/rocks_series.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <unordered_map>

#include "know/store/keys.hpp"

namespace bongsu::store {
namespace {

using history::Change;
using history::Row;
using history::RowKey;
using history::RowKind;
using rocksdb::Slice;

constexpr std::size_t kSuffix = 21;       ///< Kind, time, ingest time, ordinal.
constexpr char kMark = 'm';               ///< Row between chunks and tail: ingest time of the newest sealed tail row.
constexpr std::size_t kSealAtOnce = 128;  ///< Samples of one save that need no tail.
constexpr std::uint64_t kSign = 1ULL << 63U;  ///< Puts times before 1970 before the others.

void PutTime(std::string& out, TimePoint time) {
  PutNumber(out, static_cast<std::uint64_t>(ToMicros(time)) ^ kSign, 8);
}
TimePoint GetTime(std::string_view bytes) { return FromMicros(static_cast<std::int64_t>(GetNumber(bytes) ^ kSign)); }

std::string EntityPrefix(std::uint16_t partition, std::uint16_t tenant, std::string_view id) {
  std::string out;
  PutNumber(out, partition, 2);
  PutNumber(out, tenant, 2);
  out += id;
  return out;
}

/// No URI holds a zero byte, so it ends each of them.
std::string AttributePrefix(const history::SeriesKey& key) {
  return EntityPrefix(key.partition, key.tenant, key.id) + '\0' + key.attribute + '\0';
}
std::string SeriesPrefix(const history::SeriesKey& key) { return AttributePrefix(key) + key.dataset + '\0'; }

std::string Suffix(const RowKey& key) {
  std::string out(1, static_cast<char>(key.kind));
  PutTime(out, key.at);
  PutTime(out, key.id.recorded);
  PutNumber(out, key.id.ordinal, 4);
  return out;
}

RowKey ReadSuffix(std::string_view suffix) {
  return {static_cast<RowKind>(suffix[0]),
          GetTime(suffix.substr(1, 8)),
          {GetTime(suffix.substr(9, 8)), static_cast<std::uint32_t>(GetNumber(suffix.substr(17, 4)))}};
}

std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

tl::unexpected<Error> Failure(const rocksdb::Status& status) {
  return Fail(status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable, "state.read", "history: {}",
              status.ToString());
}

std::unique_ptr<rocksdb::Iterator> Scan(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>{db.NewIterator(options, family)};
}

/// To the chunk that may hold the first sample at or after `from`; equal times can go over several chunks.
void SeekChunk(rocksdb::Iterator& rows, const std::string& prefix, TimePoint from) {
  std::string key = prefix + static_cast<char>(RowKind::kChunk);
  PutTime(key, from);
  rows.SeekForPrev(key);
  const std::string chunks = prefix + static_cast<char>(RowKind::kChunk);
  if (!rows.Valid() || !rows.key().starts_with(chunks)) rows.Seek(chunks);
}

std::string After(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);  // ends with a zero byte
  return prefix;
}

}  // namespace

/// What one save does to one series.
struct RocksSeries::Work {
  history::SeriesKey key;
  bool emptied = false;  ///< By this save: what is on disk does not count.
  std::vector<const Change*> changes;
};

Result<std::vector<Row>> RocksSeries::Load(const std::string& prefix, std::span<const Change* const> changes) const {
  std::vector<Row> rows;
  std::vector<Row> tail;
  auto from = history::NeededFrom(changes);
  const auto read = [&](rocksdb::Iterator& row, std::vector<Row>& into) {
    const auto key = View(row.key());
    if (key.size() == prefix.size() + kSuffix)
      into.push_back({ReadSuffix(key.substr(prefix.size())), std::string(View(row.value()))});
  };
  const auto rows_of = [&](RowKind kind) { return prefix + static_cast<char>(kind); };
  const auto at = Scan(db_, series_);
  const std::string tails = rows_of(RowKind::kTail);
  BONGSU_TRY(const std::string tail_start, TailStart(prefix));
  for (at->Seek(tail_start); at->Valid() && at->key().starts_with(tails); at->Next()) {
    read(*at, tail);
    BONGSU_TRY(tail.back().samples, history::DecodeRow(tail.back().bytes));
    if (from) from = std::min(*from, tail.back().samples.front().at());
  }
  const std::string chunks = rows_of(RowKind::kChunk);
  if (from) {
    SeekChunk(*at, prefix, *from);
  } else {
    at->Seek(chunks);
  }
  for (; at->Valid() && at->key().starts_with(chunks); at->Next()) read(*at, rows);
  if (!at->status().ok()) return Failure(at->status());
  std::ranges::move(tail, std::back_inserter(rows));
  return rows;
}

Result<std::string> RocksSeries::TailStart(const std::string& prefix) const {
  std::string start = prefix + static_cast<char>(RowKind::kTail);
  std::string mark;
  const auto status = db_.Get(rocksdb::ReadOptions{}, series_, prefix + kMark, &mark);
  if (status.IsNotFound()) return start;
  if (!status.ok()) return Failure(status);
  if (mark.size() != 8) return Fail(Code::kCorrupt, "state.read", "the mark of a series does not decode");
  PutTime(start, GetTime(mark) + Duration{1});
  return start;
}

Result<void> RocksSeries::Finish(const Work& work, rocksdb::WriteBatch& write) const {
  if (work.changes.empty()) return {};
  const std::string prefix = SeriesPrefix(work.key);
  const bool only_adds =
      std::ranges::all_of(work.changes, [](const Change* change) { return change->kind == Change::Kind::kAdd; });
  if (only_adds && work.changes.size() < kSealAtOnce) {
    const bool seals =
        std::ranges::any_of(work.changes, [&](const Change* change) { return history::Seals(work.key, change->id); });
    if (!seals) {
      const Row row = history::TailOf(work.changes);
      write.Put(series_, prefix + Suffix(row.key), row.bytes);
      return {};
    }
  }
  std::vector<Row> rows;
  if (!work.emptied) {
    BONGSU_TRY(rows, Load(prefix, work.changes));
  }
  auto chunks =
      static_cast<std::size_t>(std::ranges::count(rows, RowKind::kChunk, [](const Row& row) { return row.key.kind; }));
  BONGSU_TRY(const history::Rewritten rewritten, history::Rewrite(std::move(rows), work.changes));
  std::optional<TimePoint> sealed;
  chunks += rewritten.rows.size();
  for (const RowKey& key : rewritten.gone) {
    write.Delete(series_, prefix + Suffix(key));
    if (key.kind == RowKind::kTail) sealed = std::max(sealed.value_or(key.at), key.at);
    if (key.kind == RowKind::kChunk) --chunks;
  }
  for (const Row& row : rewritten.rows) write.Put(series_, prefix + Suffix(row.key), row.bytes);
  if (chunks == 0) {  // an empty series has no row
    write.Delete(series_, prefix + kMark);
  } else if (sealed) {
    std::string mark;
    PutTime(mark, *sealed);
    write.Put(series_, prefix + kMark, mark);
  }
  return {};
}

Result<void> RocksSeries::Fold(const StateBatch& batch, rocksdb::WriteBatch& write) const {
  std::unordered_map<std::string, Work> works;
  std::vector<std::string> emptied;  // prefixes
  for (const Change& change : batch.series) {
    const bool entity = change.kind == Change::Kind::kClearEntity;
    if (entity || change.kind == Change::Kind::kClearAttribute || change.kind == Change::Kind::kClear) {
      std::string prefix = EntityPrefix(change.key.partition, change.key.tenant, change.key.id) + '\0';
      if (change.kind == Change::Kind::kClearAttribute) prefix = AttributePrefix(change.key);
      if (change.kind == Change::Kind::kClear) prefix = SeriesPrefix(change.key);
      write.DeleteRange(series_, prefix, After(prefix));  // before every row of this save
      std::erase_if(works, [&](const auto& work) { return work.first.starts_with(prefix); });
      emptied.push_back(std::move(prefix));
      continue;
    }
    std::string prefix = SeriesPrefix(change.key);
    const auto [work, fresh] = works.try_emplace(std::move(prefix));
    if (fresh) {
      work->second.key = change.key;
      work->second.emptied =
          std::ranges::any_of(emptied, [&](const std::string& gone) { return work->first.starts_with(gone); });
    }
    work->second.changes.push_back(&change);
  }
  for (const auto& [prefix, work] : works) {
    BONGSU_CHECK(Finish(work, write));
  }
  for (const auto& row : batch.evolutions) {
    const std::string key = EntityPrefix(row.partition, row.tenant, row.id);
    if (row.evolution) {
      write.Put(evolutions_, key, history::Encode(*row.evolution));
    } else {
      write.Delete(evolutions_, key);
    }
  }
  return {};
}

Result<std::vector<history::SeriesKey>> RocksSeries::SeriesOf(const EntityKey& key) const {
  std::vector<history::SeriesKey> found;
  const std::string prefix = EntityPrefix(key.partition, key.tenant, key.id) + '\0';
  const auto rows = Scan(db_, series_);
  rows->Seek(prefix);
  while (rows->Valid() && rows->key().starts_with(prefix)) {
    const auto rest = View(rows->key()).substr(prefix.size());
    const auto attribute_end = rest.find('\0');
    const auto dataset_end =
        attribute_end == std::string_view::npos ? attribute_end : rest.find('\0', attribute_end + 1);
    if (dataset_end == std::string_view::npos)
      return Fail(Code::kCorrupt, "state.read", "history row of {} does not decode", key.id);
    found.push_back({key.partition, key.tenant, key.id, std::string(rest.substr(0, attribute_end)),
                     std::string(rest.substr(attribute_end + 1, dataset_end - attribute_end - 1))});
    rows->Seek(After(SeriesPrefix(found.back())));
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return found;
}

Result<void> RocksSeries::Read(const history::SeriesKey& key, const SeriesRange& range, const ChunkVisit& visit) const {
  const std::string prefix = SeriesPrefix(key);
  const auto rows = Scan(db_, series_);
  bool more = true;
  const auto give = [&](bool sealed) -> Result<void> {
    BONGSU_TRY(more, visit(View(rows->value()), sealed));
    return {};
  };
  const std::string tails = prefix + static_cast<char>(RowKind::kTail);
  const std::string chunks = prefix + static_cast<char>(RowKind::kChunk);
  BONGSU_TRY(const std::string tail_start, TailStart(prefix));
  for (rows->Seek(tail_start); more && rows->Valid() && rows->key().starts_with(tails); rows->Next()) {
    BONGSU_CHECK(give(false));
  }
  const auto starts = [&] { return ReadSuffix(View(rows->key()).substr(prefix.size())).at; };
  if (range.newest_first) {
    rows->SeekForPrev(prefix + kMark);  // the last chunk, or the mark behind it
    if (rows->Valid() && rows->key() == Slice{prefix + kMark}) rows->Prev();
    for (; more && rows->Valid() && rows->key().starts_with(chunks); rows->Prev()) {
      if (range.to && starts() >= *range.to) continue;
      BONGSU_CHECK(give(true));
      if (range.from && starts() < *range.from) break;
    }
  } else {
    SeekChunk(*rows, prefix, range.from.value_or(FromMicros(std::numeric_limits<std::int64_t>::min())));
    for (; more && rows->Valid() && rows->key().starts_with(chunks); rows->Next()) {
      if (range.to && starts() >= *range.to) break;
      BONGSU_CHECK(give(true));
    }
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return {};
}

Result<std::optional<history::Evolution>> RocksSeries::EvolutionOf(const EntityKey& key) const {
  std::string bytes;
  const auto status =
      db_.Get(rocksdb::ReadOptions{}, evolutions_, EntityPrefix(key.partition, key.tenant, key.id), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Failure(status);
  BONGSU_TRY(history::Evolution evolution, history::DecodeEvolution(bytes));
  return evolution;
}

Result<void> RocksSeries::Evolutions(
    std::uint16_t partition, std::uint16_t tenant,
    const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const {
  const std::string prefix = EntityPrefix(partition, tenant, {});
  const auto rows = Scan(db_, evolutions_);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (!visit(View(rows->key()).substr(prefix.size()), View(rows->value()))) break;
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return {};
}

}  // namespace bongsu::store
