// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Listens for syslog over UDP and TCP and hands each message to the source whose line it is.

#include <memory>
#include <string>

#include "sense/ingest/gate.hpp"

namespace bongsu::syslog {

class Connector {
 public:
  Connector(runtime::Shards& shards, ingest::Gate& gate, const Log& log, Metrics& metrics);
  ~Connector();

  /// Binds. @errors kInvalidArgument syslog.bad_address, kUnavailable syslog.cannot_listen
  Result<void> Start(const ingest::SyslogConfig& config);
  void Stop();

  std::uint16_t udp_port() const;  ///< 0 when it does not listen.
  std::uint16_t tcp_port() const;
  /// Fills in the address of sources of kind syslog.
  void Describe(std::vector<ingest::ConnectorStatus>& statuses) const;

 private:
  struct Listener;
  std::shared_ptr<Listener> listener_;
  runtime::Shards& shards_;
  ingest::Gate& gate_;
  const Log& log_;
  Metrics& metrics_;
};

}  // namespace bongsu::syslog
