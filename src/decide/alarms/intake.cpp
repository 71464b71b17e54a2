// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/intake.hpp"

#include <algorithm>

#include "decide/alarms/alarm.hpp"
#include "decide/alarms/undo.hpp"

namespace bongsu::alarms {
namespace {

using model::AlarmState;
using model::FindingStatus;

std::vector<Told>::iterator FindTold(AlarmRow& row, Hash128 finding) {
  return std::ranges::find(row.told, finding, &Told::finding);
}

template <class T>
void Keep(std::vector<T>& list, T item, std::size_t most) {
  list.push_back(std::move(item));
  if (list.size() > most) list.erase(list.begin());
}

void Move(AlarmRow& row, Trigger trigger, TimePoint now) {
  Alarm alarm{row.id, row.state};
  if (const auto moved = alarm.Apply(trigger, now)) row.state = alarm.state();
}

void SetSeverity(AlarmRow& row, int severity, TimePoint now) {
  if (severity < 1 || severity > 4) return;
  if (!row.severities.empty() && row.severity == severity) return;
  row.severity = severity;
  Keep(row.severities, json::Value{json::Object{{"at", FormatUtc(now)}, {"severity", severity}}},
       AlarmRow::kMaxHistory);
}

void AddSources(AlarmRow& row, const std::vector<std::string>& sources) {
  for (const std::string& source : sources) {
    std::erase(row.sources, source);
    Keep(row.sources, source, AlarmRow::kMaxSources);
  }
}

/// What the finding says about the condition itself; counting and times are the caller's.
void SetFacts(AlarmRow& row, const model::Finding& finding) {
  row.rule_version = finding.rule_version;
  row.title = finding.title;
  row.service = finding.service;
  if (!finding.position.empty()) row.position = finding.position;
  row.procedure_id = finding.procedure;
  if (finding.place) row.place = finding.place;
  row.entity = finding.entity;
  if (!finding.parent_key.empty()) row.parent_key = finding.parent_key;
  if (finding.confidence) row.confidence = finding.confidence;
  if (!finding.evidence.empty()) row.evidence = finding.evidence;
  row.status = finding.status;
  row.events = finding.events;
  row.explanation = finding.explanation;
  AddSources(row, finding.sources);
}

AlarmRow NewOccurrence(const AlarmRow* before, const model::Finding& finding, TimePoint now) {
  AlarmRow row;
  row.id = model::AlarmId{model::AlarmIdOf(finding.tenant, finding.rule, finding.key)};
  row.rule = finding.rule;
  row.key = finding.key;
  row.raised_at = now;
  row.first_at = finding.first_at;
  row.last_at = finding.last_at;
  row.count = finding.count;
  const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(finding.received_at - finding.last_at);
  row.detect_delay_ms = std::max<std::int64_t>(0, delay.count());
  if (before != nullptr) {
    row.occurrence = before->occurrence + 1;
    row.told = before->told;
    row.told_seq = before->told_seq;
  }
  SetFacts(row, finding);
  SetSeverity(row, finding.severity, now);
  return row;
}

/// Old and new of what a person was told, when a correction changed it.
void NoteCorrection(AlarmRow& row, const AlarmRow& before, TimePoint now) {
  const json::Value was = ToJson(before);
  const json::Value is = ToJson(row);
  json::Value old_facts;
  json::Value new_facts;
  for (const std::string_view fact : {"title", "severity", "count", "place", "first_at", "last_at"}) {
    if (was[fact] == is[fact]) continue;
    old_facts.Set(fact, was[fact]);
    new_facts.Set(fact, is[fact]);
  }
  if (row.status == FindingStatus::kWithdrawn) new_facts.Set("withdrawn", true);
  if (new_facts.IsNull()) return;
  Keep(row.corrections, json::Value{json::Object{{"at", FormatUtc(now)}, {"old", old_facts}, {"new", new_facts}}},
       AlarmRow::kMaxHistory);
}

/// A more severe condition asks again, also when it was answered or put aside; what was done to the milder one is past.
bool Escalate(AlarmRow& row, int severity_before) {
  if (!row.open() || row.severity >= severity_before) return false;
  row.shelved.reset();
  row.undo.reset();
  if (row.state == model::AlarmState::kAcked) row.state = model::AlarmState::kUnacked;
  return true;
}

/// A later revision of a finding the row took in. Only the newest finding speaks for the condition as it is now; an
/// older one still corrects the count.
Taken Amend(const AlarmRow& before, const model::Finding& finding, Told& told, AlarmRow row, TimePoint now) {
  const bool newest = row.told.back().finding == finding.id;
  row.count = std::max<std::uint64_t>(1, row.count - std::min(row.count, told.count) + finding.count);
  told.count = finding.count;
  row.first_at = std::min(row.first_at, finding.first_at);
  row.last_at = std::max(row.last_at, finding.last_at);
  std::string why = finding.status == FindingStatus::kFinal ? "final" : "amended";
  if (newest && finding.severity > 0) {
    SetFacts(row, finding);
    if (finding.status == FindingStatus::kWithdrawn) {
      why = "withdrawn";
      Move(row, Trigger::kClear, now);
    } else {
      if (row.open()) Move(row, Trigger::kRaise, now);  // a correction may take back that the condition had ended
      SetSeverity(row, finding.severity, now);
      if (Escalate(row, before.severity)) why = "escalated";
    }
  }
  if (finding.status == FindingStatus::kCorrected || finding.status == FindingStatus::kWithdrawn) {
    if (why == "amended") why = "corrected";
    NoteCorrection(row, before, now);
  }
  return {std::move(row), {.from = before.state, .to = {}, .why = std::move(why), .text = {}, .by = {}}, false};
}

Taken Clear(const AlarmRow& before, const model::Finding& finding, AlarmRow row, TimePoint now) {
  row.last_at = std::max(row.last_at, finding.last_at);
  if (finding.status == FindingStatus::kFinal) row.status = finding.status;
  Move(row, Trigger::kClear, now);
  return {std::move(row), {.from = before.state, .to = {}, .why = "cleared", .text = {}, .by = {}}, false};
}

/// The condition came again while its row is open: no new row, only the count. What is only recorded raises nothing.
Taken Repeat(const AlarmRow& before, const model::Finding& finding, AlarmRow row, TimePoint now) {
  row.count += finding.count;
  row.last_at = std::max(row.last_at, finding.last_at);
  if (finding.severity == 0) {
    return {std::move(row), {.from = before.state, .to = {}, .why = "repeated", .text = {}, .by = {}}, false};
  }
  SetFacts(row, finding);
  SetSeverity(row, std::min(before.severity, finding.severity), now);
  const bool again = before.state == model::AlarmState::kNormal;
  Move(row, Trigger::kRaise, now);
  std::string why = Escalate(row, before.severity) ? "escalated" : "repeated";
  if (again) {
    ++row.occurrence;
    row.raised_at = now;
    why = "raised";
  }
  return {std::move(row), {.from = before.state, .to = {}, .why = std::move(why), .text = {}, .by = {}}, again};
}

}  // namespace

std::optional<Taken> TakeIn(const AlarmRow* before, const model::Finding& finding, TimePoint now) {
  const bool ends = finding.clears || finding.status == FindingStatus::kWithdrawn;
  if (before == nullptr && (ends || finding.severity == 0)) return std::nullopt;

  // Findings of one row lie in one partition: what is not newer than the newest was taken before.
  const std::uint64_t seq = finding.record.seq;
  if (before != nullptr && seq != 0 && seq <= before->told_seq) return std::nullopt;

  AlarmRow row = before != nullptr ? *before : NewOccurrence(nullptr, finding, now);
  const auto known = FindTold(row, finding.id);
  if (known != row.told.end() && known->revision >= finding.revision) return std::nullopt;
  const bool amends = known != row.told.end();
  // Its end was told already (a cleared finding counts 0): becoming final, it must not end what came again since.
  const bool ended_before = amends && finding.clears && known->count == 0;
  // A late revision of a finding so old that its count is no longer remembered.
  if (!amends && finding.revision > 1 && row.told.size() >= AlarmRow::kMaxTold) return std::nullopt;
  row.told_seq = std::max(row.told_seq, seq);
  if (amends) {
    known->revision = finding.revision;
  } else {
    if (finding.status == FindingStatus::kWithdrawn) return std::nullopt;
    Keep(row.told, Told{finding.id, finding.revision, finding.clears ? 0 : finding.count}, AlarmRow::kMaxTold);
  }

  if (amends && finding.clears) known->count = 0;

  Taken taken;
  if (ended_before && finding.status == FindingStatus::kFinal) {
    const AlarmState state = row.state;
    taken = {std::move(row), {.from = state, .to = {}, .why = "final", .text = {}, .by = {}}, false};
  } else if (finding.clears && finding.status != FindingStatus::kWithdrawn) {
    taken = Clear(*before, finding, std::move(row), now);
  } else if (amends) {
    Told told = *known;
    taken = Amend(*before, finding, told, std::move(row), now);
    FindTold(taken.row, finding.id)->count = told.count;
  } else if (before != nullptr && before->open()) {
    taken = Repeat(*before, finding, std::move(row), now);
  } else if (finding.severity == 0) {
    return std::nullopt;
  } else {
    AlarmRow fresh = NewOccurrence(before, finding, now);
    fresh.told = std::move(row.told);
    fresh.told_seq = row.told_seq;
    Move(fresh, Trigger::kRaise, now);
    taken = {
        std::move(fresh), {.from = model::AlarmState::kNormal, .to = {}, .why = "raised", .text = {}, .by = {}}, true};
  }
  taken.change.to = taken.row.state;
  return taken;
}

}  // namespace bongsu::alarms
