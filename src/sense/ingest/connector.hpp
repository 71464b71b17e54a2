// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What every folder under sense/connectors/ is to the house: one object made by its `Make()`. CMake writes the list of
/// them (sense/registry.hpp), so a new connector needs no line outside its folder.
///
///   Make ── Configure, ReadSource (texts of packs and server) ──▶ Attach ──▶ Start … Stop
///
/// Configure to Stop are called on one thread; Describe, Ports and what comes through a Door may be called on any
/// shard.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "guard/principal.hpp"
#include "runtime/http_message.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::ingest {

/// What a running connector works with.
struct ConnectorDeps {
  runtime::Shards& shards;
  Gate& gate;
  const Clock& clock;
  Metrics& metrics;
  const Log& log;
};

/// A way in over the house's own HTTP server. The path holds {source}.
struct Door {
  struct Call {
    std::string tenant;  ///< Of the caller; empty when anybody may come.
    std::string source;
    http::Request request;
  };
  std::string method;
  std::string path;
  guard::Permission permission = guard::Permission::kIngest;
  std::function<void(Call call, http::Respond respond)> receive;
};

class Connector {
 public:
  virtual ~Connector() = default;

  /// The word of a source's `kind`, and the key under `connectors:`.
  virtual std::string_view kind() const = 0;
  /// Formats it brings: what mappings write as `format`, and how such bytes are read.
  virtual Decoders Formats() const { return {}; }
  /// What can be said under `connectors:`, and what a source of this kind has beside the keys of every source.
  virtual std::vector<config::FieldDoc> Arguments() const { return {}; }
  virtual std::vector<config::FieldDoc> SourceArguments() const { return {}; }

  /// Its part of `connectors:`; packs first, then the server: what comes later adds or replaces.
  /// @errors kInvalidArgument config.* (FILE:LINE:COLUMN)
  virtual Result<void> Configure(const yaml::Node& node, std::string_view file);
  /// The keys of SourceArguments that `source` has, into source.options (TakeOptions).
  /// @errors kInvalidArgument config.* (FILE:LINE:COLUMN), source.bad
  virtual Result<void> ReadSource(const yaml::Node& own, std::string_view file, SourceConfig& source) const;

  /// Sources of the gate are complete; nothing is sent yet.
  void Attach(ConnectorDeps deps) { deps_ = std::make_unique<ConnectorDeps>(deps); }
  /// Binds listeners, calls peers. @errors kInvalidArgument, kUnavailable
  virtual Result<void> Start() { return {}; }
  virtual void Stop() {}

  /// Fills in what it knows of a source of its kind: state, address.
  virtual void Describe(ConnectorStatus& status) const = 0;
  /// For the ready line; null when it listens on nothing of its own.
  virtual json::Value Ports() const { return {}; }
  virtual std::vector<Door> Doors() { return {}; }

 protected:
  const ConnectorDeps& deps() const { return *deps_; }
  /// The gate's sources of this kind.
  std::vector<std::shared_ptr<Source>> Sources() const;

 private:
  std::unique_ptr<ConnectorDeps> deps_;
};

using Connectors = std::vector<std::unique_ptr<Connector>>;

/// Reads `tenants`, `sources` and `connectors` of a YAML text: adds to `into`, hands each connector its part.
/// A secret may be {env: NAME, default: TEXT}.
/// @errors kInvalidArgument config.*, source.bad (FILE:LINE:COLUMN)
Result<void> ReadSenseConfig(std::string_view text, std::string_view file, const Connectors& connectors,
                             SenseConfig& into);

}  // namespace bongsu::ingest
