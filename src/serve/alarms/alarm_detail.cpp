// SPDX-License-Identifier: Apache-2.0
#include "serve/alarms/alarm_detail.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "act/cameras/city_cameras.hpp"
#include "model/event.hpp"

namespace bongsu::api {
namespace {

/// What an operator asks to be near: the closest of each kind within its reach.
struct NearKind {
  std::string_view type;
  double reach_m;
};
constexpr std::array kNearKinds{NearKind{"PoliceStation", 20'000}, NearKind{"FireStation", 20'000},
                                NearKind{"EmergencyBell", 500}};

json::Value NearOf(const context::Replica& city, std::uint16_t tenant, model::LatLon point) {
  json::Array near;
  for (const NearKind& kind : kNearKinds) {
    for (const auto& [entity, distance_m] : city.Near(tenant, point, kind.reach_m, kind.type, 1)) {
      json::Value item = json::Object{{"entity", entity->id},
                                      {"kind", entity->type},
                                      {"name", model::ToJson(entity->name)},
                                      {"distance_m", std::round(distance_m)}};
      if (const auto place = entity->place()) item.Set("place", model::ToJson(*place));
      near.push_back(std::move(item));
    }
  }
  return near;
}

/// The chosen cameras, and the near ones that cannot be shown.
void SetCameras(json::Value& detail, const context::Replica& city, const guard::Principal& caller,
                model::LatLon point) {
  const cameras::Options options;
  const auto candidates = cameras::CamerasOf(city.Near(caller.tenant, point, options.wide_radius_m, "Camera"),
                                             guard::RoleName(caller.role));
  json::Array picks;
  for (const auto& pick : cameras::NearestCameras(point, candidates, options)) picks.push_back(cameras::ToJson(pick));
  detail.Set("cameras", std::move(picks));
  json::Array left;
  for (const auto& one : cameras::LeftOutCameras(point, candidates, options)) left.push_back(cameras::ToJson(one));
  detail.Set("cameras_left_out", std::move(left));
}

json::Value ExplanationOf(const alarms::AlarmRow& row, const json::Value& alarm) {
  json::Value value =
      json::Object{{"rule", row.rule}, {"rule_version", alarm["rule_version"]}, {"rule_title", alarm["title"]}};
  value.Set("clauses", row.explanation["clauses"].AsArray());
  value.Set("events", json::Array{});
  value.Set("values", row.explanation["values"].AsObject());
  const json::Value& text = row.explanation["text"];
  value.Set("text", text.IsObject() ? text : alarm["title"]);
  if (row.explanation["prevented_by"].IsObject()) value.Set("prevented_by", row.explanation["prevented_by"]);
  return value;
}

/// Without an incident the story is what the row itself remembers.
json::Array StoryOf(const alarms::AlarmRow& row, const incidents::Incident* incident) {
  if (incident != nullptr) return incident->timeline;
  return {json::Object{{"at", FormatUtc(row.raised_at)}, {"kind", "alarm"}, {"text", model::ToJson(row.title)}}};
}

json::Value ExplainedEvent(const model::Event& event) {
  json::Value value = json::Object{{"id", fmt::format("{}/{}", event.position.partition, event.position.seq)},
                                   {"at", FormatUtc(event.at)},
                                   {"received_at", FormatUtc(event.received_at)},
                                   {"source", event.source},
                                   {"type", event.type},
                                   {"fields", event.fields}};
  value.Set("place", event.place ? model::ToJson(*event.place) : json::Value{});
  return value;
}

/// The event itself belongs to the story: where it came from and when.
json::Value StoryLine(const model::Event& event) {
  const std::string text = event.type + " · " + event.source;
  return json::Object{
      {"at", FormatUtc(event.received_at)}, {"kind", "event"}, {"text", json::Object{{"ko", text}, {"en", text}}}};
}

/// By time; lines of one time stay as they were told.
json::Array InOrder(json::Array story) {
  std::vector<std::pair<TimePoint, std::size_t>> order;
  order.reserve(story.size());
  for (std::size_t i = 0; i < story.size(); ++i) {
    order.emplace_back(ParseTime(story[i]["at"].AsString()).value_or(TimePoint{}), i);
  }
  std::ranges::sort(order);
  json::Array sorted;
  for (const auto& [at, index] : order) sorted.push_back(std::move(story[index]));
  return sorted;
}

}  // namespace

DetailDraft DraftOf(const alarms::AlarmRow& row, const incidents::IncidentBook& incidents, const context::Replica* city,
                    const guard::Principal& caller) {
  const incidents::Incident* incident = row.incident ? incidents.Find(*row.incident) : nullptr;
  json::Value alarm = ToJson(row);
  json::Value detail;
  detail.Set("explanation", ExplanationOf(row, alarm));
  detail.Set("alarm", std::move(alarm));
  const bool placed = row.place && city != nullptr;
  detail.Set("cameras", json::Array{});
  detail.Set("cameras_left_out", json::Array{});
  if (placed) SetCameras(detail, *city, caller, row.place->point);
  detail.Set("nearest", placed ? NearOf(*city, caller.tenant, row.place->point) : json::Value{json::Array{}});
  detail.Set("timeline", StoryOf(row, incident));
  detail.Set("incident", incident != nullptr ? ToJson(*incident) : json::Value{});
  return {std::move(detail), row.events};
}

json::Value Complete(DetailDraft draft, const journal::JournalPort& journal) {
  json::Array events;
  json::Array story = draft.detail["timeline"].AsArray();
  std::int64_t gone = 0;
  for (const model::Position position : draft.events) {
    const auto record = journal.At(position);
    const auto event = record ? model::EventFromRecord(*record) : Result<model::Event>{tl::unexpected(record.error())};
    if (!event) {
      ++gone;
      continue;
    }
    events.push_back(ExplainedEvent(*event));
    story.push_back(StoryLine(*event));
  }
  draft.detail.Set("timeline", InOrder(std::move(story)));
  json::Value* explanation = draft.detail.Find("explanation");
  explanation->Set("events", std::move(events));
  if (gone > 0) explanation->Set("events_gone", gone);
  return std::move(draft.detail);
}

}  // namespace bongsu::api
