// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm_row.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::alarms {
namespace {

constexpr std::array<std::string_view, 4> kStateNames{"normal", "unacked", "acked", "returned"};
constexpr std::array<std::string_view, 4> kStatusNames{"provisional", "corrected", "final", "withdrawn"};

template <class T, std::size_t N>
T EnumFrom(const std::array<std::string_view, N>& names, std::string_view word, T otherwise) {
  const auto found = std::ranges::find(names, word);
  return found == names.end() ? otherwise : static_cast<T>(found - names.begin());
}

TimePoint TimeFrom(const json::Value& value) { return ParseTime(value.AsString()).value_or(TimePoint{}); }

template <class Tag>
json::Value IdOrNull(const std::optional<Id<Tag>>& id) {
  return id ? json::Value{bongsu::ToText(*id)} : json::Value{};
}

template <class IdType>
std::optional<IdType> IdFrom(const json::Value& value) {
  const auto hash = HashFromText(value.AsString());
  return hash ? std::optional<IdType>{IdType{*hash}} : std::nullopt;
}

/// Rule versions are whole numbers in our packs; a foreign Sigma rule may carry a date or a word.
json::Value VersionNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest == text.data() + text.size() ? number : std::int64_t{1};
}

json::Value ClosingJson(const std::optional<Closing>& closed) {
  if (!closed) return nullptr;
  json::Value value = json::Object{{"disposition", closed->disposition}};
  if (!closed->note.empty()) value.Set("note", closed->note);
  value.Set("by", model::ToJson(closed->by));
  value.Set("at", FormatUtc(closed->at));
  return value;
}

std::optional<Closing> ClosingFrom(const json::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  return Closing{std::string(value["disposition"].AsString()), std::string(value["note"].AsString()),
                 model::PersonFromJson(value["by"]).value_or(model::Person{}), TimeFrom(value["at"])};
}

json::Value UndoJson(const std::optional<Undo>& undo) {
  if (!undo) return nullptr;
  return json::Object{{"act", undo->act},
                      {"by", model::ToJson(undo->by)},
                      {"at", FormatUtc(undo->at)},
                      {"answered_before", undo->answered_before},
                      {"owner_before", model::ToJson(undo->owner_before)},
                      {"shelf_before", undo->shelf_before ? ToJson(*undo->shelf_before) : json::Value{}}};
}

std::optional<Undo> UndoFrom(const json::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  Undo undo;
  undo.act = value["act"].AsString();
  undo.by = model::PersonFromJson(value["by"]).value_or(model::Person{});
  undo.at = TimeFrom(value["at"]);
  undo.answered_before = value["answered_before"].AsBool();
  undo.owner_before = model::PersonFromJson(value["owner_before"]);
  if (value["shelf_before"].IsObject()) undo.shelf_before = ShelfFromJson(value["shelf_before"]);
  return undo;
}

json::Value MemoryJson(const AlarmRow& row, bool with_explanation) {
  json::Value memory;
  memory.Set("raised_at", FormatUtc(row.raised_at));
  memory.Set("status", kStatusNames[static_cast<std::size_t>(row.status)]);
  memory.Set("rule_version", row.rule_version);
  memory.Set("entity", row.entity);
  memory.Set("parent_key", row.parent_key);
  memory.Set("procedure", row.procedure_id);
  memory.Set("sources", json::Array(row.sources.begin(), row.sources.end()));
  json::Array told;
  for (const Told& finding : row.told) {
    told.emplace_back(
        json::Array{bongsu::ToText(finding.finding), static_cast<std::int64_t>(finding.revision), finding.count});
  }
  memory.Set("told", std::move(told));
  memory.Set("told_seq", row.told_seq);
  memory.Set("severities", row.severities);
  memory.Set("corrections", row.corrections);
  memory.Set("undo", UndoJson(row.undo));
  json::Array events;
  for (const model::Position& event : row.events) events.emplace_back(fmt::format("{}/{}", event.partition, event.seq));
  memory.Set("events", std::move(events));
  if (with_explanation) memory.Set("explanation", row.explanation);
  return memory;
}

void ReadMemory(const json::Value& memory, AlarmRow& row) {
  row.raised_at = TimeFrom(memory["raised_at"]);
  row.status = EnumFrom(kStatusNames, memory["status"].AsString(), row.status);
  row.rule_version = memory["rule_version"].AsString();
  row.entity = memory["entity"].AsString();
  row.parent_key = memory["parent_key"].AsString();
  row.procedure_id = memory["procedure"].AsString();
  for (const json::Value& source : memory["sources"].AsArray()) row.sources.emplace_back(source.AsString());
  for (const json::Value& item : memory["told"].AsArray()) {
    const json::Array& parts = item.AsArray();
    if (parts.size() != 3) continue;
    row.told.push_back({HashFromText(parts[0].AsString()).value_or(Hash128{}),
                        static_cast<std::uint32_t>(parts[1].AsInt()), static_cast<std::uint64_t>(parts[2].AsInt())});
  }
  row.told_seq = static_cast<std::uint64_t>(memory["told_seq"].AsInt());
  row.severities = memory["severities"].AsArray();
  row.corrections = memory["corrections"].AsArray();
  row.undo = UndoFrom(memory["undo"]);
  for (const json::Value& event : memory["events"].AsArray()) {
    const std::string_view text = event.AsString();
    const std::size_t slash = std::min(text.find('/'), text.size());
    model::Position position;
    std::from_chars(text.data(), text.data() + slash, position.partition);
    if (slash < text.size()) std::from_chars(text.data() + slash + 1, text.data() + text.size(), position.seq);
    row.events.push_back(position);
  }
  row.explanation = memory["explanation"];
}

}  // namespace

std::string_view StateName(model::AlarmState state) { return kStateNames[static_cast<std::size_t>(state)]; }

json::Value ToJson(const AlarmRow& row) {
  // A withdrawn finding is shown as corrected: what a person was told never vanishes (architecture D17).
  const auto status = row.status == model::FindingStatus::kWithdrawn ? model::FindingStatus::kCorrected : row.status;
  json::Value value;
  value.MutableObject().reserve(34);
  value.Set("id", bongsu::ToText(row.id));
  value.Set("occurrence", row.occurrence);
  value.Set("state", StateName(row.state));
  value.Set("severity", row.severity);
  value.Set("rule", row.rule);
  value.Set("rule_version", VersionNumber(row.rule_version));
  value.Set("key", row.key);
  value.Set("first_at", FormatUtc(row.first_at));
  value.Set("last_at", FormatUtc(row.last_at));
  value.Set("count", row.count);
  value.Set("place", row.place ? model::ToJson(*row.place) : json::Value{});
  value.Set("owner", model::ToJson(row.owner));
  value.Set("drill", row.drill);
  value.Set("title", model::ToJson(row.title));
  value.Set("service", row.service);
  value.Set("source", row.sources.empty() ? std::string{} : row.sources.back());
  value.Set("sources", static_cast<std::int64_t>(row.sources.size()));
  if (row.confidence) value.Set("confidence", *row.confidence);
  value.Set("status", kStatusNames[static_cast<std::size_t>(status)]);
  value.Set("detect_delay_ms", row.detect_delay_ms);
  value.Set("shelved", row.shelved ? ToJson(*row.shelved) : json::Value{});
  value.Set("suppressed", row.suppressed);
  value.Set("out_of_service", row.out_of_service);
  value.Set("parent", IdOrNull(row.parent));
  value.Set("children", row.children);
  value.Set("position", row.position);
  value.Set("incident", IdOrNull(row.incident));
  value.Set("procedure", row.procedure);
  value.Set("evidence", row.evidence);
  value.Set("closed", ClosingJson(row.closed));
  return value;
}

std::string ToPayload(const AlarmRow& row, const Change& change, bool with_explanation) {
  json::Value payload = ToJson(row);
  json::Value told = json::Object{{"from", StateName(change.from)}, {"to", StateName(change.to)}, {"why", change.why}};
  if (!change.text.empty()) told.Set("text", change.text);
  if (change.by) told.Set("by", model::ToJson(*change.by));
  payload.Set("change", std::move(told));
  payload.Set("memory", MemoryJson(row, with_explanation));
  return json::ToString(payload);
}

Result<AlarmRow> RowFromJson(const json::Value& payload) {
  const auto id = HashFromText(payload["id"].AsString());
  if (!id) return Fail(Code::kCorrupt, "alarm.bad_payload", "a kAlarm payload has no alarm id");
  AlarmRow row;
  row.id = model::AlarmId{*id};
  row.occurrence = payload["occurrence"].AsInt(1);
  row.state = EnumFrom(kStateNames, payload["state"].AsString(), model::AlarmState::kNormal);
  row.severity = static_cast<int>(payload["severity"].AsInt(3));
  row.rule = payload["rule"].AsString();
  row.key = payload["key"].AsString();
  row.first_at = TimeFrom(payload["first_at"]);
  row.last_at = TimeFrom(payload["last_at"]);
  row.count = static_cast<std::uint64_t>(payload["count"].AsInt(1));
  row.place = model::PlaceFromJson(payload["place"]);
  row.owner = model::PersonFromJson(payload["owner"]);
  row.drill = payload["drill"].AsBool();
  row.title = model::LTextFromJson(payload["title"]);
  row.service = payload["service"].AsString();
  if (payload["confidence"].IsNumber()) row.confidence = payload["confidence"].AsDouble();
  row.status = EnumFrom(kStatusNames, payload["status"].AsString(), model::FindingStatus::kProvisional);
  row.detect_delay_ms = payload["detect_delay_ms"].AsInt();
  if (payload["shelved"].IsObject()) row.shelved = ShelfFromJson(payload["shelved"]);
  row.suppressed = payload["suppressed"].AsBool();
  row.out_of_service = payload["out_of_service"].AsBool();
  row.parent = IdFrom<model::AlarmId>(payload["parent"]);
  row.children = payload["children"].AsInt();
  row.position = payload["position"].AsString("video");
  row.incident = IdFrom<model::IncidentId>(payload["incident"]);
  row.procedure = payload["procedure"];
  row.evidence = payload["evidence"].AsString("none");
  row.closed = ClosingFrom(payload["closed"]);
  ReadMemory(payload["memory"], row);
  return row;
}

}  // namespace bongsu::alarms
