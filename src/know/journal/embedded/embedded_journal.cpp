// SPDX-License-Identifier: Apache-2.0
#include "know/journal/embedded/embedded_journal.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "know/journal/embedded/folder.hpp"
#include "know/journal/embedded/side_file.hpp"
#include "model/envelope.hpp"

namespace bongsu::journal {
namespace {

using rocksdb::Slice;
using Key = std::array<char, 10>;

constexpr std::size_t kEveryPartition = 65'536;
// Under load the side file is synced this often, in a pause at once (docs/adr/0002-side-file-sync.md).
constexpr auto kSideSyncEvery = std::chrono::milliseconds{500};

Key KeyOf(std::uint16_t partition, std::uint64_t seq) {
  Key key{};
  key[0] = static_cast<char>(partition >> 8U);
  key[1] = static_cast<char>(partition & 0xFFU);
  for (std::size_t i = 0; i < 8; ++i) key[2 + i] = static_cast<char>((seq >> (8U * (7 - i))) & 0xFFU);
  return key;
}
Slice View(const Key& key) { return {key.data(), key.size()}; }

model::Position PositionOf(Slice key) {
  model::Position position;
  for (std::size_t i = 0; i < 2; ++i) {
    position.partition = static_cast<std::uint16_t>((position.partition << 8U) | static_cast<unsigned char>(key[i]));
  }
  for (std::size_t i = 2; i < 10; ++i) position.seq = (position.seq << 8U) | static_cast<unsigned char>(key[i]);
  return position;
}

Error ErrorOf(const rocksdb::Status& status, std::string_view what) {
  const std::string text = status.ToString();
  if (status.IsCorruption()) {
    return {Code::kCorrupt, "journal.corrupt",
            fmt::format("{}: {}; restore a backup, or `bongsu recover --accept-loss` to go on with what is left", what,
                        text)};
  }
  if (status.IsNoSpace()) return {Code::kDiskFull, "journal.disk_full", fmt::format("{}: {}", what, text)};
  return {Code::kUnavailable, "journal.io", fmt::format("{}: {}", what, text)};
}

rocksdb::Options EngineOptions(const EmbeddedOptions& options, bool make) {
  rocksdb::Options engine;
  if (options.env != nullptr) engine.env = options.env;
  engine.create_if_missing = make;
  engine.create_missing_column_families = make;
  engine.paranoid_checks = true;
  engine.wal_recovery_mode = options.accept_loss ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                                 : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  engine.max_background_jobs = 2;
  engine.max_open_files = 512;
  engine.write_buffer_size = 32U << 20U;
  engine.bytes_per_sync = 1UL << 20U;
  engine.max_total_wal_size = 256U << 20U;  // a quiet family must not hold old logs for ever
  // A record is written again at every level: quickly at the first ones, small where it stays.
  engine.compression = rocksdb::CompressionType::kZSTD;
  engine.compression_per_level = {rocksdb::CompressionType::kLZ4Compression, rocksdb::CompressionType::kLZ4Compression,
                                  rocksdb::CompressionType::kZSTD};
  engine.keep_log_file_num = 2;
  engine.max_log_file_size = 4U << 20U;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 32U << 10U;  // read mostly in order
  table.format_version = 5;
  engine.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return engine;
}

}  // namespace

struct EmbeddedJournal::State {
  EmbeddedOptions options;
  Log log;
  std::optional<FolderLock> lock;
  DiskReserve disk;
  std::uint16_t partitions = 0;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* data = nullptr;
  rocksdb::ColumnFamilyHandle* desk = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::optional<SideFile> side;
  AckedSeqs acked;  // committer's thread alone
  std::vector<std::pair<std::uint16_t, std::uint64_t>> accepted_loss;
  std::vector<std::atomic<std::uint64_t>> last =
      std::vector<std::atomic<std::uint64_t>>(kEveryPartition);  // newest seq by partition; read by any thread
  std::atomic<std::uint32_t> epoch{0};
  bool claimed = false;
  std::uint64_t writer_seq = 0;
  std::chrono::steady_clock::time_point side_synced{};
  std::string buffer;

  State(EmbeddedOptions given, Log to) : options{std::move(given)}, log{to}, disk{options.folder, options.disk} {}
  ~State() {
    if (side) (void)side->Sync();
    for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
    if (db) (void)db->Close();
  }

  rocksdb::ColumnFamilyHandle* FamilyOf(std::uint16_t partition) const {
    return partition >= model::kDeskBase ? desk : data;
  }
  Result<void> OpenEngine(bool make);
  Result<void> FindEnds();
  Result<std::optional<model::Record>> LastRecord(std::uint16_t partition) const;
  Result<void> CheckAcked(const SideFile::Loaded& side_table, bool fresh);
  AppendResult Write(std::span<model::Record> records);
};

Result<void> EmbeddedJournal::State::OpenEngine(bool make) {
  const rocksdb::Options engine = EngineOptions(options, make);
  const std::string path = (options.folder / "db").string();
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, engine}, {"data", engine}, {"desk", engine}};
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = options.read_only
                                     ? rocksdb::DB::OpenForReadOnly(engine, path, families, &handles, &opened)
                                     : rocksdb::DB::Open(engine, path, families, &handles, &opened);
  if (!status.ok()) return tl::unexpected(ErrorOf(status, path));
  db.reset(opened);
  data = handles[1];
  desk = handles[2];
  return {};
}

Result<std::optional<model::Record>> EmbeddedJournal::State::LastRecord(std::uint16_t partition) const {
  const std::unique_ptr<rocksdb::Iterator> it{db->NewIterator(rocksdb::ReadOptions{}, FamilyOf(partition))};
  it->SeekForPrev(View(KeyOf(partition, UINT64_MAX)));
  if (!it->status().ok()) return tl::unexpected(ErrorOf(it->status(), fmt::format("partition {}", partition)));
  if (!it->Valid() || PositionOf(it->key()).partition != partition) return std::optional<model::Record>{};
  BONGSU_TRY(model::Record record, model::DecodeEnvelope(it->value().ToStringView()));
  return std::optional<model::Record>{std::move(record)};
}

// Newest seq of each partition, and the highest epoch among those records.
Result<void> EmbeddedJournal::State::FindEnds() {
  std::uint32_t highest = epoch.load();
  for (auto* family : {data, desk}) {
    const std::unique_ptr<rocksdb::Iterator> it{db->NewIterator(rocksdb::ReadOptions{}, family)};
    it->SeekToFirst();
    while (it->Valid()) {
      const std::uint16_t partition = PositionOf(it->key()).partition;
      BONGSU_TRY(const std::optional<model::Record> newest, LastRecord(partition));
      if (!newest) return Fail(Code::kCorrupt, "journal.corrupt", "partition {} begins but does not end", partition);
      last[partition].store(newest->position.seq, std::memory_order_release);
      highest = std::max(highest, newest->epoch);
      if (partition == UINT16_MAX) break;
      it->Seek(View(KeyOf(static_cast<std::uint16_t>(partition + 1), 0)));
    }
    if (!it->status().ok()) return tl::unexpected(ErrorOf(it->status(), family->GetName()));
  }
  epoch.store(highest);
  return {};
}

// Refuses an engine that came back with less than was acknowledged.
Result<void> EmbeddedJournal::State::CheckAcked(const SideFile::Loaded& side_table, bool fresh) {
  if (side_table.generation == 0 && !fresh && !options.accept_loss) {
    return Fail(
        Code::kCorrupt, "journal.side_file",
        "{}/acked.a and .b hold no whole table: nobody knows what was acknowledged; `bongsu recover --accept-loss` "
        "takes what is there as all",
        options.folder.string());
  }
  for (const auto& [partition, seq] : side_table.acked) {
    const std::uint64_t have = last[partition].load();
    if (have >= seq) continue;
    if (!options.accept_loss) {
      return Fail(Code::kCorrupt, "journal.lost_tail",
                  "partition {}: acknowledged up to seq {}, recovered up to {}; restore a backup, or "
                  "`bongsu recover --accept-loss`",
                  partition, seq, have);
    }
    accepted_loss.emplace_back(partition, seq - have);
  }
  for (std::size_t partition = 0; partition < last.size(); ++partition) {
    if (last[partition].load() > 0) acked[static_cast<std::uint16_t>(partition)] = last[partition].load();
  }
  return {};
}

Result<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::Open(EmbeddedOptions options, Log log) {
  if (options.partitions < 1 || options.partitions > 4096) {
    return Fail(Code::kInvalidArgument, "journal.bad_partitions", "{} partitions, 1 to 4096 are possible",
                options.partitions);
  }
  auto state = std::make_unique<State>(std::move(options), log);
  const EmbeddedOptions& o = state->options;
  const bool may_make = !o.must_exist && !o.read_only;
  std::error_code error;
  if (may_make) std::filesystem::create_directories(o.folder, error);
  if (error || !std::filesystem::is_directory(o.folder)) {
    return Fail(may_make ? Code::kUnavailable : Code::kNotFound, may_make ? "journal.io" : "journal.none",
                "{}: no such folder", o.folder.string());
  }
  BONGSU_TRY(state->lock, FolderLock::Take(o.folder));
  if (!o.read_only && state->disk.FreeBallast()) log.Warn("journal.ballast_freed", {{"folder", o.folder.string()}});

  const SideFile::Loaded side_table = SideFile::Load(o.folder / "acked");
  auto made_with = ReadPartitionCount(o.folder);
  if (!made_with && made_with.error().code == Code::kNotFound && may_make) {
    if (side_table.present || std::filesystem::exists(o.folder / "db")) {
      return Fail(Code::kCorrupt, "journal.bad_meta", "{}: meta.json is missing beside a journal", o.folder.string());
    }
    BONGSU_CHECK(WritePartitionCount(o.folder, o.partitions));
    made_with = o.partitions;
  }
  if (!made_with) return tl::unexpected(std::move(made_with).error());
  state->partitions = *made_with;

  // Until the first side file is written nothing was acknowledged, so an engine may be made; after that never.
  const bool fresh = !side_table.present;
  if (!fresh && !std::filesystem::exists(o.folder / "db" / "CURRENT")) {
    return Fail(Code::kCorrupt, "journal.lost_tail", "{}/db is gone; restore a backup", o.folder.string());
  }
  BONGSU_CHECK(state->OpenEngine(fresh && may_make));
  BONGSU_CHECK(state->FindEnds());
  const bool empty =
      std::all_of(state->last.begin(), state->last.end(), [](const auto& seq) { return seq.load() == 0; });
  BONGSU_CHECK(state->CheckAcked(side_table, fresh && empty));
  if (!o.read_only) {
    BONGSU_TRY(SideFile side, SideFile::Open(o.folder / "acked", side_table.generation));
    BONGSU_CHECK(side.Write(state->acked));
    BONGSU_CHECK(side.Sync());
    state->side = std::move(side);
    state->disk.LayBallast();
  }
  return std::unique_ptr<EmbeddedJournal>(new EmbeddedJournal(std::move(state)));  // NOLINT: private constructor
}

EmbeddedJournal::EmbeddedJournal(std::unique_ptr<State> state) : state_{std::move(state)} {}
EmbeddedJournal::~EmbeddedJournal() = default;

AppendResult EmbeddedJournal::State::Write(std::span<model::Record> records) {
  rocksdb::WriteBatch batch;
  std::map<std::uint16_t, std::uint64_t> ends;
  const auto refuse = [](Code code, std::string_view reason, std::string message) {
    return AppendResult{Outcome::kRefused, Error{code, std::string(reason), std::move(message)}};
  };
  // In the order of keys each place in the memtable is found from the one before.
  std::vector<model::Record*> ordered(records.size());
  std::ranges::transform(records, ordered.begin(), [](model::Record& record) { return &record; });
  std::ranges::sort(ordered, {},
                    [](const model::Record* record) { return std::pair{record->position.partition, record}; });
  for (model::Record* const next : ordered) {
    model::Record& record = *next;
    const std::uint16_t partition = record.position.partition;
    auto [end, first] = ends.try_emplace(partition, 0);
    if (first) end->second = last[partition].load(std::memory_order_relaxed);
    if (record.position.seq != end->second + 1) {
      return refuse(
          Code::kInternal, "journal.not_next",
          fmt::format("partition {}: seq {} does not follow {}", partition, record.position.seq, end->second));
    }
    ++end->second;
    record.epoch = epoch.load(std::memory_order_relaxed);
    record.writer_seq = writer_seq + static_cast<std::uint64_t>(&record - records.data()) + 1;
    buffer.clear();
    if (auto encoded = model::EncodeEnvelope(buffer, record); !encoded) {
      return {Outcome::kRefused, std::move(encoded).error()};
    }
    const rocksdb::Status put = batch.Put(FamilyOf(partition), View(KeyOf(partition, record.position.seq)), buffer);
    if (!put.ok()) return {Outcome::kRefused, ErrorOf(put, "append")};
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status written = db->Write(synced, &batch);
  if (!written.ok()) {
    claimed = false;  // what is on disk now is not known: Claim reads it again
    Error error = ErrorOf(written, "append");
    error.message = fmt::format("{} ({})", error.message, error.reason);
    error.code = Code::kUnavailable;
    error.reason = "journal.unknown";
    return {Outcome::kUnknown, std::move(error)};
  }
  writer_seq += records.size();
  for (const auto& [partition, seq] : ends) {
    last[partition].store(seq, std::memory_order_release);
    acked[partition] = seq;
  }
  return {Outcome::kDurable, {}};
}

AppendResult EmbeddedJournal::Append(std::span<model::Record> records) {
  if (!state_->claimed) {
    return {Outcome::kRefused, Error{Code::kUnavailable, "journal.not_owner", "append before a claim"}};
  }
  return state_->Write(records);
}

Result<std::uint32_t> EmbeddedJournal::Claim(TimePoint now) {
  State& s = *state_;
  if (s.options.read_only) return Fail(Code::kConflict, "journal.read_only", "opened for inspection");
  s.claimed = false;
  if (const rocksdb::Status resumed = s.db->Resume(); !resumed.ok()) return tl::unexpected(ErrorOf(resumed, "claim"));
  BONGSU_CHECK(s.FindEnds());
  std::vector<model::Record> claims;
  for (std::size_t number = 0; number < s.last.size(); ++number) {
    const auto partition = static_cast<std::uint16_t>(number);
    if (partition >= s.partitions && s.last[number].load() == 0) continue;
    BONGSU_TRY(const std::optional<model::Record> newest, s.LastRecord(partition));
    model::Record claim;
    claim.kind = model::Kind::kClaim;
    claim.position = {partition, s.last[number].load() + 1};
    claim.tenant = newest && partition >= model::kDeskBase ? newest->tenant : std::uint16_t{0};
    claim.ingest_time = newest ? std::max(now, newest->ingest_time + Duration{1}) : now;
    claim.event_time = claim.ingest_time;
    claim.source = "journal";
    claim.payload = "{}";
    claims.push_back(std::move(claim));
  }
  const std::uint32_t before = s.epoch.load();
  const std::uint64_t before_seq = s.writer_seq;
  s.epoch.store(before + 1);
  s.writer_seq = 0;
  AppendResult result = s.Write(claims);
  if (result.outcome != Outcome::kDurable) {
    s.epoch.store(before);
    s.writer_seq = before_seq;
    return tl::unexpected(std::move(result.error));
  }
  s.claimed = true;
  return before + 1;
}

Result<std::uint64_t> EmbeddedJournal::Read(std::uint16_t partition, std::uint64_t from_seq,
                                            const std::function<bool(const model::Record&)>& visit) const {
  const Key end = KeyOf(partition, UINT64_MAX);
  const Slice end_slice = View(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_slice;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it{state_->db->NewIterator(options, state_->FamilyOf(partition))};
  std::uint64_t next = from_seq;
  bool first = true;
  for (it->Seek(View(KeyOf(partition, from_seq))); it->Valid(); it->Next()) {
    const model::Position at = PositionOf(it->key());
    // Retention cuts at the old end only; anywhere else a hole is a loss.
    if (!first && at.seq != next) {
      return Fail(Code::kCorrupt, "journal.bad_record", "partition {}: seq {} follows {}", partition, at.seq, next - 1);
    }
    const auto record = model::DecodeEnvelope(it->value().ToStringView());
    if (!record || record->position != at) {
      return Fail(Code::kCorrupt, "journal.bad_record", "partition {} seq {}: {}", partition, at.seq,
                  record ? "another record lies in its place" : record.error().message);
    }
    first = false;
    next = at.seq + 1;
    if (!visit(*record)) return next;
  }
  if (!it->status().ok()) {
    return Fail(Code::kCorrupt, "journal.bad_record", "partition {} from seq {}: {}", partition, next,
                it->status().ToString());
  }
  return next;
}

Result<model::Record> EmbeddedJournal::At(model::Position position) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status found = state_->db->Get(rocksdb::ReadOptions{}, state_->FamilyOf(position.partition),
                                                View(KeyOf(position.partition, position.seq)), &value);
  if (found.IsNotFound()) {
    return Fail(Code::kNotFound, "journal.no_record", "partition {} has no seq {}", position.partition, position.seq);
  }
  if (!found.ok())
    return tl::unexpected(ErrorOf(found, fmt::format("partition {} seq {}", position.partition, position.seq)));
  return model::DecodeEnvelope(value.ToStringView());
}

Range EmbeddedJournal::RangeOf(std::uint16_t partition) const {
  Range range;
  range.last_seq = state_->last[partition].load(std::memory_order_acquire);
  if (range.last_seq == 0) return range;
  const std::unique_ptr<rocksdb::Iterator> it{
      state_->db->NewIterator(rocksdb::ReadOptions{}, state_->FamilyOf(partition))};
  it->Seek(View(KeyOf(partition, 0)));
  if (it->Valid()) range.first_seq = PositionOf(it->key()).seq;
  return range;
}

std::vector<std::uint16_t> EmbeddedJournal::Partitions() const {
  std::vector<std::uint16_t> found;
  for (std::size_t partition = 0; partition < state_->last.size(); ++partition) {
    if (state_->last[partition].load(std::memory_order_acquire) > 0)
      found.push_back(static_cast<std::uint16_t>(partition));
  }
  return found;
}

std::uint16_t EmbeddedJournal::partitions() const { return state_->partitions; }

DiskRoom EmbeddedJournal::Room() const { return state_->disk.Room(); }

void EmbeddedJournal::Settle(bool idle) {
  State& s = *state_;
  if (!s.side) return;  // read only
  if (auto written = s.side->Write(s.acked); !written) s.log.Failure("journal.side_file", written.error());
  const auto now = std::chrono::steady_clock::now();
  if (!idle && now - s.side_synced < kSideSyncEvery) return;
  if (auto synced = s.side->Sync(); !synced) s.log.Failure("journal.side_file", synced.error());
  s.side_synced = now;
}

Result<void> EmbeddedJournal::Trim(std::uint16_t partition, std::uint64_t before_seq) {
  State& s = *state_;
  // Without its newest record a partition would begin again at seq 1.
  const Key begin = KeyOf(partition, 0);
  const Key end = KeyOf(partition, std::min(before_seq, s.last[partition].load(std::memory_order_acquire)));
  const Slice from = View(begin);
  const Slice until = View(end);
  // Not DeleteFilesInRange: it could drop the file that holds this mark while older records lie elsewhere.
  const rocksdb::Status marked = s.db->DeleteRange(rocksdb::WriteOptions{}, s.FamilyOf(partition), from, until);
  if (!marked.ok()) return tl::unexpected(ErrorOf(marked, "retention"));
  rocksdb::CompactRangeOptions gently;
  gently.exclusive_manual_compaction = false;
  const rocksdb::Status freed = s.db->CompactRange(gently, s.FamilyOf(partition), &from, &until);
  if (!freed.ok()) return tl::unexpected(ErrorOf(freed, "retention"));
  return {};
}

std::uint64_t EmbeddedJournal::BytesOf(std::uint16_t partition, std::uint64_t from_seq, std::uint64_t until_seq) const {
  const Key begin = KeyOf(partition, from_seq);
  const Key end = KeyOf(partition, until_seq);
  const rocksdb::Range range{View(begin), View(end)};
  rocksdb::SizeApproximationOptions with_memory;
  with_memory.include_memtables = true;
  std::uint64_t bytes = 0;
  const rocksdb::Status counted =
      state_->db->GetApproximateSizes(with_memory, state_->FamilyOf(partition), &range, 1, &bytes);
  return counted.ok() ? bytes : 0;
}

Result<std::map<std::uint16_t, std::uint64_t>> EmbeddedJournal::CopyTo(const std::filesystem::path& folder) const {
  AckedSeqs acked;  // read first: the copy holds at least these
  for (const std::uint16_t partition : Partitions()) acked[partition] = RangeOf(partition).last_seq;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(state_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint{made};
  if (status.ok()) status = checkpoint->CreateCheckpoint((folder / "db").string());
  if (!status.ok()) return tl::unexpected(ErrorOf(status, "copy"));
  BONGSU_CHECK(WritePartitionCount(folder, state_->partitions));
  BONGSU_TRY(SideFile side, SideFile::Open(folder / "acked", 0));
  BONGSU_CHECK(side.Write(acked));
  BONGSU_CHECK(side.Sync());
  return acked;
}

Result<void> EmbeddedJournal::Flush() {
  rocksdb::FlushOptions wait;
  const rocksdb::Status flushed = state_->db->Flush(wait, {state_->data, state_->desk});
  if (!flushed.ok()) return tl::unexpected(ErrorOf(flushed, "flush"));
  return {};
}

const std::vector<std::pair<std::uint16_t, std::uint64_t>>& EmbeddedJournal::accepted_loss() const {
  return state_->accepted_loss;
}

}  // namespace bongsu::journal
