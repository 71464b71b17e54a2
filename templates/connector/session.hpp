// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The only file with I/O: a bound UDP socket, each datagram a whole message.

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "runtime/shards.hpp"

namespace bongsu::@NAME@ {

class Session {
 public:
  using OnMessage = std::function<void(std::string bytes)>;  ///< On the session's shard.

  /// @errors kInvalidArgument @NAME@.bad_address, kUnavailable @NAME@.cannot_listen
  static Result<std::shared_ptr<Session>> Listen(runtime::Shards& shards, std::size_t shard, const std::string& host,
                                                 std::int64_t port, OnMessage on_message);
  virtual ~Session() = default;
  virtual std::uint16_t port() const = 0;
  virtual void Stop() = 0;  ///< Any thread.
};

}  // namespace bongsu::@NAME@
