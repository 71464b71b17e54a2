// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu replay`: plays recorded files to a server as protocol traffic (contract: docs/replay.md).

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::replay {

struct Options {
  std::string data;
  std::string server;  ///< Empty: start one in a temporary folder.
  std::optional<double> speed;
  std::string from;  ///< Local time of the file; empty: the default window of each set.
  std::optional<Duration> length;
  bool all = false;  ///< --for all: to the end of the file.
  std::vector<std::string> only;
  bool json = false;
};

/// @param args  what follows "replay"
/// @errors kInvalidArgument app.usage
Result<Options> ParseOptions(std::span<const std::string> args);
std::string Help();

/// Plays to a server and waits for the end; the report of docs/replay.md.
/// @errors kInvalidArgument app.usage, replay.*; kUnavailable replay.no_server, http.no_answer
Result<json::Value> Play(const Options& options, const std::string& server);

/// The whole command: 0 ok, 1 something could not be played, 2 usage.
/// @param program  path of this program, to start a server with
int Run(std::span<const std::string> args, const std::string& program);

}  // namespace bongsu::replay
