// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that listens to linked systems, as one thing for app/: sources and mappings of the packs, the gate, the
/// connectors. Order: Make, SetBoundary, Fold (recovery), Start, … , Stop; destroy it after the shards have stopped.

#include <memory>
#include <string>

#include "sense/ingest/connector.hpp"

namespace bongsu::sense {

/// Reads packs/*/mappings/*.yaml and packs/*/sources.yaml, then adds what the server's own configuration says.
struct Definition {
  Definition();

  ingest::Connectors connectors;  ///< Of every folder under sense/connectors.
  ingest::MappingSet mappings;
  ingest::SenseConfig config;

  /// How the connectors' formats are read.
  ingest::Decoders Decoders() const;

  /// @errors kInvalidArgument mapping.*, config.*, source.bad (FILE:LINE:COLUMN)
  Result<void> AddPacks(const std::string& folder);
  /// `sources` and `connectors` (own_connectors) of the server's configuration; null adds nothing. A source of the same
  /// id and tenant replaces the pack's.
  Result<void> AddServerConfig(const json::Value& sources, const json::Value& own_connectors, std::string_view file);
};

class Senses {
 public:
  /// @errors kInvalidArgument source.bad
  static Result<std::unique_ptr<Senses>> Make(ingest::GateDeps deps, Definition definition);
  ~Senses();

  ingest::Gate& gate();

  /// The city's boundary of a tenant (name). @errors kInvalidArgument boundary.bad
  Result<void> SetBoundary(std::string tenant, const json::Value& geojson);
  /// Before Start: a record of the journal, oldest first in each partition.
  void Fold(const model::Record& record);
  /// Binds listeners and calls brokers. @errors kInvalidArgument, kUnavailable
  Result<void> Start();
  void Stop();

  /// For the ready line, by kind: {"mqtt": [url…], "syslog": {"udp": port, "tcp": port}}; what does not listen is left
  /// out.
  json::Value Ports() const;
  /// Ways in over the house's HTTP server.
  std::vector<ingest::Door> Doors();
  /// `done` runs on some shard.
  void Statuses(const std::string& tenant, std::function<void(std::vector<ingest::ConnectorStatus>)> done);

 private:
  struct Parts;
  explicit Senses(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace bongsu::sense
