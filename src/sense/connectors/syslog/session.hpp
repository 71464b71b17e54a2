// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Sockets of the syslog listener: datagrams and streams in, whole messages out.

#include <functional>
#include <memory>
#include <string>

#include "runtime/shards.hpp"
#include "sense/connectors/syslog/codec.hpp"

namespace bongsu::syslog {

struct Events {
  /// One whole message. `taken` must be called once, from any thread, when it is settled: a stream is read on only
  /// while few are under way. For a datagram `taken` is empty: nobody can be told to come again.
  std::function<void(std::string message, std::uint32_t peer_ipv4, std::function<void()> taken)> message;
  /// A stream ended because it made no sense.
  std::function<void(const Error& why)> broken;
};

/// A bound socket; closes when it is destroyed.
class Socket {
 public:
  virtual ~Socket() = default;
  virtual std::uint16_t port() const = 0;
  virtual void Stop() = 0;
};

/// @param address  "host:port"; port 0 takes a free one
/// @errors kInvalidArgument syslog.bad_address, kUnavailable syslog.cannot_listen
Result<std::shared_ptr<Socket>> ListenUdp(runtime::Shards& shards, std::size_t shard, std::string_view address,
                                          Events events);
Result<std::shared_ptr<Socket>> ListenTcp(runtime::Shards& shards, std::size_t shard, std::string_view address,
                                          std::size_t max_connections, Events events);

}  // namespace bongsu::syslog
