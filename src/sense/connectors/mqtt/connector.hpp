// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Sources that publish over MQTT: one session a broker, each message handed to the source whose topics it matches and
/// acknowledged after it is on disk.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "sense/connectors/mqtt/session.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::mqtt {

class Connector {
 public:
  Connector(runtime::Shards& shards, ingest::Gate& gate, const Log& log, Metrics& metrics);
  ~Connector();

  /// Opens a session to each broker that a source of the gate is read from. @errors kInvalidArgument mqtt.*
  Result<void> Start(const std::vector<ingest::MqttConfig>& brokers);
  void Stop();

  /// Fills in state and address of sources of kind mqtt.
  void Describe(std::vector<ingest::ConnectorStatus>& statuses) const;

 private:
  struct Link;  ///< One broker with its sources.
  Result<void> Open(const ingest::MqttConfig& broker, std::vector<std::shared_ptr<ingest::Source>> sources, std::size_t shard);

  runtime::Shards& shards_;
  ingest::Gate& gate_;
  const Log& log_;
  Counter& unclaimed_;
  std::vector<std::shared_ptr<Link>> links_;
};

}  // namespace bongsu::mqtt
