// SPDX-License-Identifier: Apache-2.0
// Changes entities through the committer as fast as the disk takes it, days passing in moments, while retention runs
// again and again. One line each: "ack PARTITION SEQ HASH" for an acknowledged record, "run MICROS" before a run of the
// keeper (its clock), "ran" after it. Ends only by a signal, by a power cut, or when something fails.
//   crash_kept_writer FOLDER SEED CLOCK_MICROS [CUT_AFTER_MS]
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "kept_house.hpp"
#include "model/entity_patch.hpp"
#include "model/envelope.hpp"
#include "power_cut.hpp"
#include "runtime/committer.hpp"

namespace bongsu::crash {
namespace {

constexpr int kEntities = 1200;
constexpr int kUnderWay = 4;            // batches a shard has in flight
constexpr Duration kStep = kDay / 100;  // that a batch takes

void Print(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) ::_exit(8);
}

model::EntityPatch RandomPatch(std::mt19937_64& random) {
  const std::string id = fmt::format("urn:ngsi-ld:Thing:{}", random() % kEntities);
  if (random() % 40 == 0) return {model::PatchOp::kDelete, id, {}};
  std::string note(random() % 300, ' ');
  for (char& c : note) c = static_cast<char>('a' + random() % 26);
  json::Object body{
      {"type", "x:Thing"},
      {"x:n", json::Object{{"type", "Property"}, {"value", static_cast<std::int64_t>(random() % 100'000)}}}};
  if (random() % 3 == 0) body.emplace_back("x:note", json::Object{{"type", "Property"}, {"value", note}});
  if (random() % 5 == 0) body.emplace_back("scope", fmt::format("/s{}", random() % 4));
  return {model::PatchOp::kUpsert, id, json::Value{std::move(body)}};
}

class Writer {
 public:
  Writer(KeptHouse& house, std::uint64_t seed)
      : house_{house}, committer_{*house.journal, house.shards, house.clock, house.metrics, house.log} {
    for (std::size_t shard = 0; shard < house.shards.size(); ++shard) random_.emplace_back(seed * 7 + shard);
  }
  bool Start() {
    committer_.SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      house_.live.OnCommitted(shard, records);
    });
    if (!committer_.Start()) return false;
    house_.shards.Start();
    house_.live.Start();
    for (std::size_t shard = 0; shard < house_.shards.size(); ++shard) {
      for (int i = 0; i < kUnderWay; ++i) house_.shards.Post(shard, [this, shard] { AppendOne(shard); });
    }
    return true;
  }
  /// For ever.
  void Keep() {
    for (;;) {
      Print(fmt::format("run {}\n", ToMicros(house_.Look())));
      if (const auto kept = house_.Keep(); !kept) {
        fmt::print(stderr, "crash_kept_writer: {}\n", kept.error().message);
        ::_exit(10);
      }
      Print("ran\n");
    }
  }

 private:
  void AppendOne(std::size_t shard) {
    house_.clock.Advance(kStep);
    journal::Batch batch;
    const std::size_t count = 1 + random_[shard]() % 20;
    for (std::size_t i = 0; i < count; ++i)
      batch.records.push_back(
          {model::ToRecord(RandomPatch(random_[shard]), 0, house_.clock.Now(), "crash", kPartitions), std::nullopt});
    committer_.Append(std::move(batch), [this, shard](const Result<journal::Committed>& result) {
      if (!result) ::_exit(9);
      std::string lines;
      std::string envelope;
      for (const model::Record& record : **result) {
        envelope.clear();
        (void)model::EncodeEnvelope(envelope, record);
        lines += fmt::format("ack {} {} {}\n", record.position.partition, record.position.seq, Hash64(envelope));
      }
      Print(lines);
      AppendOne(shard);
    });
  }

  KeptHouse& house_;
  std::vector<std::mt19937_64> random_;
  runtime::Committer committer_;
};

int Run(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const TimePoint now = FromMicros(std::strtoll(argv[3], nullptr, 10));
  const std::uint64_t cut_after_ms = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  const auto power = std::make_shared<PowerCutFileSystem>(rocksdb::FileSystem::Default(), argv[1]);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(power);
  auto house = KeptHouse::Open(argv[1], now, cut_after_ms > 0 ? env.get() : nullptr);
  if (!house) {
    fmt::print(stderr, "crash_kept_writer: {}\n", house.error().message);
    return 4;
  }
  Writer writer{**house, seed};
  if (!writer.Start()) return 5;
  std::thread keeping{[&writer] { writer.Keep(); }};
  if (cut_after_ms == 0) keeping.join();
  std::this_thread::sleep_for(std::chrono::milliseconds{cut_after_ms});
  power->Cut(seed);
}

}  // namespace
}  // namespace bongsu::crash

int main(int argc, char** argv) { return bongsu::crash::Run(argc, argv); }
