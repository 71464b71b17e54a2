// SPDX-License-Identifier: Apache-2.0
// How incidents follow their alarms and the steps of their procedures; the rest of the book is in incident_book.cpp.
#include <algorithm>

#include "act/incidents/incident_book.hpp"
#include "model/payload.hpp"

namespace bongsu::incidents {

using model::IncidentId;

namespace {

Change By(std::string why, const json::Value& by, std::string text = {}) {
  return {std::move(why), std::move(text), model::PersonFromJson(by)};
}

}  // namespace

void IncidentBook::React(const model::Record& record, desk::DeskBatch& batch) {
  if (record.kind != model::Kind::kAlarm && record.kind != model::Kind::kStep) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (record.kind == model::Kind::kAlarm) {
    AlarmChanged(*payload, batch);
  } else {
    StepChanged(*payload, batch);
  }
}

void IncidentBook::AlarmChanged(const json::Value& alarm, desk::DeskBatch& batch) {
  const std::string_view why = alarm["change"]["why"].AsString();
  if (why == "linked" || why == "owned" || why == "released" || why == "progress") return;  // these follow the incident
  const std::string id{alarm["id"].AsString()};
  const Incident* found = FindOpen(IncidentOf(id));
  const std::string_view undone = why == "undone" ? alarm["change"]["text"].AsString() : std::string_view{};
  if (found == nullptr) {
    if (undone == "close") {
      Reopen(IncidentOf(id), alarm, batch);
    } else if (alarm["closed"].IsNull()) {
      Raised(alarm, batch);
    }
    return;
  }
  const Incident incident = *found;
  if (why == "grouped") {
    Group(id, alarm, incident, batch);
  } else if (why == "acknowledged" || undone == "acknowledge") {
    FollowOwner(incident, alarm, batch);
  } else if (why == "closed") {
    FollowEnd(incident, alarm, batch);
  } else {
    FollowSeverity(incident, alarm, batch);
  }
}

/// An alarm that went under another goes to that one's incident, unless somebody works on its own already.
void IncidentBook::Group(const std::string& id, const json::Value& alarm, const Incident& from,
                         desk::DeskBatch& batch) {
  const Incident* into = FindOpen(IncidentOf(alarm["parent"].AsString()));
  if (into == nullptr || into->id == from.id || from.owner) return;
  const IncidentId to = into->id;
  Join(id, alarm, Incident{*into}, batch);
  Leave(id, from.id, to, batch);
}

void IncidentBook::FollowOwner(Incident incident, const json::Value& alarm, desk::DeskBatch& batch) {
  const auto owner = model::PersonFromJson(alarm["owner"]);
  if (incident.owner == owner) return;
  incident.owner = owner;
  if (!owner) incident.state = State::kNew;
  if (owner && incident.state == State::kNew) incident.state = State::kInProgress;
  Put(incident, By(owner ? "owned" : "released", alarm["change"]["by"]), batch);
}

/// The last open alarm ends its incident.
void IncidentBook::FollowEnd(Incident incident, const json::Value& alarm, desk::DeskBatch& batch) {
  const bool others = std::ranges::any_of(incident.alarms, [&](const std::string& other) {
    const auto seen = alarms_.find(other);
    return seen != alarms_.end() && seen->second.open && seen->second.incident == incident.id;
  });
  if (others) return;
  incident.state_before_close = incident.state;
  incident.state = State::kClosed;
  incident.closed_at = batch.now();
  incident.disposition = alarm["closed"]["disposition"].AsString();
  incident.note = alarm["closed"]["note"].AsString();
  if (!incident.owner) incident.owner = model::PersonFromJson(alarm["closed"]["by"]);
  Put(incident, By("closed", alarm["change"]["by"]), batch);
}

void IncidentBook::FollowSeverity(Incident incident, const json::Value& alarm, desk::DeskBatch& batch) {
  const auto severity = static_cast<int>(alarm["severity"].AsInt(4));
  if (severity >= incident.severity) return;
  incident.severity = severity;
  Put(incident, {"severity", {}, {}}, batch);
}

/// Closing its alarm was taken back.
void IncidentBook::Reopen(IncidentId id, const json::Value& alarm, desk::DeskBatch& batch) {
  const Incident* closed = Find(id);
  if (closed == nullptr) return;
  Incident incident = *closed;
  incident.owner = model::PersonFromJson(alarm["owner"]);
  incident.state = incident.owner ? incident.state_before_close : State::kNew;
  incident.closed_at.reset();
  incident.disposition.clear();
  incident.note.clear();
  Put(incident, By("reopened", alarm["change"]["by"]), batch);
}

const Incident* IncidentBook::IncidentFor(const json::Value& alarm, TimePoint now) const {
  const Incident* of_parent = Find(IncidentOf(alarm["parent"].AsString()));
  if (of_parent != nullptr && of_parent->open()) return of_parent;
  const auto same = by_entity_.find(alarm["memory"]["entity"].AsString());
  if (same == by_entity_.end()) return nullptr;
  const Incident* newest = nullptr;
  for (const IncidentId id : same->second) {
    const Incident& incident = incidents_.at(id);
    if (incident.service != alarm["service"].AsString() || incident.opened_at < now - kJoinWithin) continue;
    if (newest == nullptr || incident.opened_at > newest->opened_at) newest = &incident;
  }
  return newest;
}

void IncidentBook::Raised(const json::Value& alarm, desk::DeskBatch& batch) {
  const std::string id{alarm["id"].AsString()};
  if (const Incident* into = IncidentFor(alarm, batch.now())) {
    Join(id, alarm, *into, batch);
    return;
  }
  Incident incident;
  incident.id =
      IncidentId{HashParts({"incident", id, std::to_string(alarm["occurrence"].AsInt()), FormatUtc(batch.now())})};
  incident.severity = static_cast<int>(alarm["severity"].AsInt(3));
  incident.title = model::LTextFromJson(alarm["title"]);
  incident.place = model::PlaceFromJson(alarm["place"]);
  incident.alarms = {id};
  incident.owner = model::PersonFromJson(alarm["owner"]);
  if (incident.owner) incident.state = State::kInProgress;
  incident.opened_at = batch.now();
  incident.drill = alarm["drill"].AsBool();
  incident.service = alarm["service"].AsString();
  incident.entity = alarm["memory"]["entity"].AsString();
  const std::string_view procedure = alarm["memory"]["procedure"].AsString();
  const json::Value started =
      start_ && !procedure.empty() ? start_(procedure, incident.service, batch.now()) : json::Value{};
  incident.procedure = started["procedure"];
  incident.run = started["run"];
  incident.progress = started["progress"];
  Put(incident, {"opened", {}, {}}, batch);
}

void IncidentBook::Join(const std::string& alarm, const json::Value& row, const Incident& into,
                        desk::DeskBatch& batch) {
  Incident incident = into;
  const bool listed = std::ranges::find(incident.alarms, alarm) != incident.alarms.end();
  if (!listed && incident.alarms.size() < Incident::kMaxAlarms) incident.alarms.push_back(alarm);
  incident.severity = std::min(incident.severity, static_cast<int>(row["severity"].AsInt(4)));
  Put(incident, {"joined", alarm, {}}, batch);
}

/// Takes an alarm out of the incident it was in; one that is left with none ends there.
void IncidentBook::Leave(const std::string& alarm, IncidentId from, IncidentId to, desk::DeskBatch& batch) {
  const Incident* found = FindOpen(from);
  if (found == nullptr || from == to) return;
  Incident incident = *found;
  std::erase(incident.alarms, alarm);
  if (!incident.alarms.empty() || incident.manual) {
    Put(incident, {"left", alarm, {}}, batch);
    return;
  }
  incident.state_before_close = incident.state;
  incident.state = State::kClosed;
  incident.closed_at = batch.now();
  incident.disposition = "duplicate";
  incident.note = bongsu::ToText(to);
  Put(incident, {"merged", bongsu::ToText(to), {}}, batch);
}

void IncidentBook::StepChanged(const json::Value& step, desk::DeskBatch& batch) {
  const Incident* found = FindOpen(IncidentId{HashFromText(step["incident"].AsString()).value_or(Hash128{})});
  if (found == nullptr) return;
  Incident incident = *found;
  const auto by = model::PersonFromJson(step["by"]);
  const json::Value& progress = step["progress"];
  const bool finished = progress["total"].AsInt() > 0 && progress["done"].AsInt() == progress["total"].AsInt();
  Change change;
  // Whoever works on what nobody has, has it.
  if (by && !incident.owner) {
    incident.owner = by;
    change = {"owned", {}, by};
  }
  if (incident.owner && incident.state == State::kNew) incident.state = State::kInProgress;
  if (finished && incident.state == State::kInProgress) {
    incident.state = State::kResolved;
    change = {"resolved", {}, by};
  } else if (!finished && incident.state == State::kResolved) {
    incident.state = State::kInProgress;
    change = {"reopened", {}, by};
  }
  if (!change.why.empty()) Put(incident, change, batch);
}

}  // namespace bongsu::incidents
