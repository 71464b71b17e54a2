// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The command line and the configuration file of `bongsu serve` (docs/configuration.md).

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config.hpp"

namespace bongsu::app {

struct ServerConfig {
  std::string city;             ///< Folder of the city; empty for none.
  std::string packs = "packs";  ///< Folder of packs; relative to the working folder.
  std::int64_t shards = 2;
  std::int64_t partitions = 16;
  double reserve_mb = 512;
  std::int64_t temporal_instances = 100'000;
  std::int64_t query_entities = 10'000;
  double query_memory_mb = 64;
  std::vector<std::string> query_indexes;  ///< Attributes found by their values from the start.
  double query_index_mb = 128;
  double context_memory_mb = 0;
  std::int64_t waiting_events = 100'000;
  std::int64_t waiting_observations = 200'000;
  std::int64_t checkpoint_records = 5'000;
  double retention_data_days = 400;
  double retention_data_gb = 0;
  double retention_desk_days = 1100;
  double retention_desk_gb = 0;
  double retention_every_s = 600;
  double slow_disk_ms = 500;
  std::string public_url;
  std::string seal_folder;
  std::string seal_syslog;
  std::string ld_contexts;  ///< Folder with index.json of @context documents known by address; empty for none.
  std::int64_t subscription_records = 5'000'000;
  Duration subscription_time = 24h;
  json::Value sources;     ///< Read by sense/.
  json::Value connectors;  ///< Read by sense/.
  yaml::Node peers;        ///< Read by act/dispatch.
};

template <class Visitor>
void Describe(Visitor& v, ServerConfig& c) {
  v.Field("city", c.city, "Folder with city.json and the base map; empty for none.");
  v.Field("packs", c.packs, "Folder with the city services (packs).");
  v.Field("shards", c.shards, "Threads that own partitions; may change at each start.");
  v.Field("partitions", c.partitions, "Data partitions; fixed when the data directory is made.");
  v.Field("reserve_mb", c.reserve_mb, "Free disk below which data writes are refused (507) while the desk goes on.");
  v.Field("temporal_instances", c.temporal_instances,
          "Instances in one answer about history; what is beyond is partial content (206).");
  v.Field("query_entities", c.query_entities, "Most entities that one query may ask for (limit).");
  v.Field("query_memory_mb", c.query_memory_mb,
          "Memory one query may hold, for ids up to its page and for texts that cannot be sent as they come.");
  v.Field("query_indexes", c.query_indexes,
          "Attributes whose values are indexed from the start, by IRI or core name (docs/ngsi-ld.md).");
  v.Field("query_index_mb", c.query_index_mb,
          "Memory for indexes of values; beyond it the one that was not asked for longest goes.");
  v.Field("context_memory_mb", c.context_memory_mb,
          "Memory for attributes of entities; beyond it those that rest are read from the store when asked for; 0: all "
          "of them stay in memory.");
  v.Field("waiting_events", c.waiting_events,
          "Records of events that may wait for the disk, half of them of one tenant; beyond it senders are told 429.");
  v.Field("waiting_observations", c.waiting_observations,
          "The same of observations; what agencies call urgent and what people do has room of its own.");
  v.Field("checkpoint_records", c.checkpoint_records,
          "Records after which a desk gets a new checkpoint; a start folds at most about this many.");
  v.Field("retention_data_days", c.retention_data_days,
          "Days for which what linked systems said is kept, at least 7; 0: no limit by age.");
  v.Field("retention_data_gb", c.retention_data_gb,
          "Gigabytes it may take, the oldest leaves first, never the last 7 days; 0: no limit.");
  v.Field("retention_desk_days", c.retention_desk_days,
          "Days for which alarms, incidents, acts and the audit trail are kept, at least 365; 0: no limit by age.");
  v.Field("retention_desk_gb", c.retention_desk_gb,
          "Gigabytes they may take, the oldest leave first, never the last 365 days; 0: no limit.");
  v.Field("retention_every_s", c.retention_every_s, "Seconds between two looks at the limits, at least 1.");
  v.Field("slow_disk_ms", c.slow_disk_ms,
          "A synced write that takes this many milliseconds is slow: after six seconds of it an alarm; 0: none.");
  v.Field("public_url", c.public_url,
          "Address under which browsers and agencies reach this server, when it is another than the one listened on.");
  v.Field("seal_folder", c.seal_folder, "Second folder, on another machine, that gets the seals of the audit chain.");
  v.Field("seal_syslog", c.seal_syslog, "Syslog collector that gets them: udp://HOST:514 or tcp://HOST:601.");
  v.Field("ld_contexts", c.ld_contexts,
          "Folder of JSON-LD @context documents known by address, with index.json (docs/ngsi-ld.md).");
  v.Field("subscription_records", c.subscription_records,
          "Journal records a subscription may be behind before it gives up what it missed (status gap).");
  v.Field("subscription_time", c.subscription_time, "Platform time it may be behind.");
  v.Field("sources", c.sources, "Linked systems beyond those of the packs (docs/formats/mapping.md).");
  v.Field("connectors", c.connectors, "Brokers and listeners (docs/formats/mapping.md).");
  v.Field("peers", c.peers, "Agencies and web hooks that are told (docs/formats/notices.md).");
}

struct VirtualClock {
  double scale = 1;
  TimePoint epoch{};
};

struct ServeOptions {
  std::string data;  ///< Data directory.
  std::string keys;  ///< Keys folder; DATA.keys when not given.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool open = false;  ///< No sign-in; loopback only.
  std::optional<VirtualClock> clock;
  std::string config_file;
  ServerConfig config;
};

/// @param args  what follows "serve"
/// @errors kInvalidArgument app.usage and those of the configuration file
Result<ServeOptions> ParseServe(std::span<const std::string> args);

std::string ServeHelp();

}  // namespace bongsu::app
