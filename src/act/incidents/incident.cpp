// SPDX-License-Identifier: Apache-2.0
#include "act/incidents/incident.hpp"

#include <algorithm>
#include <array>

namespace bongsu::incidents {
namespace {

constexpr std::array<std::string_view, 4> kStateNames{"new", "in_progress", "resolved", "closed"};

State StateFrom(std::string_view word) {
  const auto found = std::ranges::find(kStateNames, word);
  return found == kStateNames.end() ? State::kNew : static_cast<State>(found - kStateNames.begin());
}

}  // namespace

std::string_view StateName(State state) { return kStateNames[static_cast<std::size_t>(state)]; }

json::Value ToJson(const Incident& incident) {
  json::Value value;
  value.Set("id", bongsu::ToText(incident.id));
  value.Set("state", StateName(incident.state));
  value.Set("severity", incident.severity);
  value.Set("title", model::ToJson(incident.title));
  value.Set("place", incident.place ? model::ToJson(*incident.place) : json::Value{});
  value.Set("alarms", json::Array(incident.alarms.begin(), incident.alarms.end()));
  value.Set("owner", model::ToJson(incident.owner));
  value.Set("opened_at", FormatUtc(incident.opened_at));
  if (incident.closed_at) value.Set("closed_at", FormatUtc(*incident.closed_at));
  if (!incident.disposition.empty()) value.Set("disposition", incident.disposition);
  if (!incident.note.empty()) value.Set("note", incident.note);
  value.Set("drill", incident.drill);
  value.Set("manual", incident.manual);
  value.Set("procedure", incident.procedure);
  value.Set("notices", incident.notices);
  return value;
}

std::string ToPayload(const Incident& incident, const Change& change) {
  json::Value payload = ToJson(incident);
  json::Value told = json::Object{{"why", change.why}};
  if (!change.text.empty()) told.Set("text", change.text);
  if (change.by) told.Set("by", model::ToJson(*change.by));
  payload.Set("change", std::move(told));
  json::Value memory = json::Object{{"service", incident.service},
                                    {"entity", incident.entity},
                                    {"progress", incident.progress},
                                    {"state_before_close", StateName(incident.state_before_close)}};
  if (!incident.run.IsNull()) memory.Set("run", incident.run);
  payload.Set("memory", std::move(memory));
  return json::ToString(payload);
}

Result<Incident> IncidentFromJson(const json::Value& payload) {
  const auto id = HashFromText(payload["id"].AsString());
  if (!id) return Fail(Code::kCorrupt, "incident.bad_payload", "a kIncident payload has no incident id");
  Incident incident;
  incident.id = model::IncidentId{*id};
  incident.state = StateFrom(payload["state"].AsString());
  incident.severity = static_cast<int>(payload["severity"].AsInt(3));
  incident.title = model::LTextFromJson(payload["title"]);
  incident.place = model::PlaceFromJson(payload["place"]);
  for (const json::Value& alarm : payload["alarms"].AsArray()) incident.alarms.emplace_back(alarm.AsString());
  incident.owner = model::PersonFromJson(payload["owner"]);
  incident.opened_at = ParseTime(payload["opened_at"].AsString()).value_or(TimePoint{});
  if (const auto closed = ParseTime(payload["closed_at"].AsString())) incident.closed_at = *closed;
  incident.disposition = payload["disposition"].AsString();
  incident.note = payload["note"].AsString();
  incident.drill = payload["drill"].AsBool();
  incident.manual = payload["manual"].AsBool();
  incident.procedure = payload["procedure"];
  incident.notices = payload["notices"].AsArray();
  const json::Value& memory = payload["memory"];
  incident.service = memory["service"].AsString();
  incident.entity = memory["entity"].AsString();
  incident.progress = memory["progress"];
  incident.state_before_close = StateFrom(memory["state_before_close"].AsString());
  return incident;
}

}  // namespace bongsu::incidents
