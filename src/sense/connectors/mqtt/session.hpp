// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One connection to one broker that is held for ever: connect, subscribe, receive, acknowledge in the order of arrival
/// once the receiver has settled a message, reconnect with growing pauses. The broker keeps what we missed (clean start
/// false), so a message is gone only when it was settled and acknowledged.
///
///   kConnecting ──CONNACK, SUBACK──▶ kConnected ──error──▶ kWaiting ──pause──▶ kConnecting

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "runtime/mqtt/codec.hpp"
#include "runtime/shards.hpp"
#include "sense/connectors/mqtt/config.hpp"

namespace bongsu::mqtt {

enum class Settled : std::uint8_t {
  kTaken,  ///< On disk (or refused for good): acknowledge.
  kAgain,  ///< The receiver is full: give it again after a pause, acknowledge nothing.
};

enum class LinkState : std::uint8_t { kOff, kConnecting, kConnected, kWaiting };

struct BrokerUrl {
  bool secure = false;
  std::string host;
  std::string port;
};
/// "mqtt://host:1883" or "mqtts://host:8883". @errors kInvalidArgument mqtt.bad_url
Result<BrokerUrl> ParseBrokerUrl(std::string_view url);

class Session {
 public:
  using Settle = std::function<void(Settled)>;  ///< Once, from any thread.
  struct Events {
    std::function<void(const Publish& message, Settle settle)> message;  ///< On the session's shard.
    std::function<void(LinkState state, const Error& why)> state;        ///< On the session's shard.
  };

  /// @param shard  where the connection lives
  static Result<std::shared_ptr<Session>> Make(runtime::Shards& shards, std::size_t shard, BrokerConfig config,
                                               std::vector<std::string> filters, Events events);
  virtual ~Session() = default;
  virtual void Start() = 0;  ///< Any thread.
  virtual void Stop() = 0;   ///< Any thread; nothing is called any more afterwards on the session's shard.
};

}  // namespace bongsu::mqtt
