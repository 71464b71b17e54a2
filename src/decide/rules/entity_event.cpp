// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/entity_event.hpp"

#include <algorithm>
#include <array>

#include "model/core_context.hpp"

namespace bongsu::rules {
namespace {

bool IsMeta(std::string_view name) {
  constexpr std::array<std::string_view, 5> kMeta{"id", "type", "@id", "@type", "scope"};
  return std::ranges::find(kMeta, name) != kMeta.end();
}

/// What the attribute says: a property's value, a relationship's object, a language map.
const json::Value* Said(const json::Value& attribute) {
  const json::Value& one =
      attribute.IsArray() && !attribute.AsArray().empty() ? attribute.AsArray().front() : attribute;
  for (const std::string_view name : {"value", "object", "languageMap", "vocab"}) {
    if (const json::Value* value = one.Find(name)) return value;
  }
  return nullptr;
}

std::optional<model::Place> PointOf(const json::Value& geo, const std::string& id) {
  const json::Array& at = geo["coordinates"].AsArray();
  if (geo["type"].AsString() != "Point" || at.size() < 2) return std::nullopt;
  model::Place place;
  place.point = {at[1].AsDouble(), at[0].AsDouble()};
  place.entity = id;
  return place;
}

}  // namespace

model::Event EventFromPatch(const model::EntityPatch& patch, const model::Record& record, std::string_view known_type) {
  model::Event event;
  event.tenant = record.tenant;
  event.source = record.source;
  event.event_class = model::EventClass::kObservation;
  event.type = fmt::format("entity.{}", model::PatchOpName(patch.op));
  event.entity = patch.id;
  event.at = record.event_time;
  event.received_at = record.ingest_time;
  event.position = record.position;
  std::string_view type = known_type;
  for (const std::string_view name : {"type", "@type"}) {
    const json::Value& said = patch.body[name];
    if (said.IsString()) type = said.AsString();
    if (said.IsArray() && !said.AsArray().empty()) type = said.AsArray().front().AsString();
  }
  event.log_source = {"entity", "", std::string(model::CompactCore(type))};
  for (const auto& [name, attribute] : patch.body.AsObject()) {
    const json::Value* value = IsMeta(name) ? nullptr : Said(attribute);
    if (value == nullptr) continue;
    const std::string_view shown = model::CompactCore(name);
    if (shown == "location") event.place = PointOf(*value, patch.id);
    event.fields.emplace_back(std::string(shown), *value);
  }
  return event;
}

std::optional<model::Event> EventFromEntityRecord(const model::Record& record, std::string_view known_type) {
  if (record.kind != model::Kind::kEntity || record.cause.seq != 0) return std::nullopt;
  const auto patch = model::PatchOf(record);
  if (!patch || model::IsTemporal((*patch)->op)) return std::nullopt;  // what was is no news
  return EventFromPatch(**patch, record, known_type);
}

}  // namespace bongsu::rules
