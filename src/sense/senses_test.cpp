// SPDX-License-Identifier: Apache-2.0
// The packs' mappings over golden messages: bytes in, records out, as data in golden/*.json and packs/*/samples/*.json.
// BONGSU_UPDATE_GOLDEN=1 writes down what comes out now; read the difference before you commit it.
#include "sense/senses.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "sense/ingest/fake_append.hpp"
#include "sense/registry.hpp"

namespace bongsu::sense {
namespace {

namespace fs = std::filesystem;

/// The senses of the repository's packs over a fake journal, one shard.
struct House {
  explicit House(std::string_view now) : clock{*ParseTime(now)} {
    Definition definition;
    const auto read = definition.AddPacks("packs");
    EXPECT_TRUE(read) << read.error().message;
    auto made = Senses::Make({.shards = shards,
                              .append = append,
                              .clock = clock,
                              .metrics = metrics,
                              .log = log,
                              .tenant_ordinal = [](std::string_view) { return std::optional<std::uint16_t>{0}; },
                              .place_of = {},
                              .read_record = {}},
                             std::move(definition));
    EXPECT_TRUE(made) << made.error().message;
    senses = *std::move(made);
    shards.Start();
  }
  ~House() { shards.Stop(); }

  ingest::Outcome Give(const json::Value& message) {
    std::promise<ingest::Outcome> promise;
    const auto source = senses->gate().Find(message["tenant"].AsString("default"), message["source"].AsString());
    EXPECT_TRUE(source) << message["source"].AsString();
    if (!source) return {};
    ingest::Delivery delivery;
    delivery.topic = message["topic"].AsString();
    const std::string bytes =
        message["bytes"].IsString() ? std::string(message["bytes"].AsString()) : json::ToString(message["bytes"]);
    delivery.rows = *ingest::SplitBody(message["content_type"].AsString("text/plain"), bytes);
    senses->gate().Submit(source, std::move(delivery),
                          [&](ingest::Outcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
  }

  ManualClock clock;
  Metrics metrics;
  runtime::Shards shards{1};
  ingest::FakeAppend append{clock};
  Log log{Log::Level::kOff};
  std::unique_ptr<Senses> senses;
};

json::Value Shown(const model::Record& record) {
  json::Value shown;
  shown.Set("kind", static_cast<int>(record.kind));
  shown.Set("at", FormatUtc(record.event_time));
  const json::Value payload = json::Parse(record.payload).value_or(json::Value{});
  if (record.kind == model::Kind::kQuarantine) {
    shown.Set("reason", payload["reason"]);
    shown.Set("message", payload["message"]);
  } else {
    shown.Set("payload", payload);
  }
  return shown;
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> GoldenFiles() {
  std::vector<std::string> files;
  for (const char* const folder : {"src/sense/golden", "packs"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

void CheckGolden(const fs::path& path) {
  auto file = json::Parse(ReadText(path));
  ASSERT_TRUE(file) << file.error().message;
  House house{(*file)["now"].AsString()};
  const bool update = std::getenv("BONGSU_UPDATE_GOLDEN") != nullptr;

  json::Array messages = (*file)["messages"].AsArray();
  for (json::Value& message : messages) {
    const std::size_t before = house.append.log.size();
    house.Give(message);
    json::Array records;
    for (std::size_t i = before; i < house.append.log.size(); ++i) records.push_back(Shown(house.append.log[i]));
    if (update) {
      message.Set("records", std::move(records));
    } else {
      EXPECT_EQ(json::ToString(json::Value{records}), json::ToString(message["records"]))
          << json::ToString(message["bytes"]);
    }
  }

  if (!update) return;
  std::string text = fmt::format("{{\"now\": {},\n \"messages\": [\n", json::ToString((*file)["now"]));
  for (std::size_t i = 0; i < messages.size(); ++i)
    text += json::ToString(messages[i]) + (i + 1 < messages.size() ? ",\n" : "\n");
  std::ofstream(path, std::ios::binary) << text << "]}\n";
}

TEST(Golden, MessagesBecomeTheRecordsThatAreWrittenDown) {
  const auto files = GoldenFiles();
  EXPECT_GE(files.size(), 4U);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    CheckGolden(file);
  }
}

TEST(Senses, EverySourceOfThePacksReadsWithItsMappings) {
  const House house{"2026-11-22T01:00:00Z"};

  EXPECT_GE(house.senses->gate().sources().size(), 20U);
}

TEST(Senses, TheServersOwnConfigurationReplacesASourceAndItsSecretsAreNotShown) {
  Definition definition;
  ASSERT_TRUE(definition.AddPacks("packs"));
  const auto sources =
      json::Parse(R"([{"id":"112","kind":"safety_net","mappings":["agency-112"],"api_key":"top-secret"}])");

  ASSERT_TRUE(definition.AddServerConfig(*sources, json::Value{}, "bongsu.yaml"));

  const auto found = std::ranges::find(definition.config.sources, "112", &ingest::SourceConfig::id);
  ASSERT_NE(found, definition.config.sources.end());
  EXPECT_EQ(found->mappings, std::vector<std::string>{"agency-112"});
  EXPECT_EQ(ingest::Redacted(*found)["api_key"].AsString(), "***");
}

TEST(Senses, WhatNoConnectorKnowsIsAnErrorWithItsPlace) {
  const auto refused = [](std::string_view text) {
    Definition definition;
    const auto read = ingest::ReadSenseConfig(text, "s.yaml", definition.connectors, definition.config);
    return read ? std::string("taken") : read.error().message;
  };

  EXPECT_TRUE(refused("sources:\n  - {id: x, colour: 1}\n").starts_with("s.yaml:2:13: unknown key 'colour'"));
  EXPECT_TRUE(
      refused("sources:\n  - {id: x, kind: http, topics: [a]}\n").starts_with("s.yaml:2:25: unknown key 'topics'"));
  EXPECT_TRUE(refused("sources:\n  - {id: x, kind: pigeon}\n").starts_with("s.yaml:2:19: source 'x': kind is one of"));
  EXPECT_TRUE(refused("connectors:\n  pigeon: {}\n").starts_with("s.yaml:2:3: unknown key 'pigeon'"));
  EXPECT_TRUE(
      refused("connectors:\n  syslog: {udp: \"\", colour: 1}\n").starts_with("s.yaml:2:21: unknown key 'colour'"));
  EXPECT_TRUE(refused("connectors:\n  mqtt: [{id: b, keep_alive: soon}]\n").starts_with("s.yaml:2:30: "));
  EXPECT_EQ(refused("connectors:\n  syslog: {udp: \"127.0.0.1:0\"}\nsources:\n  - {id: x, kind: mqtt, topics: [a], "
                    "mappings: [m]}\n"),
            "taken");
}

TEST(Senses, TheServersOwnConfigurationNamesItsFileWhenItIsWrong) {
  Definition definition;

  EXPECT_FALSE(definition.AddServerConfig(*json::Parse(R"([{"id":"x","colour":1}])"), json::Value{}, "bongsu.yaml"));
}

/// What a manifest lists, in the words of config::FieldDoc.
json::Value Listed(const std::vector<config::FieldDoc>& fields) {
  json::Array list;
  for (const config::FieldDoc& field : fields) {
    json::Value item;
    item.Set("name", field.name);
    item.Set("type", field.type);
    item.Set("default", field.value);
    item.Set("doc", field.doc);
    list.push_back(std::move(item));
  }
  return json::Value{std::move(list)};
}

TEST(Senses, EveryFolderOfConnectorsIsInTheHouseAndItsManifestSaysWhatItsCodeSays) {
  const ingest::Connectors all = AllConnectors();
  std::size_t folders = 0;
  for (const auto& folder : fs::directory_iterator("src/sense/connectors")) {
    const auto manifest = yaml::Parse(ReadText(folder.path() / "manifest.yaml"), folder.path().filename().string());
    ASSERT_TRUE(manifest) << manifest.error().message;
    ++folders;

    const json::Value said = yaml::ToJson(*manifest);
    const auto found =
        std::ranges::find(all, said["id"].AsString(), [](const auto& connector) { return connector->kind(); });

    ASSERT_NE(found, all.end()) << folder.path();
    EXPECT_EQ(json::ToString(said["arguments"]), json::ToString(Listed((*found)->Arguments()))) << folder.path();
    EXPECT_EQ(json::ToString(said["source_arguments"]), json::ToString(Listed((*found)->SourceArguments())))
        << folder.path();
  }
  EXPECT_EQ(folders, all.size());
}

}  // namespace
}  // namespace bongsu::sense
