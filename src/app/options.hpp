// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The command line and the configuration file of `bongsu serve` (docs/configuration.md).

#include <optional>
#include <span>
#include <string>

#include "base/config.hpp"

namespace bongsu::app {

struct ServerConfig {
  std::string city;             ///< Folder of the city; empty for none.
  std::string packs = "packs";  ///< Folder of packs; relative to the working folder.
  std::int64_t shards = 2;
  std::int64_t partitions = 16;
  double reserve_mb = 512;
  std::int64_t temporal_instances = 100'000;
  std::string public_url;
  std::string seal_folder;
  std::string seal_syslog;
  std::string ld_contexts;  ///< Folder with index.json of @context documents known by address; empty for none.
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
  v.Field("public_url", c.public_url,
          "Address under which browsers and agencies reach this server, when it is another than the one listened on.");
  v.Field("seal_folder", c.seal_folder, "Second folder, on another machine, that gets the seals of the audit chain.");
  v.Field("seal_syslog", c.seal_syslog, "Syslog collector that gets them: udp://HOST:514 or tcp://HOST:601.");
  v.Field("ld_contexts", c.ld_contexts,
          "Folder of JSON-LD @context documents known by address, with index.json (docs/ngsi-ld.md).");
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
