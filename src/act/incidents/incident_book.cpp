// SPDX-License-Identifier: Apache-2.0
#include "act/incidents/incident_book.hpp"

#include <algorithm>
#include <iterator>

#include "act/incidents/timeline.hpp"
#include "model/payload.hpp"

namespace bongsu::incidents {
namespace {

using model::IncidentId;

constexpr std::size_t kLongestText = 2000UL * 4;  // bytes: 2,000 characters of UTF-8

IncidentId IdFrom(const json::Value& value) { return IncidentId{HashFromText(value.AsString()).value_or(Hash128{})}; }

}  // namespace

// Reading.

const Incident* IncidentBook::Find(IncidentId id) const {
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? nullptr : &found->second;
}

Incident* IncidentBook::FindOpen(IncidentId id) {
  const auto found = incidents_.find(id);
  return found != incidents_.end() && found->second.open() ? &found->second : nullptr;
}

IncidentId IncidentBook::IncidentOf(std::string_view alarm) const {
  const auto seen = alarms_.find(alarm);
  return seen == alarms_.end() ? IncidentId{} : seen->second.incident;
}

std::vector<const Incident*> IncidentBook::List(bool with_closed) const {
  std::vector<const Incident*> list;
  for (const auto& [id, incident] : incidents_) {
    if (incident.open() || with_closed) list.push_back(&incident);
  }
  std::ranges::sort(list, [](const Incident* a, const Incident* b) {
    return std::pair{b->opened_at, b->id} < std::pair{a->opened_at, a->id};
  });
  return list;
}

// Folding.

void IncidentBook::Clear() { *this = IncidentBook{std::move(start_)}; }

void IncidentBook::Fold(const model::Record& record) {
  using enum model::Kind;
  if (record.kind != kAlarm && record.kind != kIncident && record.kind != kStep && record.kind != kNotice &&
      record.kind != kNoticeResult) {
    return;
  }
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (record.kind == kIncident) {
    FoldIncident(record, *payload);
    return;
  }
  IncidentId id = IdFrom((*payload)["incident"]);
  if (record.kind == kAlarm) {
    AlarmSeen& seen = alarms_[std::string((*payload)["id"].AsString())];
    seen.open = (*payload)["closed"].IsNull();
    id = seen.incident;
  }
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) return;
  Incident& incident = found->second;
  if (record.kind == kStep) {
    json::Value* steps = incident.procedure.Find("steps");
    const auto n = static_cast<std::size_t>((*payload)["step"]["n"].AsInt());
    if (steps != nullptr && n >= 1 && n <= steps->AsArray().size()) steps->MutableArray()[n - 1] = (*payload)["step"];
    incident.progress = (*payload)["progress"];
  } else if (record.kind == kNotice || record.kind == kNoticeResult) {
    json::Value notice = *payload;
    notice.Erase("memory");
    notice.Erase("change");
    const auto known =
        std::ranges::find_if(incident.notices, [&](const json::Value& n) { return n["id"] == notice["id"]; });
    if (known != incident.notices.end()) {
      *known = std::move(notice);
    } else {
      incident.notices.push_back(std::move(notice));
      if (incident.notices.size() > Incident::kMaxNotices) incident.notices.erase(incident.notices.begin());
    }
  }
  // A new occurrence of an alarm whose incident is over is not that incident's story.
  if (incident.open() || (*payload)["change"]["why"].AsString() != "raised") Tell(id, record, *payload);
}

void IncidentBook::FoldIncident(const model::Record& record, const json::Value& payload) {
  auto incident = IncidentFromJson(payload);
  if (!incident) return;
  const IncidentId id = incident->id;
  Incident& kept = incidents_[id];
  closed_.erase({kept.closed_at.value_or(TimePoint{}), id});
  if (const auto entity = by_entity_.find(kept.entity); entity != by_entity_.end()) {
    entity->second.erase(id);
    if (entity->second.empty()) by_entity_.erase(entity);
  }
  incident->timeline = std::move(kept.timeline);
  kept = std::move(*incident);
  if (!kept.open()) {
    closed_.emplace(kept.closed_at.value_or(TimePoint{}), id);
  } else if (!kept.entity.empty()) {
    by_entity_[kept.entity].insert(id);
  }
  for (const std::string& alarm : kept.alarms) alarms_[alarm].incident = id;
  if (payload["change"]["why"].AsString() == "joined")
    alarms_[std::string(payload["change"]["text"].AsString())].incident = id;
  Tell(id, record, payload);
  Evict();
}

void IncidentBook::Tell(IncidentId id, const model::Record& record, const json::Value& payload) {
  json::Value entry = TimelineEntry(record, payload);
  if (entry.IsNull()) return;
  json::Array& timeline = incidents_.at(id).timeline;
  timeline.push_back(std::move(entry));
  if (timeline.size() > Incident::kMaxTimeline) timeline.erase(timeline.begin());
}

void IncidentBook::Evict() {
  while (closed_.size() > kMaxClosed) {
    const IncidentId oldest = closed_.begin()->second;
    for (const std::string& alarm : incidents_.at(oldest).alarms) {
      const auto seen = alarms_.find(alarm);
      if (seen != alarms_.end() && !seen->second.open) alarms_.erase(seen);
    }
    incidents_.erase(oldest);
    closed_.erase(closed_.begin());
  }
}

void IncidentBook::Save(const PutRow& put) const {
  for (const auto& [id, incident] : incidents_) {
    json::Writer row;
    row.Object().Key("incident").Raw(ToPayload(incident, {})).Key("timeline").Put(incident.timeline).End();
    put(row.Take());
  }
  for (const auto& [id, seen] : alarms_) {
    put(json::ToString(json::Object{{"alarm", id}, {"open", seen.open}, {"listed_by", bongsu::ToText(seen.incident)}}));
  }
}

Result<void> IncidentBook::Load(const json::Value& row) {
  if (const json::Value* alarm = row.Find("alarm")) {
    alarms_[std::string(alarm->AsString())] = {row["open"].AsBool(), IdFrom(row["listed_by"])};
    return {};
  }
  BONGSU_TRY(Incident incident, IncidentFromJson(row["incident"]));
  incident.timeline = row["timeline"].AsArray();
  if (!incident.open()) {
    closed_.emplace(incident.closed_at.value_or(TimePoint{}), incident.id);
  } else if (!incident.entity.empty()) {
    by_entity_[incident.entity].insert(incident.id);
  }
  const IncidentId id = incident.id;
  incidents_.insert_or_assign(id, std::move(incident));
  return {};
}

void IncidentBook::Put(const Incident& incident, const Change& change, desk::DeskBatch& batch) {
  batch.Add(model::Kind::kIncident, bongsu::ToText(incident.id), ToPayload(incident, change));
}

// Acts.

Result<json::Value> IncidentBook::Do(const model::DeskAct& act, desk::DeskBatch& batch) {
  if (act.verb == "open") return Open(act, batch);
  const auto hash = HashFromText(act.subject);
  const Incident* found = hash ? Find(IncidentId{*hash}) : nullptr;
  if (found == nullptr) return Fail(Code::kNotFound, "incident.unknown", "there is no incident {}", act.subject);
  if (!found->open()) return Fail(Code::kConflict, "incident.closed", "the incident is closed");
  Incident incident = *found;
  if (act.verb == "close") return Close(std::move(incident), act, batch);
  json::Value details = json::Object{};
  if (act.verb == "own") {
    if (incident.owner && incident.owner->id == act.by.id) return ToJson(incident);
    if (incident.owner) details.Set("from", incident.owner->id);
    incident.owner = act.by;
    if (incident.state == State::kNew) incident.state = State::kInProgress;
    Put(incident, {"owned", {}, act.by}, batch);
  } else if (act.verb == "release") {
    if (!incident.owner || incident.owner->id != act.by.id) {
      return Fail(Code::kConflict, "incident.not_owner", "only its owner releases an incident");
    }
    incident.owner.reset();
    Put(incident, {"released", {}, act.by}, batch);
  } else {
    return Fail(Code::kNotSupported, "incident.unknown_act", "there is no act '{}' on an incident", act.verb);
  }
  batch.Audit("incident." + act.verb, act.subject, details);
  return ToJson(*Find(incident.id));
}

Result<json::Value> IncidentBook::Close(Incident incident, const model::DeskAct& act, desk::DeskBatch& batch) {
  const std::string_view disposition = act.arguments["disposition"].AsString();
  const std::string_view note = act.arguments["note"].AsString();
  if (!model::IsDisposition(disposition)) {
    return Fail(Code::kInvalidArgument, "incident.disposition",
                "closing needs a disposition: real, drill, false_sensor, false_ai, duplicate or information");
  }
  if (note.size() > kLongestText)
    return Fail(Code::kInvalidArgument, "incident.note", "a note has at most 2000 characters");
  incident.state_before_close = incident.state;
  incident.state = State::kClosed;
  incident.closed_at = batch.now();
  incident.disposition = disposition;
  incident.note = note;
  if (!incident.owner) incident.owner = act.by;
  Put(incident, {"closed", {}, act.by}, batch);
  batch.Audit("incident.close", act.subject, act.arguments);
  return ToJson(*Find(incident.id));
}

Result<json::Value> IncidentBook::Open(const model::DeskAct& act, desk::DeskBatch& batch) {
  const json::Value& asked = act.arguments;
  Incident incident;
  incident.title = model::LTextFromJson(asked["title"]);
  if (incident.title.ko.empty() || incident.title.ko.size() > 800 || incident.title.en.size() > 800) {
    return Fail(Code::kInvalidArgument, "incident.title", "an incident needs a Korean title of 1 to 200 characters");
  }
  incident.severity = static_cast<int>(asked["severity"].AsInt(0));
  if (incident.severity < 1 || incident.severity > 4) {
    return Fail(Code::kInvalidArgument, "incident.severity", "severity is 1, 2, 3 or 4");
  }
  if (asked["note"].AsString().size() > kLongestText) {
    return Fail(Code::kInvalidArgument, "incident.note", "a note has at most 2000 characters");
  }
  for (const json::Value& alarm : asked["alarms"].AsArray()) {
    const auto seen = alarms_.find(alarm.AsString());
    if (seen == alarms_.end() || !seen->second.open) {
      return Fail(Code::kNotFound, "alarm.unknown", "there is no open alarm {}", alarm.AsString());
    }
    incident.alarms.emplace_back(alarm.AsString());
  }
  incident.id = IncidentId{HashParts({"manual", act.by.id, FormatUtc(batch.now()), incident.title.ko})};
  incident.state = State::kInProgress;
  incident.place = model::PlaceFromJson(asked["place"]);
  incident.owner = act.by;
  incident.opened_at = batch.now();
  incident.note = asked["note"].AsString();
  incident.drill = asked["drill"].AsBool();
  incident.manual = true;
  incident.service = asked["service"].AsString();
  const json::Value started = start_ ? start_({}, incident.service, batch.now()) : json::Value{};
  incident.procedure = started["procedure"];
  incident.run = started["run"];
  incident.progress = started["progress"];
  std::vector<std::pair<std::string, IncidentId>> moved;
  moved.reserve(incident.alarms.size());
  for (const std::string& alarm : incident.alarms) moved.emplace_back(alarm, IncidentOf(alarm));
  Put(incident, {"opened", {}, act.by}, batch);
  for (const auto& [alarm, from] : moved) Leave(alarm, from, incident.id, batch);
  batch.Audit("incident.open", bongsu::ToText(incident.id), asked);
  return ToJson(*Find(incident.id));
}

}  // namespace bongsu::incidents
