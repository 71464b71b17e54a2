// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/undo.hpp"

namespace bongsu::alarms {

Result<std::string> TakeBack(AlarmRow& row, const model::Person& by, TimePoint now, Duration within) {
  if (!row.undo || row.undo->by.id != by.id) {
    return Fail(Code::kConflict, "alarm.nothing_to_undo", "the last act on this alarm is not yours");
  }
  if (const Duration age = now - row.undo->at; age > within) {
    return Fail(Code::kConflict, "alarm.undo_expired", "an act is taken back within {} s, this one is {} s old",
                kUndoWithin.count(), kUndoWithin.count() * age.count() / within.count());
  }
  const Undo undo = *row.undo;
  row.undo.reset();
  row.shelved = undo.shelf_before;
  if (undo.act == "close") row.closed.reset();
  if (undo.act == "acknowledge" || undo.act == "close") {
    row.owner = undo.owner_before;
    if (!undo.answered_before) row.state = WithoutAnswer(row.state);
  }
  return undo.act;
}

}  // namespace bongsu::alarms
