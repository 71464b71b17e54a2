// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/acts.hpp"

#include <array>

#include "decide/alarms/alarm.hpp"
#include "decide/alarms/undo.hpp"

namespace bongsu::alarms {
namespace {

constexpr std::size_t kLongestText = 8'000;  // bytes: 2,000 characters of UTF-8

Undo UndoOf(const AlarmRow& before, const model::DeskAct& act, TimePoint now) {
  return {act.verb, act.by, now, before.answered(), before.owner, before.shelved};
}

Result<Acted> Acknowledge(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  if (before.owner && before.owner->id != act.by.id) {
    return Fail(Code::kConflict, "alarm.already_owned", "{} has this alarm", before.owner->name);
  }
  Acted acted{before, {.from = {}, .to = {}, .why = "acknowledged", .text = {}, .by = {}}};
  if (before.answered() && before.owner) {
    acted.changed = false;
    return acted;
  }
  Alarm alarm{before.id, before.state};
  BONGSU_CHECK(alarm.Apply(Trigger::kAcknowledge, when.now));
  acted.row.state = alarm.state();
  acted.row.owner = act.by;
  acted.row.undo = UndoOf(before, act, when.now);
  return acted;
}

Result<Acted> PutAside(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  BONGSU_TRY(Shelf shelf, MakeShelf(act, before.severity, when.now));
  Acted acted{before, {.from = {}, .to = {}, .why = "shelved", .text = shelf.reason, .by = {}}};
  acted.row.shelved = std::move(shelf);
  acted.row.undo = UndoOf(before, act, when.now);
  return acted;
}

Result<Acted> TakeOut(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  if (!before.shelved) return Fail(Code::kConflict, "alarm.not_shelved", "the alarm is not shelved");
  Acted acted{before, {.from = {}, .to = {}, .why = "unshelved", .text = {}, .by = {}}};
  acted.row.shelved.reset();
  acted.row.undo = UndoOf(before, act, when.now);
  return acted;
}

Result<Acted> Close(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  const std::string_view disposition = act.arguments["disposition"].AsString();
  const std::string_view note = act.arguments["note"].AsString();
  if (!model::IsDisposition(disposition)) {
    return Fail(Code::kInvalidArgument, "alarm.disposition",
                "closing needs a disposition: real, drill, false_sensor, false_ai, duplicate or information");
  }
  if (note.size() > kLongestText)
    return Fail(Code::kInvalidArgument, "alarm.note", "a note has at most 2000 characters");
  Acted acted{ClosedRow(before, {std::string(disposition), std::string(note), act.by, when.now}),
              {.from = {}, .to = {}, .why = "closed", .text = std::string(note), .by = {}}};
  if (!acted.row.owner) acted.row.owner = act.by;
  acted.row.undo = UndoOf(before, act, when.now);
  return acted;
}

Result<Acted> TakeBackAct(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  Acted acted{before, {.from = {}, .to = {}, .why = "undone", .text = {}, .by = {}}};
  BONGSU_TRY(acted.change.text, TakeBack(acted.row, act.by, when.now, when.undo_within));
  return acted;
}

Result<Acted> Comment(const AlarmRow& before, const model::DeskAct& act, const Moment&) {
  const std::string_view text = act.arguments["text"].AsString();
  if (text.empty() || text.size() > kLongestText) {
    return Fail(Code::kInvalidArgument, "alarm.comment", "a comment has 1 to 2000 characters");
  }
  return Acted{before, {.from = {}, .to = {}, .why = "commented", .text = std::string(text), .by = {}}};
}

struct Verb {
  std::string_view name;
  bool on_closed;  ///< May be done to a closed alarm.
  Result<Acted> (*apply)(const AlarmRow&, const model::DeskAct&, const Moment&);
};
constexpr std::array kVerbs{
    Verb{"acknowledge", false, &Acknowledge}, Verb{"shelve", false, &PutAside},
    Verb{"unshelve", false, &TakeOut},        Verb{"close", false, &Close},
    Verb{"undo", true, &TakeBackAct},         Verb{"comment", true, &Comment},
};

}  // namespace

Result<Acted> Act(const AlarmRow& before, const model::DeskAct& act, const Moment& when) {
  const auto verb = std::ranges::find(kVerbs, act.verb, &Verb::name);
  if (verb == kVerbs.end()) {
    return Fail(Code::kNotSupported, "alarm.unknown_act", "there is no act '{}' on an alarm", act.verb);
  }
  if (before.closed && !verb->on_closed) {
    return Fail(Code::kConflict, "alarm.closed", "the alarm was closed by {}", before.closed->by.name);
  }
  BONGSU_TRY(Acted acted, verb->apply(before, act, when));
  acted.change.from = before.state;
  acted.change.to = acted.row.state;
  acted.change.by = act.by;
  return acted;
}

AlarmRow ClosedRow(const AlarmRow& before, Closing closing) {
  AlarmRow row = before;
  Alarm alarm{row.id, row.state};
  if (!row.answered() && alarm.Apply(Trigger::kAcknowledge, closing.at)) row.state = alarm.state();
  row.closed = std::move(closing);
  row.shelved.reset();
  row.undo.reset();
  return row;
}

}  // namespace bongsu::alarms
