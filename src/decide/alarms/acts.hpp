// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What people do to one alarm: acknowledge, shelve, unshelve, close, undo, comment. Pure: row in, row and change out.

#include "decide/alarms/alarm_row.hpp"

namespace bongsu::alarms {

struct Acted {
  AlarmRow row;
  Change change;
  bool changed = true;  ///< False: it was so already.
};

/// When an act is made.
struct Moment {
  TimePoint now;         ///< Platform time.
  Duration undo_within;  ///< kUndoWithin in platform time.
};

/// @param act  verb acknowledge {} | shelve {reason, minutes?} | unshelve {} | close {disposition, note?} | undo {} |
/// comment {text}
/// @errors kConflict alarm.already_owned · alarm.closed · alarms.not_raised · alarm.not_shelved · alarm.nothing_to_undo
/// · alarm.undo_expired
///         kInvalidArgument alarm.disposition · alarm.comment · alarm.note · alarm.shelf_reason · alarm.shelf_minutes
///         kPermissionDenied alarm.shelf_critical · kNotSupported alarm.unknown_act
Result<Acted> Act(const AlarmRow& before, const model::DeskAct& act, const Moment& when);

/// The row closed with `closing`, which also answers it; without a way to take it back.
AlarmRow ClosedRow(const AlarmRow& before, Closing closing);

}  // namespace bongsu::alarms
