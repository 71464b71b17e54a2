// SPDX-License-Identifier: Apache-2.0
// Reading the live context over HTTP (keep-alive): one entity, what is near, a filter over a type; memory an entity;
// and how long a start takes with that many entities on disk. Client and server share the process and the cores.

#include "memory_in_use.hpp"
#include "ngsi_house.hpp"
#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::bench {
namespace {

constexpr double kBudget = 80'000;     // retrieves a second
constexpr double kBudgetBytes = 2147;  // an entity of five attributes: 2 GiB a million

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

/// In-process, without a socket: the same entity found and written as JSON.
double Reference(House& house, std::size_t entities, std::size_t rounds) {
  std::promise<double> seconds;
  house.shards().Post(0, [&] {
    const double begin = Now();
    std::size_t found = 0;
    for (std::size_t n = 0; n < rounds; ++n) {
      std::string out;
      const auto* entity =
          house.live().context(0).Find(0, fmt::format("urn:ngsi-ld:Station:{:07}", (n * 7919) % entities));
      if (entity == nullptr) continue;
      ++found;
      ngsi::AppendEntity(out, *entity, {});
    }
    seconds.set_value((Now() - begin) / static_cast<double>(std::max<std::size_t>(found, 1)));
  });
  return 1.0 / seconds.get_future().get();
}

struct BytesAnEntity {
  double context = 0;        // the fold with its indexes
  double view = 0;           // what replicas hold of it, once, with the first of them
  double more_replicas = 0;  // the indexes of each further replica
};

BytesAnEntity Measure(std::size_t entities) {
  const auto each = static_cast<double>(entities);
  context::Context live;
  const std::size_t empty = BytesInUse();
  for (std::size_t n = 0; n < entities; ++n) {
    auto read =
        ngsi::ReadEntityBody(json::Parse(Entity(n, n)).value(), *ngsi::LdContext::Core(), ngsi::ReadMode::kEntity)
            .value();
    model::Record record;
    record.kind = model::Kind::kEntity;
    record.position = {0, n + 1};
    record.ingest_time = FromMicros(static_cast<std::int64_t>(n) + 1);
    live.Apply(record, {model::PatchOp::kUpsert, read.id, std::move(read.body)});
  }
  const std::size_t folded = BytesInUse();
  context::Replica first;
  context::Replica second;
  std::vector<context::SharedView> views;
  views.reserve(entities);
  live.ForEach([&](const context::Entity& entity) { views.push_back(first.See(entity)); });
  for (const auto& view : views) first.Put(0, view);
  const std::size_t viewed = BytesInUse();
  for (const auto& view : views) second.Put(0, view);
  const std::size_t twice = BytesInUse();
  return {static_cast<double>(folded - empty) / each,
          static_cast<double>(viewed - folded) / each - sizeof(context::SharedView),
          static_cast<double>(twice - viewed) / each};
}

int Main(std::size_t entities) {
  const BytesAnEntity bytes = Measure(entities);
  const auto folder = MakeFolder();
  Figures retrieve;
  Figures near;
  Figures filter;
  double reference = 0;
  double cores = 0;
  {
    House house{folder};
    Fill(house, entities);
    const double cpu = CpuSeconds();
    retrieve = Run(house.port(), 64, 100'000, [&](std::size_t n) {
      return Request("GET", fmt::format("/ngsi-ld/v1/entities/urn:ngsi-ld:Station:{:07}", (n * 7919) % entities));
    });
    cores = (CpuSeconds() - cpu) / retrieve.seconds;
    near = Run(house.port(), 16, 5'000, [](std::size_t n) {
      return Request(
          "GET", fmt::format(
                     "/ngsi-ld/v1/"
                     "entities?type=Station&georel=near;maxDistance==150&geometry=Point&coordinates=%5B{:.5f},35.71%5D",
                     126.5 + static_cast<double>(n % 1000) * 0.0003));
    });
    filter = Run(house.port(), 4, 20, [](std::size_t n) {
      return Request("GET",
                     fmt::format("/ngsi-ld/v1/entities?type=Station&q=pm10%3E{}&limit=20&count=true", 150 + n % 40));
    });
    reference = Reference(house, entities, 200'000);
  }
  const double begin = Now();
  double start = 0;
  {
    House house{folder};
    start = Now() - begin;
  }
  json::Writer line;
  line.Object()
      .Key("bench")
      .String("context_query")
      .Key("value")
      .Double(std::round(retrieve.per_second))
      .Key("unit")
      .String("retrieves/s");
  line.Key("budget")
      .Double(kBudget)
      .Key("reference")
      .String("find and write the same entities without a socket, one thread")
      .Key("reference_value")
      .Double(std::round(reference));
  line.Key("ratio")
      .Double(std::round(retrieve.per_second / reference * 1000) / 1000)
      .Key("seconds")
      .Double(std::round(retrieve.seconds * 10) / 10);
  line.Key("cores").Double(std::round(cores * 100) / 100).Key("p99_ms").Double(std::round(retrieve.p99_ms * 100) / 100);
  line.Key("near_per_second")
      .Double(std::round(near.per_second))
      .Key("filter_ms")
      .Double(std::round(filter.p50_ms * 10) / 10);
  line.Key("entities")
      .Int(static_cast<std::int64_t>(entities))
      .Key("context_bytes_an_entity")
      .Double(std::round(bytes.context));
  line.Key("replica_bytes_an_entity")
      .Double(std::round(bytes.view))
      .Key("bytes_a_further_replica")
      .Double(std::round(bytes.more_replicas));
  line.Key("bytes_of_two_shards")
      .Double(std::round(bytes.context + bytes.view + bytes.more_replicas))
      .Key("bytes_budget")
      .Double(kBudgetBytes)
      .Key("start_s")
      .Double(std::round(start * 100) / 100)
      .Key("failed")
      .Int(static_cast<std::int64_t>(retrieve.failed + near.failed + filter.failed))
      .End();
  fmt::print("{}\n", line.text());
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::Main(argc > 1 ? std::stoul(argv[1]) : 100'000); }
