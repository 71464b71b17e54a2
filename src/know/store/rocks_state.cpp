// SPDX-License-Identifier: Apache-2.0
#include "know/store/rocks_state.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "know/store/rocks_parts.hpp"

namespace bongsu::store {
namespace {

using rocksdb::Slice;

/// Rows that are overwritten or taken away soon are not worth the time of a strong compression.
enum class Rows : std::uint8_t { kShortLived, kKept };

rocksdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rocksdb::Cache>& cache, Rows rows) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  if (rows == Rows::kKept) options.bottommost_compression = rocksdb::kZSTD;
  options.write_buffer_size = 64UL << 20U;
  options.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16UL << 10U;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// A state of an earlier layout lacks what this one holds of the same records: it is to be folded again.
Result<void> CheckLayout(const RocksState::State& state, const RocksStateOptions& options) {
  std::string layout;
  const auto status = state.db->Get(rocksdb::ReadOptions{}, state.meta(), "layout", &layout);
  if (status.ok() && layout == kLayout) return {};
  const auto rows = state.Scan(state.meta());
  rows->SeekToFirst();
  if (rows->Valid() || !rows->status().ok() || options.read_only)
    return Fail(Code::kCorrupt, "state.corrupt", "{} has another layout than {}", options.folder, kLayout);
  const auto put =
      state.db->Put(rocksdb::WriteOptions{}, state.meta(), "layout", Slice{kLayout.data(), kLayout.size()});
  if (!put.ok()) return StateFailure(put, "state.write");
  return {};
}

}  // namespace

RocksState::RocksState(std::unique_ptr<State> state) : state_{std::move(state)} {}
RocksState::~RocksState() = default;

Result<std::unique_ptr<RocksState>> RocksState::Open(const RocksStateOptions& options) {
  std::error_code ignored;
  if (!options.read_only) std::filesystem::create_directories(options.folder, ignored);
  rocksdb::DBOptions settings;
  settings.create_if_missing = !options.read_only;
  settings.create_missing_column_families = !options.read_only;
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  settings.max_background_jobs = 2;
  settings.max_total_wal_size = 256UL << 20U;
  // What is written goes to the disk bit by bit: the journal's syncs on the same disk do not wait for all of it.
  settings.bytes_per_sync = 1UL << 20U;
  settings.wal_bytes_per_sync = 1UL << 20U;
  settings.keep_log_file_num = 2;
  settings.max_open_files = 256;
  if (options.env != nullptr) settings.env = options.env;
  const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, FamilyOptions(cache, Rows::kShortLived)},
      {"entities", FamilyOptions(cache, Rows::kShortLived)},
      {"history", FamilyOptions(cache, Rows::kKept)},
      {"series", FamilyOptions(cache, Rows::kKept)},
      {"tails", FamilyOptions(cache, Rows::kShortLived)},
      {"evolutions", FamilyOptions(cache, Rows::kShortLived)}};
  auto state = std::make_unique<State>();
  rocksdb::DB* db = nullptr;
  const auto status = options.read_only
                          ? rocksdb::DB::OpenForReadOnly(settings, options.folder, families, &state->families, &db)
                          : rocksdb::DB::Open(settings, options.folder, families, &state->families, &db);
  if (!status.ok()) {
    // Of an earlier layout a family is missing, which is only made where it may be written.
    const bool earlier = status.IsInvalidArgument() && options.read_only;
    if (status.IsCorruption() || earlier)
      return Fail(Code::kCorrupt, "state.corrupt", "{}: {}", options.folder, status.ToString());
    const bool locked = status.ToString().find("lock") != std::string::npos;
    return Fail(locked ? Code::kConflict : Code::kUnavailable, locked ? "state.locked" : "state.open", "{}: {}",
                options.folder, status.ToString());
  }
  state->db.reset(db);
  if (!options.any_layout) BONGSU_CHECK(CheckLayout(*state, options));
  return std::unique_ptr<RocksState>(new RocksState(std::move(state)));
}

Result<void> RocksState::Destroy(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) return Fail(Code::kUnavailable, "state.destroy", "{}: {}", folder, error.message());
  return {};
}

Result<void> RocksState::CopyTo(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(state_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint{made};
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  if (!status.ok()) return StateFailure(status, "state.copy");
  return {};
}

Result<void> RocksState::Write(const StateBatch& batch) {
  // In the order of keys each place in the memtable is found from the one before.
  std::vector<std::pair<std::string, const EntityRows*>> entities;
  entities.reserve(batch.entities.size());
  std::size_t expected = 1024;
  for (const EntityRows& rows : batch.entities) {
    entities.emplace_back(Prefix(rows.key), &rows);
    expected += 3 * (rows.key.id.size() + 40) + rows.bytes.size() + rows.past.series.tail().size();
    for (const HistoryRow& row : rows.history) expected += row.bytes.size();
  }
  rocksdb::WriteBatch write{expected};
  std::ranges::sort(entities, {}, &std::pair<std::string, const EntityRows*>::first);
  for (const auto& [key, rows] : entities) {
    if (rows->saved) state_->PutEntity(key, *rows, write);
    for (const HistoryRow& row : rows->history) state_->PutHistory(key, row, write);
    BONGSU_CHECK(state_->series().Fold(*rows, key, write));
  }
  for (const auto& [partition, seq] : batch.applied) {
    std::string value;
    PutNumber(value, seq, 8);
    write.Put(state_->meta(), "applied" + PartitionPrefix(partition), value);
  }
  const auto status = state_->db->Write(rocksdb::WriteOptions{}, &write);
  if (!status.ok()) {
    // After a full disk the engine refuses everything until it is told to go on; the next save finds out whether it
    // can.
    (void)state_->db->Resume();
    return StateFailure(status, "state.write");
  }
  return {};
}

Result<std::uint64_t> RocksState::AppliedSeq(std::uint16_t partition) const {
  std::string value;
  const auto status =
      state_->db->Get(rocksdb::ReadOptions{}, state_->meta(), "applied" + PartitionPrefix(partition), &value);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return StateFailure(status, "state.read");
  return GetNumber(value);
}

Result<void> RocksState::ReadEntities(
    std::uint16_t partition,
    const std::function<Result<void>(std::string_view bytes, std::uint8_t changes)>& visit) const {
  const std::string prefix = PartitionPrefix(partition);
  const auto rows = state_->Scan(state_->entities());
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    const auto value = View(rows->value());
    if (value.empty()) return Fail(Code::kCorrupt, "state.read", "entity row without bytes in partition {}", partition);
    BONGSU_CHECK(visit(value.substr(1), static_cast<std::uint8_t>(value[0])));
  }
  if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
  return {};
}

Result<void> RocksState::ReadRows(
    std::span<const EntityKey> keys,
    const std::function<Result<void>(std::size_t place, std::string_view bytes)>& visit) const {
  constexpr std::size_t kAtOnce = 256;  // rows held in memory
  std::vector<std::pair<std::string, std::size_t>> wanted;
  wanted.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) wanted.emplace_back(Prefix(keys[i]), i);
  std::ranges::sort(wanted);  // neighbours share their blocks
  std::vector<Slice> names;
  for (std::size_t from = 0; from < wanted.size(); from += kAtOnce) {
    const auto part = std::span{wanted}.subspan(from, std::min(kAtOnce, wanted.size() - from));
    names.clear();
    for (const auto& [key, place] : part) names.emplace_back(key);
    std::vector<rocksdb::PinnableSlice> values(part.size());
    std::vector<rocksdb::Status> found(part.size());
    state_->db->MultiGet(rocksdb::ReadOptions{}, state_->entities(), part.size(), names.data(), values.data(),
                         found.data(), true);
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (found[i].IsNotFound()) continue;
      if (found[i].ok() && values[i].empty())
        return Fail(Code::kCorrupt, "state.read", "the row of {} is empty", keys[part[i].second].id);
      if (!found[i].ok()) return StateFailure(found[i], "state.read");
      BONGSU_CHECK(visit(part[i].second, View(values[i]).substr(1)));
    }
  }
  return {};
}

Result<std::vector<HistoryRow>> RocksState::History(const EntityKey& key, TimePoint as_of) const {
  std::vector<HistoryRow> found;
  const std::string entity = Prefix(key);
  const std::string prefix = entity + '\0';
  const auto rows = state_->Scan(state_->history());
  for (rows->SeekForPrev(HistoryKey(entity, as_of, std::numeric_limits<std::uint64_t>::max()));
       rows->Valid() && rows->key().starts_with(prefix); rows->Prev()) {
    const auto place = View(rows->key()).substr(prefix.size());
    const auto value = View(rows->value());
    if (place.size() != 16 || value.empty())
      return Fail(Code::kCorrupt, "state.read", "history row of {} does not decode", key.id);
    HistoryRow& row = found.emplace_back();
    row.at = FromMicros(static_cast<std::int64_t>(GetNumber(place.substr(0, 8))));
    row.seq = GetNumber(place.substr(8));
    row.keyframe = value[0] == kKeyframe;
    row.bytes = value.substr(1);
    if (row.keyframe) break;
  }
  if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
  std::ranges::reverse(found);
  return found;
}

Result<void> RocksState::HistoryIds(std::uint16_t partition, std::uint16_t tenant,
                                    const std::function<bool(std::string_view id)>& visit) const {
  std::string prefix = PartitionPrefix(partition);
  PutNumber(prefix, tenant, 2);
  const auto rows = state_->Scan(state_->history());
  rows->Seek(prefix);
  while (rows->Valid() && rows->key().starts_with(prefix)) {
    const auto rest = View(rows->key()).substr(prefix.size());
    const std::string id{rest.substr(0, rest.find('\0'))};
    if (!visit(id)) break;
    rows->Seek(prefix + id + '\x01');  // behind the last change of this id
  }
  if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
  return {};
}

Result<std::vector<history::SeriesKey>> RocksState::SeriesOf(const EntityKey& key) const {
  return state_->series().SeriesOf(key);
}

Result<void> RocksState::ReadSeries(const history::SeriesKey& key, const SeriesRange& range,
                                    const ChunkVisit& visit) const {
  BONGSU_TRY(const auto cut, CutOf(key.partition));
  return state_->series().Read(key, range, cut ? std::optional{cut->at} : std::nullopt, visit);
}

Result<std::optional<history::Evolution>> RocksState::EvolutionOf(const EntityKey& key) const {
  return state_->series().EvolutionOf(key);
}

Result<void> RocksState::Evolutions(
    std::uint16_t partition, std::uint16_t tenant,
    const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const {
  return state_->series().Evolutions(partition, tenant, visit);
}

}  // namespace bongsu::store
