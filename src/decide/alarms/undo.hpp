// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Taking back the last act on an alarm, by the person who made it, within 10 s as that person lives them.

#include "decide/alarms/alarm_row.hpp"

namespace bongsu::alarms {

inline constexpr auto kUndoWithin = std::chrono::seconds{10};

/// The state without the answer a person gave: what the condition alone would be. The condition may have changed since.
constexpr model::AlarmState WithoutAnswer(model::AlarmState state) {
  using enum model::AlarmState;
  if (state == kAcked) return kUnacked;
  return state == kNormal ? kReturned : state;
}

/// Puts into `row` what it was before its last act. Returns the act that was taken back.
/// @param within  kUndoWithin in platform time (DeskBatch::InPlatformTime)
/// @errors kConflict alarm.nothing_to_undo · alarm.undo_expired
Result<std::string> TakeBack(AlarmRow& row, const model::Person& by, TimePoint now, Duration within);

}  // namespace bongsu::alarms
