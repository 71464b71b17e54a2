// SPDX-License-Identifier: Apache-2.0
// The history of attributes as the state store keeps it: bytes a sample after compaction, a month of one attribute
// read, an aggregate over 100,000 samples, an entity and a thousand entities as they were. One JSON line each.
#include <fmt/core.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <optional>
#include <random>

#include "base/json.hpp"
#include "know/history/chunk.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/store/past.hpp"
#include "know/store/rocks_state.hpp"
#include "serve/temporal/evolution_text.hpp"

namespace bongsu::bench {
namespace {

constexpr std::int64_t kStart = 1'764'000'000'000'000;
constexpr std::size_t kMonth = 43'200;
const std::string kAttribute = "https://uri.etsi.org/ngsi-ld/default-context/temperature";

double CpuMilliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Medians: what passed, and what this thread computed in it; the difference is waiting, for disk or for other work.
struct Taken {
  double wall_ms = 0;
  double cpu_ms = 0;
};
Taken Measure(const std::function<void()>& work, int rounds = 15) {
  std::vector<double> walls;
  std::vector<double> cpus;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = CpuMilliseconds();
    work();
    walls.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    cpus.push_back(CpuMilliseconds() - cpu);
  }
  std::ranges::sort(walls);
  std::ranges::sort(cpus);
  return {walls[walls.size() / 2], cpus[cpus.size() / 2]};
}

double Rounded(double number) { return std::round(number * 1000) / 1000; }

void Line(std::string_view name, double value, std::string_view unit, double budget, std::string_view note,
          std::optional<double> cpu_ms = std::nullopt) {
  json::Writer line;
  line.Object().Key("bench").String(name).Key("value").Double(Rounded(value));
  line.Key("unit").String(unit).Key("budget").Double(budget);
  if (cpu_ms) line.Key("cpu_ms").Double(Rounded(*cpu_ms));
  line.Key("note").String(note).End();
  fmt::print("{}\n", line.text());
  std::fflush(stdout);
}

void Line(std::string_view name, const Taken& taken, double budget, std::string_view note) {
  Line(name, taken.wall_ms, "ms", budget, note, taken.cpu_ms);
}

store::EntityKey KeyOf(std::size_t number) { return {0, 0, fmt::format("urn:ngsi-ld:Station:{:05}", number)}; }

/// A sensor's minute: a value with one decimal that wanders, told 20 to 200 ms after it was observed.
class Sensor {
 public:
  explicit Sensor(std::size_t number) : key_{KeyOf(number)}, random_{number} {}

  history::Change Next(std::int64_t minute) {
    value_ += static_cast<double>(static_cast<int>(random_() % 7) - 3) / 10;
    history::Change change;
    change.attribute = kAttribute;
    const std::int64_t observed = kStart + minute * 60'000'000;
    change.id = {FromMicros(observed + 20'000 + static_cast<std::int64_t>(random_() % 180'000)), 0};
    change.at = change.id.recorded;
    std::string number;
    json::AppendNumber(number, std::round(value_ * 10) / 10);
    change.json = fmt::format(R"({{"type":"Property","value":{},"unitCode":"CEL","observedAt":"{}"}})", number,
                              FormatUtc(FromMicros(observed)));
    return change;
  }

 private:
  store::EntityKey key_;
  std::mt19937_64 random_;
  double value_ = 20;
};

/// One save a minute with a sample of each sensor, as the server writes them.
void Fill(store::RocksState& state, std::size_t sensors, std::size_t minutes) {
  std::vector<Sensor> all;
  store::StateBatch heads;
  for (std::size_t i = 0; i < sensors; ++i) {
    all.emplace_back(i);
    store::EntityRows& rows = heads.entities.emplace_back();
    rows.key = KeyOf(i);
    rows.past.evolves = true;
    rows.past.evolution = history::Evolution{{"Station"}, FromMicros(kStart), {}, false};
  }
  if (!state.Write(heads)) std::abort();
  for (std::size_t minute = 0; minute < minutes; ++minute) {
    store::StateBatch batch;
    for (std::size_t i = 0; i < sensors; ++i) {
      const history::Change change = all[i].Next(static_cast<std::int64_t>(minute));
      store::EntityRows& rows = batch.entities.emplace_back();
      rows.key = KeyOf(i);
      rows.past.series.Add({change.id, false, change.attribute, "", change.json});
      if (history::Seals(rows.key.id, change.at)) rows.past.series.set_seals();
    }
    if (!state.Write(batch)) std::abort();
  }
}

/// Bytes of a column family on disk, everything compacted.
double DiskBytes(const std::string& folder, const std::string& family) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies({}, folder, &names).ok()) std::abort();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kZSTD;
  for (const auto& name : names) families.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open({}, folder, families, &handles, &db).ok()) std::abort();
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    if (names[i] == family) {
      db->Flush({}, handles[i]);
      db->CompactRange({}, handles[i], nullptr, nullptr);
      db->GetIntProperty(handles[i], "rocksdb.total-sst-files-size", &bytes);
    }
    db->DestroyColumnFamilyHandle(handles[i]);
  }
  delete db;
  return static_cast<double>(bytes);
}

void Read(const std::string& folder, std::size_t minutes) {
  const auto state = store::RocksState::Open({folder, false, 64UL << 20U}).value();
  temporal::TemporalRequest month;
  month.form = temporal::Form::kValues;
  month.time.named = true;
  month.time.from = FromMicros(kStart);
  month.time.to = FromMicros(kStart + static_cast<std::int64_t>(kMonth) * 60'000'000);
  const temporal::EvolutionReader reader{*state, month, 100'000};
  std::size_t samples = 0;
  Line("history_month_read",
       Measure([&] { samples = reader.Read(KeyOf(0), nullptr).value()->series.front().samples.size(); }), 10,
       fmt::format("{} samples of one attribute out of the store", kMonth));
  if (samples != kMonth) std::abort();
  std::size_t bytes = 0;
  Line("history_month_answer", Measure([&] {
         const auto answer = reader.Read(KeyOf(0), nullptr).value();
         bytes = temporal::EvolutionText(*answer, month, 0).value().size();
       }),
       10, "the same as the JSON of temporalValues");

  temporal::TemporalRequest sums;
  sums.form = temporal::Form::kAggregated;
  sums.methods = {history::Method::kAvg, history::Method::kMin, history::Method::kMax, history::Method::kStddev};
  const temporal::EvolutionReader summing{*state, sums, 100'000};
  Line("history_aggregate", Measure([&] {
         const auto answer = summing.Read(KeyOf(0), nullptr).value();
         if (!answer->series.front().aggregate->Of(history::Method::kAvg)) std::abort();
       }),
       5, fmt::format("avg, min, max, stddev over {} samples", minutes));
  sums.period = history::ParsePeriod("P1D").value();
  const temporal::EvolutionReader daily{*state, sums, 100'000};
  Line("history_aggregate_daily", Measure([&] { (void)daily.Read(KeyOf(0), nullptr).value(); }), 5, "the same a day");
}

/// A thousand cameras that changed forty times each: one of them, and all, as they were in the middle.
void AsOf(const std::string& folder) {
  journal::EmbeddedOptions engine;
  engine.folder = folder + "/journal";
  engine.partitions = 1;
  const auto owned = journal::EmbeddedJournal::Open(std::move(engine), Log{Log::Level::kOff}).value();
  journal::JournalPort& journal = *owned;
  if (!journal.Claim(FromMicros(kStart))) std::abort();
  const auto state = store::RocksState::Open({folder + "/state", false, 64UL << 20U}).value();
  constexpr std::size_t kCameras = 1000;
  constexpr std::size_t kChanges = 40;
  std::uint64_t seq = journal.RangeOf(0).last_seq;
  context::Names names;
  std::vector<std::unique_ptr<context::Entity>> entities(kCameras);
  for (std::size_t change = 0; change < kChanges; ++change) {
    std::vector<model::Record> records;
    store::StateBatch batch;
    for (std::size_t i = 0; i < kCameras; ++i) {
      const TimePoint at = FromMicros(kStart + static_cast<std::int64_t>(change * kCameras + i + 1) * 1000);
      const model::EntityPatch patch{
          model::PatchOp::kUpsert, KeyOf(i).id,
          json::Parse(
              fmt::format(
                  R"({{"type":"Camera","https://uri.etsi.org/ngsi-ld/location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[126.6,35.8]}}}},
            "x:status":{{"type":"Property","value":"ok"}},"x:azimuth":{{"type":"Property","value":{}}}}})",
                  change))
              .value()};
      model::Record record = model::ToRecord(patch, 0, at, "bench", 1);
      record.position.seq = ++seq;
      record.ingest_time = at;
      context::ApplyPatch(entities[i], patch, at, names);
      store::EntityRows& rows = batch.entities.emplace_back();
      rows.key = KeyOf(i);
      store::HistoryRow& row = rows.history.emplace_back();
      row.at = at;
      row.seq = seq;
      row.keyframe = change % 16 == 0;
      if (row.keyframe) row.bytes = context::Encode(*entities[i]);
      records.push_back(std::move(record));
    }
    if (journal.Append(records).outcome != journal::Outcome::kDurable || !state->Write(batch)) std::abort();
  }
  const TimePoint then = FromMicros(kStart + static_cast<std::int64_t>(kChanges * kCameras * 3 / 4) * 1000);
  Line("history_as_of_entity", Measure([&] { (void)store::EntityAsOf(*state, journal, KeyOf(7), then).value(); }), 5,
       "one entity of forty changes");
  Line("history_as_of_map",
       Measure(
           [&] {
             const auto found =
                 store::EntitiesAsOf(*state, journal, 0, 0, then, kCameras,
                                     [](const context::Entity& entity) { return entity.HasType("Camera"); });
             if (found.value().size() != kCameras) std::abort();
           },
           5),
       1000, "a thousand entities of forty changes");
}

int Main(std::size_t minutes) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-history-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  constexpr std::size_t kSensors = 4;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = CpuMilliseconds();
  {
    const auto state = store::RocksState::Open({folder + "/state", false, 64UL << 20U}).value();
    Fill(*state, kSensors, minutes);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto samples = static_cast<double>(kSensors * minutes);
  Line("history_fold", samples / seconds, "samples/s", 0, "one save a minute of four sensors, unsynced",
       CpuMilliseconds() - cpu);
  Line("history_bytes_per_sample",
       (DiskBytes(folder + "/state", "series") + DiskBytes(folder + "/state", "tails")) / samples, "bytes", 4,
       "keys, heads and what is not sealed yet included");
  Read(folder + "/state", minutes);
  AsOf(folder + "/past");
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::Main(argc > 1 ? std::stoul(argv[1]) : 100'000); }
