// SPDX-License-Identifier: Apache-2.0
// Appends records through the committer as fast as the disk takes them and prints one line for each acknowledged one:
// "partition seq hash\n", hash = XXH3 of its envelope. Ends only by a signal, by a power cut, or when an append fails.
//   crash_writer FOLDER SEED [CUT_AFTER_MS]
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "know/journal/embedded/embedded_journal.hpp"
#include "model/envelope.hpp"
#include "power_cut.hpp"
#include "runtime/committer.hpp"

namespace bongsu::crash {
namespace {

constexpr std::size_t kShards = 2;
constexpr int kUnderWay = 8;  // batches a shard has in flight

journal::Batch RandomBatch(std::mt19937_64& random) {
  journal::Batch batch;
  batch.admission = random() % 8 == 0 ? model::Admission::kUrgent : model::Admission::kEvent;
  const std::size_t count = 1 + random() % 20;
  for (std::size_t i = 0; i < count; ++i) {
    model::Record record;
    record.kind = i == 0 ? model::Kind::kEvent : model::Kind::kEntity;
    record.position.partition = random() % 10 == 0 ? model::DeskPartition(static_cast<std::uint16_t>(random() % 3))
                                                   : static_cast<std::uint16_t>(random() % 16);
    record.event_time = FromMicros(static_cast<std::int64_t>(random() % 1'000'000'000'000ULL));
    record.source = "source-" + std::to_string(random() % 100);
    record.subject = "urn:ngsi-ld:Thing:" + std::to_string(random() % 1000);
    record.dedupe = Hash128{random(), random()};
    record.payload.resize(random() % 200 == 0 ? 100'000 : 10 + random() % 1500);
    for (char& c : record.payload) c = static_cast<char>('a' + random() % 26);
    batch.records.push_back({std::move(record), i == 0 ? std::nullopt : std::optional<std::size_t>{0}});
  }
  return batch;
}

class Writer {
 public:
  Writer(journal::JournalPort& engine, std::uint64_t seed)
      : committer_{engine, shards_, clock_, metrics_, Log{Log::Level::kError}} {
    for (std::size_t shard = 0; shard < kShards; ++shard) random_[shard].seed(seed * kShards + shard);
  }
  bool Start() {
    if (!committer_.Start()) return false;
    shards_.Start();
    for (std::size_t shard = 0; shard < kShards; ++shard) {
      for (int i = 0; i < kUnderWay; ++i) shards_.Post(shard, [this, shard] { AppendOne(shard); });
    }
    return true;
  }

 private:
  void AppendOne(std::size_t shard) {
    committer_.Append(RandomBatch(random_[shard]), [this, shard](const Result<journal::Committed>& result) {
      if (!result) ::_exit(9);
      std::string lines, envelope;
      for (const model::Record& record : **result) {
        envelope.clear();
        (void)model::EncodeEnvelope(envelope, record);
        lines += fmt::format("{} {} {}\n", record.position.partition, record.position.seq, Hash64(envelope));
      }
      if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) ::_exit(8);
      AppendOne(shard);
    });
  }

  WallClock clock_;
  Metrics metrics_;
  runtime::Shards shards_{kShards};
  std::mt19937_64 random_[kShards];
  runtime::Committer committer_;
};

int Run(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t cut_after_ms = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  const auto power = std::make_shared<PowerCutFileSystem>(rocksdb::FileSystem::Default(), argv[1]);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(power);

  journal::EmbeddedOptions options;
  options.folder = argv[1];
  options.disk.ballast_bytes = 0;
  if (cut_after_ms > 0) options.env = env.get();
  auto engine = journal::EmbeddedJournal::Open(options, Log{Log::Level::kError});
  if (!engine) {
    fmt::print(stderr, "crash_writer: {}\n", engine.error().message);
    return 4;
  }
  Writer writer{**engine, seed};
  if (!writer.Start()) return 5;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t turn = 0;; ++turn) {  // flushes make sorted files, so that every kind of write is under way
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    if (turn % 8 == 7) (void)(*engine)->Flush();
    const auto ran = std::chrono::steady_clock::now() - begin;
    if (cut_after_ms > 0 && ran >= std::chrono::milliseconds{cut_after_ms}) power->Cut(seed);
  }
}

}  // namespace
}  // namespace bongsu::crash

int main(int argc, char** argv) { return bongsu::crash::Run(argc, argv); }
