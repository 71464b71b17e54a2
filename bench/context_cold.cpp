// SPDX-License-Identifier: Apache-2.0
// Entities beyond memory: bytes of a cold entity beside a whole one; retrieves and a filter over HTTP where every
// entity is cold (each is read from the store and leaves memory again) and where all are whole; starts of both; rows
// of the store in batches of 256. Client and server share the process and the cores; files are in the system's cache.
#include "memory_in_use.hpp"
#include "ngsi_house.hpp"
#include "serve/ngsi/entity_reader.hpp"

namespace bongsu::bench {
namespace {

constexpr std::size_t kNoMemory = 1;  // byte

struct BytesAnEntity {
  double whole = 0;
  double cold = 0;
};

/// The fold with its indexes, and twice as many of which all went cold a thousand at a time, as they come: holes count.
BytesAnEntity Measure(std::size_t entities) {
  context::Context live{{}, {.memory_bytes = kNoMemory}};
  const auto always = [](const context::Entity&) { return true; };
  const std::size_t empty = BytesInUse();
  std::size_t whole = 0;
  for (std::size_t n = 0; n < 2 * entities; ++n) {
    auto read =
        ngsi::ReadEntityBody(json::Parse(Entity(n, n)).value(), *ngsi::LdContext::Core(), ngsi::ReadMode::kEntity)
            .value();
    model::Record record;
    record.kind = model::Kind::kEntity;
    record.position = {0, n + 1};
    record.ingest_time = FromMicros(static_cast<std::int64_t>(n) + 1);
    live.Apply(record, {model::PatchOp::kUpsert, read.id, std::move(read.body)});
    if (n + 1 == entities) whole = BytesInUse() - empty;
    if (n + 1 >= entities && (n + 1) % 1000 == 0) (void)live.Cool(SIZE_MAX, always);
  }
  if (live.warmth().cold() != 2 * entities) std::abort();
  return {static_cast<double>(whole) / static_cast<double>(entities),
          static_cast<double>(BytesInUse() - empty) / static_cast<double>(2 * entities)};
}

void Fill(House& house, std::size_t entities) {
  const Figures filled = Run(house.port(), 16, entities / 100, [](std::size_t n) {
    std::string body = "[";
    for (std::size_t i = 0; i < 100; ++i) body += (i > 0 ? "," : "") + Entity(n * 100 + i, i);
    return Request("POST", "/ngsi-ld/v1/entityOperations/create", body + "]");
  });
  if (filled.failed > 0) std::abort();
  std::promise<void> saved;
  house.live().FlushAll([&](const Result<void>&) { saved.set_value(); });
  saved.get_future().wait();
}

struct Seen {
  double start_s = 0;
  Figures retrieve;
  Figures filter;
  double cpu_us = 0;  // a retrieve, client and server
};

Seen See(const std::filesystem::path& folder, std::size_t entities, std::size_t memory_bytes) {
  Seen seen;
  const double begin = Now();
  House house{folder, memory_bytes};
  seen.start_s = Now() - begin;
  constexpr std::size_t kRetrieves = 20'000;
  const double cpu = CpuSeconds();
  seen.retrieve = Run(house.port(), 4, kRetrieves, [&](std::size_t n) {
    return Request("GET", fmt::format("/ngsi-ld/v1/entities/urn:ngsi-ld:Station:{:07}", (n * 7919) % entities));
  });
  seen.cpu_us = (CpuSeconds() - cpu) * 1e6 / kRetrieves;
  // No index serves it: every entity of the type is held against it.
  seen.filter = Run(house.port(), 1, 4, [](std::size_t n) {
    return Request("GET", fmt::format("/ngsi-ld/v1/entities?type=Station&q=pm25!={}&limit=20&count=true", n));
  });
  return seen;
}

/// Microseconds a row.
double Rows(const std::filesystem::path& folder, std::size_t entities) {
  const auto state = store::RocksState::Open({(folder / "state").string()}).value();
  constexpr std::size_t kBatch = 256;
  constexpr std::size_t kRounds = 200;
  context::Names names;
  std::size_t bytes = 0;
  const double begin = Now();
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<store::EntityKey> keys;
    for (std::size_t i = 0; i < kBatch; ++i) {
      const auto id = fmt::format("urn:ngsi-ld:Station:{:07}", ((round * kBatch + i) * 7919) % entities);
      keys.push_back({model::PartitionOf(0, id, 16), 0, id});
    }
    const auto read = state->ReadRows(keys, [&](std::size_t, std::string_view row) -> Result<void> {
      bytes += row.size();
      return context::Decode(row, names) ? Result<void>{} : Fail(Code::kCorrupt, "bench", "row");
    });
    if (!read) std::abort();
  }
  return (Now() - begin) * 1e6 / (kBatch * kRounds);
}

int Main(std::size_t entities) {
  const BytesAnEntity bytes = Measure(entities);
  const auto folder = MakeFolder();
  const double begin = Now();
  {
    House house{folder};
    Fill(house, entities);
  }
  const Seen cold = See(folder, entities, kNoMemory);
  const Seen whole = See(folder, entities, 0);
  const double row_us = Rows(folder, entities);
  const auto tenths = [](double value) { return std::round(value * 10) / 10; };
  const auto thousandths = [](double value) { return std::round(value * 1000) / 1000; };
  json::Writer line;
  line.Object().Key("bench").String("context_cold").Key("value").Double(std::round(bytes.cold)).Key("unit");
  line.String("bytes a cold entity").Key("reference").String("the same whole").Key("reference_value");
  line.Double(std::round(bytes.whole)).Key("ratio").Double(thousandths(bytes.cold / bytes.whole));
  line.Key("seconds").Double(tenths(Now() - begin)).Key("entities").Int(static_cast<std::int64_t>(entities));
  const auto add = [&](const std::string& what, const Seen& seen) {
    line.Key("retrieve_" + what + "_p50_ms").Double(thousandths(seen.retrieve.p50_ms));
    line.Key("retrieve_" + what + "_p99_ms").Double(thousandths(seen.retrieve.p99_ms));
    line.Key("retrieve_" + what + "_per_second").Double(std::round(seen.retrieve.per_second));
    line.Key("retrieve_" + what + "_cpu_us").Double(tenths(seen.cpu_us));
    line.Key("filter_" + what + "_ms").Double(tenths(seen.filter.p50_ms));
    line.Key("start_" + what + "_s").Double(thousandths(seen.start_s));
  };
  add("cold", cold);
  add("whole", whole);
  line.Key("row_us").Double(thousandths(row_us));
  line.Key("failed").Int(static_cast<std::int64_t>(cold.retrieve.failed + cold.filter.failed + whole.retrieve.failed +
                                                   whole.filter.failed));
  line.End();
  fmt::print("{}\n", line.text());
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::Main(argc > 1 ? std::stoul(argv[1]) : 100'000); }
