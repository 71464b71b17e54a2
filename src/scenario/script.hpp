// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A scenario as an official reads it: what is there, what happens when, which alarm must come. docs/formats/scenario.md.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::scenario {

struct Step {
  enum class Kind : std::uint8_t { kGiven, kWatch, kSend, kWait, kAlarm, kClear, kNoAlarm } kind = Kind::kWait;
  int line = 0;
  std::string text;       ///< The line as it was written.
  Duration at{0};         ///< kSend, kWait: time of the day
  std::string source;     ///< kSend, kWatch
  std::string topic;      ///< kSend
  std::string body;       ///< kSend: what the linked system says, with {placeholders}
  int times = 1;          ///< kSend
  Duration every{0};      ///< kSend
  json::Value entity;     ///< kGiven
  std::string rule;       ///< kAlarm, kClear
  int severity = 0;       ///< kAlarm; 0: any
  Duration within{0};
};

struct Script {
  std::string title;
  std::vector<Step> steps;
};

/// @errors kInvalidArgument scenario.bad_line (FILE:LINE)
Result<Script> ReadScript(std::string_view text, std::string_view file);

}  // namespace bongsu::scenario
