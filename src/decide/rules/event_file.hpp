// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Recorded events, one JSON object a line (plain or gzip), read straight into the detector's view.
///
/// Log source of a line: its own `logsource` {category, product, service}; else by its Windows channel; else none, and
/// every rule is tried. A Windows event in its XML shape ({"Event":{"System":…,"EventData":…}}) is read flat.

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "decide/rules/event_view.hpp"
#include "model/event.hpp"

namespace bongsu::rules {

struct ReadEvent {
  model::LogSource log_source;
  bool unrouted = false;
  TimePoint at{};  ///< Epoch when the line has no time we know.
  std::string_view line;
};

class EventLineReader {
 public:
  EventLineReader();
  ~EventLineReader();
  EventLineReader(const EventLineReader&) = delete;
  EventLineReader& operator=(const EventLineReader&) = delete;

  /// Fills `view`, whose texts live until the next call.
  /// @errors kInvalidArgument rules.bad_event
  Result<ReadEvent> Read(std::string_view line, const FieldNames& names, EventView& view);
  /// The same line as an event, for rules that need more than fields.
  static Result<model::Event> ToEvent(const ReadEvent& read);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Calls `visit` with each line that is not empty. Lines may have 16 MiB.
/// @errors kNotFound rules.no_file, kTooLarge rules.line_too_long
Result<void> ForEachLine(const std::string& path, const std::function<void(std::string_view)>& visit);

}  // namespace bongsu::rules
