// SPDX-License-Identifier: Apache-2.0
// Committer against raw RocksDB: the same bytes, one synced write batch a commit, in one run on one disk.
// The committer side includes building the records, four callers on two shards, seqs, envelopes and answers.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "know/journal/embedded/embedded_journal.hpp"
#include "model/envelope.hpp"
#include "runtime/committer.hpp"

namespace bongsu {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBatchRecords = 100;
constexpr std::size_t kUnderWay = 64;  // batches in flight over all callers
constexpr std::size_t kRecords = 600'000;
constexpr double kBudget = 150'000;  // entity updates a second, synced, batches of 100 (architecture section 5)

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

model::Record Update(std::size_t number) {
  model::Record record;
  record.kind = model::Kind::kEntity;
  record.position.partition = static_cast<std::uint16_t>(number % 16);
  record.event_time = FromMicros(1'795'521'600'000'000 + static_cast<std::int64_t>(number));
  record.source = "bench";
  record.subject = "urn:ngsi-ld:TrafficFlowObserved:" + std::to_string(number % 100'000);
  record.payload = R"({"op":"upsert","id":")" + record.subject + R"(","body":{"speed":{"type":"Property","value":)" +
                   std::to_string(number % 120) +
                   R"(},"occupancy":{"type":"Property","value":0.25},"lanes":{"type":"Property","value":3}}})";
  return record;
}

struct Figures {
  double per_second = 0;
  double seconds = 0;
  double group = 0;
  double p50_ms = 0, p99_ms = 0;
};

// Each answer sends the next batch, so that kUnderWay are always on their way.
struct Load {
  runtime::Committer& committer;
  std::atomic<std::size_t> next{0}, answered{0};
  std::promise<void> done;

  void Send() {
    const std::size_t first = next.fetch_add(kBatchRecords);
    if (first >= kRecords) return;
    journal::Batch batch;
    batch.admission = model::Admission::kObservation;
    batch.records.reserve(kBatchRecords);
    for (std::size_t i = 0; i < kBatchRecords; ++i) batch.records.push_back({Update(first + i), std::nullopt});
    committer.Append(std::move(batch), [this](const Result<journal::Committed>& result) {
      if (!result) {
        fmt::print(stderr, "journal_append: {}\n", result.error().message);
        std::exit(1);
      }
      if (answered.fetch_add(kBatchRecords) + kBatchRecords == kRecords) done.set_value();
      Send();
    });
  }
};

Figures ThroughCommitter(const fs::path& folder) {
  journal::EmbeddedOptions options;
  options.folder = folder;
  options.disk.ballast_bytes = 0;
  auto engine = journal::EmbeddedJournal::Open(options);
  if (!engine) std::abort();
  WallClock clock;
  Metrics metrics;
  runtime::Shards shards{2};
  runtime::Committer committer{**engine, shards, clock, metrics, Log{Log::Level::kWarn}};
  committer.SetSink([](std::size_t, std::span<const model::Record* const>) {});
  if (!committer.Start()) std::abort();
  shards.Start();
  Load load{committer, {}, {}, {}};
  const double begin = Now();
  for (std::size_t i = 0; i < kUnderWay; ++i) shards.Post(i % 2, [&load] { load.Send(); });
  load.done.get_future().wait();
  Figures figures;
  figures.seconds = Now() - begin;
  committer.Stop();
  shards.Stop();
  figures.per_second = static_cast<double>(kRecords) / figures.seconds;
  const double commits = static_cast<double>(metrics.Counter("bongsu_committer_commits_total", "").value());
  figures.group = static_cast<double>(kRecords) / commits;
  const Histogram& seconds = metrics.Histogram("bongsu_committer_commit_seconds", "");
  figures.p50_ms = seconds.Quantile(0.5) * 1000;
  figures.p99_ms = seconds.Quantile(0.99) * 1000;
  return figures;
}

// The same keys and envelopes straight into the engine, groups of the same size, made before the clock starts.
double RawEngine(const fs::path& folder, std::size_t group) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.max_background_jobs = 2;
  options.write_buffer_size = 32U << 20U;
  options.max_total_wal_size = 256U << 20U;
  options.compression = rocksdb::CompressionType::kZSTD;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, folder.string(), &opened).ok()) std::abort();
  const std::unique_ptr<rocksdb::DB> db{opened};
  std::vector<std::pair<std::string, std::string>> rows(kRecords);
  for (std::size_t i = 0; i < kRecords; ++i) {
    model::Record record = Update(i);
    record.position.seq = i / 16 + 1;
    rows[i].first = {static_cast<char>(0), static_cast<char>(record.position.partition)};
    for (unsigned shift = 64; shift > 0; shift -= 8) {
      rows[i].first.push_back(static_cast<char>((record.position.seq >> (shift - 8)) & 0xFFU));
    }
    (void)model::EncodeEnvelope(rows[i].second, record);
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const double begin = Now();
  for (std::size_t at = 0; at < kRecords;) {
    rocksdb::WriteBatch batch;
    for (const std::size_t end = std::min(kRecords, at + group); at < end; ++at)
      (void)batch.Put(rows[at].first, rows[at].second);
    if (!db->Write(synced, &batch).ok()) std::abort();
  }
  return static_cast<double>(kRecords) / (Now() - begin);
}

double CpuSeconds() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace
}  // namespace bongsu

int main() {
  using namespace bongsu;
  std::string pattern = (fs::temp_directory_path() / "bongsu-bench-XXXXXX").string();
  const fs::path root = ::mkdtemp(pattern.data());
  const double cpu = CpuSeconds();
  const Figures ours = ThroughCommitter(root / "committer");
  const double cores = (CpuSeconds() - cpu) / ours.seconds;
  const double raw = RawEngine(root / "raw", static_cast<std::size_t>(ours.group));
  fs::remove_all(root);
  json::Writer line;
  line.Object().Key("bench").String("journal_append").Key("value").Int(static_cast<std::int64_t>(ours.per_second));
  line.Key("unit").String("records/s").Key("budget").Int(static_cast<std::int64_t>(kBudget));
  line.Key("reference").String("raw RocksDB, same bytes and group size, rows made beforehand");
  line.Key("reference_value").Int(static_cast<std::int64_t>(raw)).Key("ratio").Double(ours.per_second / raw);
  line.Key("seconds").Double(ours.seconds).Key("cores").Double(cores);
  line.Key("machine_cores").Int(static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  line.Key("batch").Int(kBatchRecords).Key("in_flight").Int(kUnderWay).Key("group_records").Double(ours.group);
  line.Key("commit_p50_ms_at_most").Double(ours.p50_ms).Key("commit_p99_ms_at_most").Double(ours.p99_ms).End();
  fmt::print("{}\n", line.text());
  return 0;
}
