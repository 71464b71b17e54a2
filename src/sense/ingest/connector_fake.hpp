// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A house for the tests of one connector: the real gate on one shard, a fake journal, the sources of a YAML text.

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "sense/ingest/connector.hpp"
#include "sense/ingest/fake_append.hpp"

namespace bongsu::ingest {

class ConnectorHouse {
 public:
  /// @param mappings  documents of docs/formats/mapping.md
  /// @param config    `sources` and `connectors`
  ConnectorHouse(std::unique_ptr<Connector> made, std::string_view mappings, std::string_view config) {
    connectors_.push_back(std::move(made));
    MappingSet set;
    Decoders decoders = connectors_[0]->Formats();
    for (const auto& [word, decoder] : decoders) set.AllowFormat(word);
    gate.SetDecoders(std::move(decoders));
    SenseConfig read;
    opened = set.AddFile(mappings, "mappings");
    if (opened) opened = ReadSenseConfig(config, "config", connectors_, read);
    for (SourceConfig& source : read.sources) {
      if (opened) opened = gate.AddSource(std::move(source), set);
    }
    connector().Attach({shards, gate, clock, metrics, log});
    shards.Start();
    if (opened) opened = connector().Start();
  }
  ~ConnectorHouse() {
    connector().Stop();
    shards.Stop();
  }
  ConnectorHouse(const ConnectorHouse&) = delete;
  ConnectorHouse& operator=(const ConnectorHouse&) = delete;

  Connector& connector() { return *connectors_[0]; }

  /// Runs `work` on the shard and waits for what it gives.
  template <class Work>
  auto OnShard(Work work) {
    std::promise<decltype(work())> promise;
    shards.Post(0, [&] { promise.set_value(work()); });
    return promise.get_future().get();
  }
  /// Payloads of what is in the journal, without entities.
  std::vector<json::Value> Records() {
    return OnShard([&] {
      std::vector<json::Value> payloads;
      for (const model::Record& record : append.log) {
        if (record.kind != model::Kind::kEntity)
          payloads.push_back(json::Parse(record.payload).value_or(json::Value{}));
      }
      return payloads;
    });
  }
  ConnectorStatus StatusOf(std::string_view source) {
    std::promise<ConnectorStatus> promise;
    gate.Look("default", [&](std::vector<ConnectorStatus> statuses) {
      for (ConnectorStatus& status : statuses) {
        if (status.source != source) continue;
        connector().Describe(status);
        return promise.set_value(std::move(status));
      }
      promise.set_value({});
    });
    return promise.get_future().get();
  }
  /// Waits for what other threads and the system do; false after 20 s.
  template <class Condition>
  static bool Eventually(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
  }

  WallClock clock;
  Metrics metrics;
  runtime::Shards shards{1};
  FakeAppend append{clock};
  Log log{Log::Level::kOff};
  Gate gate{GateDeps{.shards = shards,
                     .append = append,
                     .clock = clock,
                     .metrics = metrics,
                     .log = log,
                     .tenant_ordinal = [](std::string_view) { return std::optional<std::uint16_t>{0}; },
                     .place_of = {},
                     .read_record = {}}};
  Result<void> opened;

 private:
  Connectors connectors_;
};

}  // namespace bongsu::ingest
