// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Shelving: an operator puts an alarm aside until a time, with a reason. The alarm's life goes on underneath.
/// Nothing is put aside for good: at most 8 h, and severity 1 only by a supervisor.

#include <string>

#include "base/time.hpp"
#include "model/desk_act.hpp"

namespace bongsu::alarms {

inline constexpr std::int64_t kDefaultShelfMinutes = 60;
inline constexpr std::int64_t kLongestShelfMinutes = 480;

struct Shelf {
  TimePoint until{};
  std::string reason;
  model::Person by;
  friend bool operator==(const Shelf&, const Shelf&) = default;
};

/// @param act       arguments {reason, minutes?}; minutes is kDefaultShelfMinutes when absent
/// @param severity  of the alarm, 1..4
/// @errors kInvalidArgument alarm.shelf_reason, alarm.shelf_minutes · kPermissionDenied alarm.shelf_critical
Result<Shelf> MakeShelf(const model::DeskAct& act, int severity, TimePoint now);

json::Value ToJson(const Shelf& shelf);
Shelf ShelfFromJson(const json::Value& value);

}  // namespace bongsu::alarms
