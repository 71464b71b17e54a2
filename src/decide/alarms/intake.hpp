// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a finding does to its row of the board: it opens one, counts into it, mends it or ends its condition.
/// One (rule, key) has one row, however often it repeats.

#include <optional>

#include "decide/alarms/alarm_row.hpp"

namespace bongsu::alarms {

struct Taken {
  AlarmRow row;
  Change change;
  bool raised = false;  ///< A new occurrence began.
};

/// Pure. Empty when the finding changes nothing: it was taken before (id, revision), it clears what is not there,
/// or it is recorded without an alarm (severity 0).
/// @param before  the row of (rule, key); nullptr when there is none
/// @param now     platform time
std::optional<Taken> TakeIn(const AlarmRow* before, const model::Finding& finding, TimePoint now);

}  // namespace bongsu::alarms
