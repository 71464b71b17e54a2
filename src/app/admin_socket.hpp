// SPDX-License-Identifier: Apache-2.0
#pragma once

/// D/run/admin.sock: one request line in, one answer line out (admin_commands.hpp). Only the user the server runs as,
/// and root, may speak: the file has mode 0600 and the peer's uid is asked of the kernel.

#include <filesystem>
#include <memory>

#include "app/admin_commands.hpp"
#include "base/log.hpp"
#include "runtime/shards.hpp"

namespace bongsu::app {

class AdminSocket {
 public:
  static constexpr std::size_t kMaxConnections = 16;
  static constexpr std::size_t kMaxLine = 64UL << 10U;

  /// Replaces a socket file that an earlier server left. Listens on shard 0.
  /// @errors kUnavailable admin.cannot_listen (names the path and why)
  static Result<std::unique_ptr<AdminSocket>> Open(const std::filesystem::path& path, runtime::Shards& shards,
                                                   AdminHouse house, Log log);
  ~AdminSocket();
  /// Stops listening and removes the file. Before Shards::Stop.
  void Close();

 private:
  struct State;
  explicit AdminSocket(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace bongsu::app
