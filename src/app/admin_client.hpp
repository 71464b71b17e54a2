// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu user|token|tenant`: turns words into a request of admin_commands.hpp, asks the server that has the data
/// directory, and prints what it says.

#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace bongsu::app {

struct AdminWords {
  json::Value request;
  std::string data;   ///< Data directory of the server.
  bool json = false;  ///< One line of JSON instead of words.
  bool help = false;
};

/// @param noun  user, token or tenant
/// @param args  what follows the noun
/// @errors kInvalidArgument app.usage
Result<AdminWords> ParseAdmin(std::string_view noun, std::span<const std::string> args);
/// Help of a noun, or of one of its verbs.
std::string AdminHelp(std::string_view noun);

/// Sends one request and waits for its answer. @errors kUnavailable admin.no_server, and what the server says
Result<json::Value> AskServer(const std::string& data, const json::Value& request);

/// The whole command; returns the exit code: 0 ok, 1 refused or no server, 2 usage.
int RunAdmin(std::string_view noun, std::span<const std::string> args);

}  // namespace bongsu::app
