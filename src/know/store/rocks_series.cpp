// SPDX-License-Identifier: Apache-2.0
#include "know/store/rocks_series.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <set>

#include "know/store/series_keys.hpp"

namespace bongsu::store {
namespace {

using history::Change;
using history::Row;
using history::RowKey;
using rocksdb::Slice;

std::string EntityPrefix(std::uint16_t partition, std::uint16_t tenant, std::string_view id) {
  std::string out;
  PutNumber(out, partition, 2);
  PutNumber(out, tenant, 2);
  out += id;
  return out;
}

std::string PrefixOf(const history::SeriesKey& key) {
  return SeriesPrefix(EntityPrefix(key.partition, key.tenant, key.id), key.attribute, key.dataset);
}

/// What of the entity a change clears; empty when it clears nothing.
std::string Cleared(const Change& change, const std::string& entity) {
  switch (change.kind) {
    case Change::Kind::kClearEntity:
      return entity + '\0';
    case Change::Kind::kClearAttribute:
      return entity + '\0' + change.attribute + '\0';
    case Change::Kind::kClear:
      return SeriesPrefix(entity, change.attribute, change.dataset);
    default:
      return {};
  }
}

tl::unexpected<Error> Failure(const rocksdb::Status& status) {
  return Fail(status.IsCorruption() ? Code::kCorrupt : Code::kUnavailable, "state.read", "history: {}",
              status.ToString());
}

/// To the chunk that may hold the first sample at or after `from`; equal times can go over several chunks.
void SeekChunk(rocksdb::Iterator& rows, const std::string& prefix, TimePoint from) {
  std::string key = prefix;
  PutTime(key, from);
  rows.SeekForPrev(key);
  if (!rows.Valid() || !rows.key().starts_with(prefix)) rows.Seek(prefix);
}

}  // namespace

/// What one save does to one series.
struct RocksSeries::Work {
  bool emptied = false;  ///< By this save: what is on disk does not count.
  std::vector<history::Edit> edits;
};

Result<std::vector<Row>> RocksSeries::Load(const std::string& prefix, std::span<const history::Edit> edits) const {
  std::vector<Row> rows;
  const auto at = Scan(db_, families_.series);
  if (const auto from = history::NeededFrom(edits)) {
    SeekChunk(*at, prefix, *from);
  } else {
    at->Seek(prefix);
  }
  for (; at->Valid() && at->key().starts_with(prefix); at->Next()) {
    const auto key = View(at->key());
    if (key.size() != prefix.size() + kSuffix)
      return Fail(Code::kCorrupt, "state.read", "a key of a history does not decode");
    rows.push_back({ReadSuffix(key.substr(prefix.size())), std::string(View(at->value()))});
  }
  if (!at->status().ok()) return Failure(at->status());
  return rows;
}

Result<void> RocksSeries::ReadTails(const std::string& entity, const TailVisit& visit) const {
  const std::string prefix = entity + '\0';
  std::string start = prefix;
  std::string mark;
  const auto status = db_.Get(rocksdb::ReadOptions{}, families_.tails, prefix, &mark);
  if (status.ok()) {
    if (mark.size() != 8) return Fail(Code::kCorrupt, "state.read", "the mark of a history does not decode");
    PutTime(start, GetTime(mark) + Duration{1});
  } else if (!status.IsNotFound()) {
    return Failure(status);
  }
  const auto rows = Scan(db_, families_.tails);
  for (rows->Seek(start); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (rows->key().size() != prefix.size()) BONGSU_CHECK(visit(View(rows->key()), View(rows->value())));
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return {};
}

Result<void> RocksSeries::Finish(const std::string& prefix, const Work& work, rocksdb::WriteBatch& write) const {
  std::vector<Row> rows;
  if (!work.emptied) {
    BONGSU_TRY(rows, Load(prefix, work.edits));
  }
  BONGSU_TRY(const history::Rewritten rewritten, history::Rewrite(rows, work.edits));
  for (const RowKey& key : rewritten.gone) write.Delete(families_.series, prefix + Suffix(key));
  for (const Row& row : rewritten.rows) write.Put(families_.series, prefix + Suffix(row.key), row.bytes);
  return {};
}

Result<void> RocksSeries::Seal(const EntityRows& rows, const std::string& entity, rocksdb::WriteBatch& write) const {
  std::vector<Change> changes;
  std::string sealed;  // the last row of the tail
  BONGSU_CHECK(ReadTails(entity, [&](std::string_view key, std::string_view row) -> Result<void> {
    sealed = key;
    write.Delete(families_.tails, sealed);
    return history::ReadTail(row, changes);
  }));
  if (!sealed.empty()) {  // deleted rows are not walked over again
    write.Put(families_.tails, entity + '\0', sealed.substr(sealed.size() - 8));
  }
  BONGSU_TRY(std::vector<Change> fresh, rows.past.series.All());
  std::ranges::move(fresh, std::back_inserter(changes));

  std::map<std::string, Work> works;  // by prefix
  std::vector<std::string> emptied;
  for (const Change& change : changes) {
    if (std::string prefix = Cleared(change, entity); !prefix.empty()) {
      write.DeleteRange(families_.series, prefix, After(prefix));  // before every row of this save
      std::erase_if(works, [&](const auto& work) { return work.first.starts_with(prefix); });
      emptied.push_back(std::move(prefix));
      continue;
    }
    const auto [work, first] = works.try_emplace(SeriesPrefix(entity, change.attribute, change.dataset));
    if (first) {
      work->second.emptied =
          std::ranges::any_of(emptied, [&](const std::string& gone) { return work->first.starts_with(gone); });
    }
    work->second.edits.emplace_back(change);
  }
  for (auto& [prefix, work] : works) BONGSU_CHECK(Finish(prefix, work, write));
  return {};
}

Result<void> RocksSeries::Fold(const EntityRows& rows, const std::string& entity, rocksdb::WriteBatch& write) const {
  const history::EntityChanges& past = rows.past;
  if (past.evolves && past.evolution) {
    write.Put(families_.evolutions, entity, history::Encode(*past.evolution));
  } else if (past.evolves) {
    write.Delete(families_.evolutions, entity);
  }
  if (past.series.empty()) return {};
  if (!past.series.OnlyTail()) return Seal(rows, entity, write);
  std::string key = entity;
  key += '\0';
  PutTime(key, past.series.first());
  write.Put(families_.tails, key, past.series.tail());
  return {};
}

Result<std::vector<history::SeriesKey>> RocksSeries::SeriesOf(const EntityKey& key) const {
  std::set<std::pair<std::string, std::string>> names;  // attribute, datasetId
  const std::string entity = EntityPrefix(key.partition, key.tenant, key.id);
  const std::string prefix = entity + '\0';
  const auto rows = Scan(db_, families_.series);
  rows->Seek(prefix);
  while (rows->Valid() && rows->key().starts_with(prefix)) {
    const auto rest = View(rows->key()).substr(prefix.size());
    const auto attribute_end = rest.find('\0');
    const auto dataset_end =
        attribute_end == std::string_view::npos ? attribute_end : rest.find('\0', attribute_end + 1);
    if (dataset_end == std::string_view::npos)
      return Fail(Code::kCorrupt, "state.read", "history row of {} does not decode", key.id);
    const auto [name, _] =
        names.emplace(rest.substr(0, attribute_end), rest.substr(attribute_end + 1, dataset_end - attribute_end - 1));
    rows->Seek(After(SeriesPrefix(entity, name->first, name->second)));
  }
  if (!rows->status().ok()) return Failure(rows->status());
  BONGSU_CHECK(ReadTails(entity, [&](std::string_view, std::string_view row) {
    return history::ReadTail(
        row, [&](const history::TailSample& sample) { names.emplace(sample.attribute, sample.dataset); });
  }));
  std::vector<history::SeriesKey> found;
  found.reserve(names.size());
  for (const auto& [attribute, dataset] : names)
    found.push_back({key.partition, key.tenant, key.id, attribute, dataset});
  return found;
}

Result<void> RocksSeries::Read(const history::SeriesKey& key, const SeriesRange& asked, std::optional<TimePoint> cut,
                               const ChunkVisit& visit) const {
  SeriesRange range = asked;
  if (key.attribute == history::kScope) cut.reset();  // what was so before it may still be so
  if (cut) range.from = std::max(range.from.value_or(*cut), *cut);
  const std::string entity = EntityPrefix(key.partition, key.tenant, key.id);
  history::SeriesChanges tail;
  BONGSU_CHECK(ReadTails(entity, [&](std::string_view, std::string_view row) {
    return history::ReadTail(row, [&](const history::TailSample& sample) {
      if (sample.attribute != key.attribute || sample.dataset != key.dataset) return;
      if (!cut || history::MakeSample(sample).at() >= *cut) tail.Add(sample);
    });
  }));
  bool more = true;
  if (!tail.empty()) {
    BONGSU_TRY(more, visit(tail.tail(), false));
  }
  const std::string prefix = PrefixOf(key);
  const auto rows = Scan(db_, families_.series);
  const auto here = [&] { return more && rows->Valid() && rows->key().starts_with(prefix); };
  const auto starts = [&] { return ReadSuffix(View(rows->key()).substr(prefix.size())).at; };
  const auto give = [&]() -> Result<void> {
    if (!cut || starts() >= *cut) {
      BONGSU_TRY(more, visit(View(rows->value()), true));
      return {};
    }
    BONGSU_TRY(std::vector<history::Sample> samples, history::DecodeChunk(View(rows->value())));
    std::erase_if(samples, [&](const history::Sample& sample) { return sample.at() < *cut; });
    if (samples.empty()) return {};
    BONGSU_TRY(more, visit(history::EncodeChunk(samples), true));
    return {};
  };
  if (range.newest_first) {
    for (rows->SeekForPrev(After(prefix)); here(); rows->Prev()) {
      if (range.to && starts() >= *range.to) continue;
      BONGSU_CHECK(give());
      if (range.from && starts() < *range.from) break;
    }
  } else {
    SeekChunk(*rows, prefix, range.from.value_or(FromMicros(std::numeric_limits<std::int64_t>::min())));
    for (; here(); rows->Next()) {
      if (range.to && starts() >= *range.to) break;
      BONGSU_CHECK(give());
    }
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return {};
}

Result<std::optional<history::Evolution>> RocksSeries::EvolutionOf(const EntityKey& key) const {
  std::string bytes;
  const auto status =
      db_.Get(rocksdb::ReadOptions{}, families_.evolutions, EntityPrefix(key.partition, key.tenant, key.id), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Failure(status);
  BONGSU_TRY(history::Evolution evolution, history::DecodeEvolution(bytes));
  return evolution;
}

Result<void> RocksSeries::Evolutions(
    std::uint16_t partition, std::uint16_t tenant,
    const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const {
  const std::string prefix = EntityPrefix(partition, tenant, {});
  const auto rows = Scan(db_, families_.evolutions);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (!visit(View(rows->key()).substr(prefix.size()), View(rows->value()))) break;
  }
  if (!rows->status().ok()) return Failure(rows->status());
  return {};
}

}  // namespace bongsu::store
