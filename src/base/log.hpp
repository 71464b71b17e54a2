// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A log line is an event, not prose: a constant name and fields. JSON lines on standard error. Nothing secret goes in.

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/json.hpp"

namespace bongsu {

class Log {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, json::Value>>;
  enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

  explicit Log(Level least = Level::kInfo) : least_{least} {}

  void Debug(std::string_view event, Fields fields = {}) const { Write(Level::kDebug, event, fields); }
  void Info(std::string_view event, Fields fields = {}) const { Write(Level::kInfo, event, fields); }
  void Warn(std::string_view event, Fields fields = {}) const { Write(Level::kWarn, event, fields); }
  void Error(std::string_view event, Fields fields = {}) const { Write(Level::kError, event, fields); }
  /// Logs `error` at the level its code deserves.
  void Failure(std::string_view event, const bongsu::Error& error) const;

 private:
  void Write(Level level, std::string_view event, Fields fields) const;
  Level least_;
};

}  // namespace bongsu
