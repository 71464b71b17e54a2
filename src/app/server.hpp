// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu serve`: opens everything in order, says it is ready, runs until it is told to stop.

#include <memory>

#include "app/options.hpp"
#include "base/log.hpp"

namespace bongsu::app {

/// Exit codes of docs/configuration.md.
enum class Exit : int { kOk = 0, kFinding = 1, kUsage = 2, kLocked = 3, kCorrupt = 4 };

/// Exit code that fits an error at start.
Exit ExitOf(const Error& error);

class Server {
 public:
  /// @errors those of every part, with what to do about them
  static Result<std::unique_ptr<Server>> Open(ServeOptions options, const Log& log);
  ~Server();

  /// {"event":"ready","http","pid","connectors"}
  const json::Value& ready() const;
  /// Takes over rules that changed on disk; what came of it is in the log.
  void ReloadRules();
  /// Stops taking in, commits what waits, closes.
  void Stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Runs until SIGTERM or SIGINT, reloads the rules on SIGHUP; gives the exit code.
int RunServe(std::span<const std::string> args);

}  // namespace bongsu::app
