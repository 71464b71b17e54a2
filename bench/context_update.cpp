// SPDX-License-Identifier: Apache-2.0
// Entity updates over HTTP, acknowledged after the sync: batches of 100 on 16 connections, and single ones on 64.
// Client and server share the process and the cores. The reference is one synced RocksDB write of the same JSON a
// batch.
#include <rocksdb/db.h>

#include "ngsi_house.hpp"

namespace bongsu::bench {
namespace {

constexpr std::size_t kEntities = 100'000;
constexpr std::size_t kBatch = 100;
constexpr double kBudget = 150'000;       // a second, in batches
constexpr double kBudgetSingle = 25'000;  // a second, one by one

std::string BatchOf(std::size_t number) {
  std::string body = "[";
  for (std::size_t i = 0; i < kBatch; ++i)
    body += (i > 0 ? "," : "") + Entity((number * kBatch + i) % kEntities, number + i);
  return Request("POST", "/ngsi-ld/v1/entityOperations/upsert?options=update", body + "]");
}

std::string Single(std::size_t number) {
  return Request("PATCH",
                 fmt::format("/ngsi-ld/v1/entities/urn:ngsi-ld:Station:{:07}/attrs", (number * 7919) % kEntities),
                 fmt::format(R"({{"pm10":{{"type":"Property","value":{},"unitCode":"GQ"}}}})", number % 200));
}

double Reference(const std::filesystem::path& folder, std::size_t batches) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open(options, (folder / "reference").string(), &db).ok()) std::abort();
  const std::unique_ptr<rocksdb::DB> owned{db};
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const double begin = Now();
  for (std::size_t n = 0; n < batches; ++n) {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < kBatch; ++i)
      batch.Put(std::to_string(n * kBatch + i), Entity((n * kBatch + i) % kEntities, n + i));
    if (!db->Write(synced, &batch).ok()) std::abort();
  }
  return static_cast<double>(batches * kBatch) / (Now() - begin);
}

int Main(std::size_t rounds) {
  const auto folder = MakeFolder();
  {
    House house{folder};
    const std::size_t fill = kEntities / kBatch;
    const Figures filled = Run(house.port(), 16, fill, BatchOf);
    const double cpu = CpuSeconds();
    const double generator = CpuSeconds(RUSAGE_THREAD);
    const Figures batched = Run(house.port(), 16, fill * rounds, [&](std::size_t n) { return BatchOf(n + fill); });
    const double generator_us = (CpuSeconds(RUSAGE_THREAD) - generator) * 1e6 / static_cast<double>(kEntities * rounds);
    const double cores = (CpuSeconds() - cpu) / batched.seconds;
    const double server_us = (CpuSeconds() - cpu) * 1e6 / static_cast<double>(kEntities * rounds) - generator_us;
    const double behind = house.save_seconds() + 1.0;
    const Figures single = Run(house.port(), 64, 20'000, Single);
    // Open loop, at half of the first milestones.
    const Figures half_batched = Run(house.port(), 16, 3 * fill, [&](std::size_t n) { return BatchOf(n + fill); }, 200);
    const Figures half_single = Run(house.port(), 64, 30'000, Single, 5000);
    const double reference = Reference(folder, 1000);
    const double value = batched.per_second * kBatch;
    json::Writer line;
    line.Object()
        .Key("bench")
        .String("context_update")
        .Key("value")
        .Double(std::round(value))
        .Key("unit")
        .String("updates/s");
    line.Key("budget")
        .Double(kBudget)
        .Key("reference")
        .String("RocksDB, one synced write a batch of 100")
        .Key("reference_value")
        .Double(std::round(reference));
    line.Key("ratio")
        .Double(std::round(value / reference * 100) / 100)
        .Key("seconds")
        .Double(std::round(batched.seconds * 10) / 10);
    line.Key("cores")
        .Double(std::round(cores * 100) / 100)
        .Key("server_cpu_us_an_update")
        .Double(std::round(server_us * 10) / 10)
        .Key("generator_cpu_us_an_update")
        .Double(std::round(generator_us * 10) / 10);
    line.Key("fill_per_second").Double(std::round(filled.per_second * kBatch));
    line.Key("batch_p50_ms")
        .Double(std::round(batched.p50_ms * 100) / 100)
        .Key("batch_p99_ms")
        .Double(std::round(batched.p99_ms * 100) / 100);
    line.Key("single_per_second").Double(std::round(single.per_second)).Key("single_budget").Double(kBudgetSingle);
    line.Key("single_p50_ms")
        .Double(std::round(single.p50_ms * 100) / 100)
        .Key("single_p99_ms")
        .Double(std::round(single.p99_ms * 100) / 100);
    line.Key("at_20000_in_batches_p50_ms")
        .Double(std::round(half_batched.p50_ms * 100) / 100)
        .Key("at_20000_in_batches_p99_ms")
        .Double(std::round(half_batched.p99_ms * 100) / 100)
        .Key("at_5000_single_p50_ms")
        .Double(std::round(half_single.p50_ms * 100) / 100)
        .Key("at_5000_single_p99_ms")
        .Double(std::round(half_single.p99_ms * 100) / 100);
    line.Key("state_behind_s")
        .Double(std::round(behind * 100) / 100)
        .Key("failed")
        .Int(static_cast<std::int64_t>(filled.failed + batched.failed + single.failed + half_batched.failed +
                                       half_single.failed))
        .End();
    fmt::print("{}\n", line.text());
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::Main(argc > 1 ? std::stoul(argv[1]) : 5); }
