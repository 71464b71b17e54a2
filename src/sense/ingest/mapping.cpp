// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/mapping.hpp"

#include <algorithm>
#include <cmath>

#include "model/core_context.hpp"
#include "sense/ingest/crs.hpp"

namespace bongsu::ingest {
namespace {

Result<std::string> TextOf(const std::optional<ValueSpec>& spec, const Scope& scope) {
  if (!spec) return std::string{};
  BONGSU_TRY(const std::optional<std::string> text, spec->GetText(scope));
  return text.value_or(std::string{});
}

Result<std::optional<double>> NumberOf(const std::optional<ValueSpec>& spec, const Scope& scope,
                                       std::string_view what) {
  if (!spec) return std::nullopt;
  BONGSU_TRY(const std::optional<json::Value> value, spec->Get(scope));
  if (!value) return std::nullopt;
  if (value->IsNumber()) return value->AsDouble();
  const std::string text = json::ToPlainText(*value);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number)) {
    return Fail(Code::kInvalidArgument, "mapping.bad_value", "{}: '{}' is no number", what, text.substr(0, 80));
  }
  return number;
}

/// Swaps what only makes sense swapped: a latitude beyond 90 degrees, or a point that is in the city only the other way
/// round.
model::LatLon Unswapped(model::LatLon point, const Surroundings& surroundings) {
  const model::LatLon other{point.lon_deg, point.lat_deg};
  if (std::abs(point.lat_deg) > 90 && std::abs(other.lat_deg) <= 90) return other;
  if (std::abs(other.lat_deg) > 90 || !surroundings.in_city) return point;
  const auto here = surroundings.in_city(point);
  return here && !*here && surroundings.in_city(other).value_or(false) ? other : point;
}

model::LText TextPair(std::string text) { return {std::move(text), {}}; }

}  // namespace

bool Mapping::MatchesTopic(std::string_view topic) const {
  return match_.topic.empty() || TopicMatches(match_.topic, topic);
}

bool Mapping::Matches(const Scope& scope, Groups& groups) const {
  const auto text_at = [&](std::string_view name) {
    return scope.root == nullptr ? std::string_view{} : (*scope.root)[name].AsString();
  };
  if (!match_.host.empty() && !GlobMatches(match_.host, text_at("host"))) return false;
  if (!match_.app.empty() && !GlobMatches(match_.app, text_at("app"))) return false;
  if (!match_.msgid.empty() && !GlobMatches(match_.msgid, text_at("msgid"))) return false;
  if (match_.msg_pattern && !SearchPattern(match_.msg_pattern, text_at("msg"), &groups)) return false;
  Scope with_groups = scope;
  with_groups.groups = &groups;
  return match_.conditions.Hold(with_groups);
}

std::vector<Result<Meaning>> Mapping::Apply(Scope scope, const Surroundings& surroundings) const {
  std::vector<Result<Meaning>> meanings;
  if (ignore_) return meanings;
  if (!each_) {
    meanings.push_back(ApplyOne(scope, surroundings));
    return meanings;
  }
  const std::optional<json::Value> list = each_->Get(scope);
  if (!list) return meanings;
  if (!list->IsArray()) {
    meanings.push_back(Fail(Code::kInvalidArgument, "mapping.bad_value", "`each` points at something that is no list"));
    return meanings;
  }
  for (const json::Value& element : list->AsArray()) {
    scope.message = &element;
    meanings.push_back(ApplyOne(scope, surroundings));
  }
  return meanings;
}

Result<Meaning> Mapping::ApplyOne(const Scope& scope, const Surroundings& surroundings) const {
  Meaning meaning;
  model::Event& event = meaning.event;
  BONGSU_TRY(event.type, TextOf(type_, scope));
  if (event.type.empty()) return Fail(Code::kInvalidArgument, "mapping.missing", "the event's type is missing");
  event.event_class = class_;
  if (admission_) {
    BONGSU_TRY(const std::string word, TextOf(admission_, scope));
    event.admission = word == "urgent"        ? model::Admission::kUrgent
                      : word == "observation" ? model::Admission::kObservation
                      : word == "history"     ? model::Admission::kHistory
                                              : model::Admission::kEvent;
  }
  BONGSU_TRY(event.log_source.category, TextOf(category_, scope));
  BONGSU_TRY(event.log_source.product, TextOf(product_, scope));
  BONGSU_TRY(event.log_source.service, TextOf(service_, scope));
  meaning.without_identity = no_identity_;
  if (identity_) {
    BONGSU_TRY(event.id, TextOf(identity_, scope));
    if (event.id.empty()) return Fail(Code::kInvalidArgument, "mapping.missing", "the message's identity is missing");
  } else if (!no_identity_) {
    event.id = fmt::format("content-{}", ToText(HashParts({scope.topic, json::ToString(*scope.message)})));
  }
  event.at = scope.arrived;
  if (time_) {
    BONGSU_TRY(const std::optional<TimePoint> at, time_->GetTime(scope));
    if (at) event.at = *at;
  }
  BONGSU_TRY(event.entity, TextOf(entity_, scope));
  for (const FieldSpec& field : fields_) {
    BONGSU_TRY(std::optional<json::Value> value, field.value.Get(scope));
    if (!value) continue;
    event.fields.emplace_back(field.name, *std::move(value));
    if (field.personal) meaning.personal.push_back({*field.personal, std::nullopt, field.name});
  }
  BONGSU_TRY(meaning.belongs.name, TextOf(belongs_, scope));
  if (!meaning.belongs.name.empty()) meaning.belongs.to = belongs_to_;
  BONGSU_CHECK(ApplyPlace(scope, surroundings, event));
  for (const EntitySpec& spec : entities_) {
    BONGSU_CHECK(ApplyEntity(spec, scope, meaning));
  }
  return meaning;
}

Result<void> Mapping::ApplyPlace(const Scope& scope, const Surroundings& surroundings, model::Event& event) const {
  std::string from_entity = event.entity;
  if (place_ && place_->entity) {
    BONGSU_TRY(from_entity, TextOf(place_->entity, scope));
  }
  if (place_ && place_->lat) {
    BONGSU_TRY(const std::optional<double> lat, NumberOf(place_->lat, scope, "place"));
    BONGSU_TRY(const std::optional<double> lon, NumberOf(place_->lon, scope, "place"));
    if (lat && lon && (*lat != 0 || *lon != 0)) {
      BONGSU_TRY(const model::LatLon point, ToWgs84(place_->crs, *lon, *lat));
      model::Place place;
      place.point = Unswapped(point, surroundings);
      if (std::abs(place.point.lat_deg) > 90)
        return Fail(Code::kInvalidArgument, "place.bad_point", "latitude {} is beyond the pole", place.point.lat_deg);
      if (place_->accuracy_m) {
        BONGSU_TRY(place.accuracy_m, NumberOf(place_->accuracy_m, scope, "accuracy_m"));
      }
      event.place = std::move(place);
    }
  }
  if (!event.place && !from_entity.empty() && surroundings.place_of) {
    event.place = surroundings.place_of(from_entity);
    if (event.place) event.place->entity = from_entity;
  }
  if (!event.place || !place_) return {};
  model::Place& place = *event.place;
  for (auto [spec, into] : {std::pair{&place_->name, &place.name},
                            {&place_->address, &place.address},
                            {&place_->district, &place.district}}) {
    BONGSU_TRY(std::string text, TextOf(*spec, scope));
    if (!text.empty()) *into = TextPair(std::move(text));
  }
  BONGSU_TRY(std::string floor, TextOf(place_->floor, scope));
  if (!floor.empty()) place.floor = std::move(floor);
  if (!place_->lat || !surroundings.in_city) return {};
  const std::optional<bool> inside = surroundings.in_city(place.point);
  if (!inside) return {};
  if (!*inside && place_->outside == PlaceSpec::Outside::kQuarantine) {
    return Fail(Code::kInvalidArgument, "place.outside", "({}, {}) lies outside of the city", place.point.lat_deg,
                place.point.lon_deg);
  }
  if (!*inside && place_->outside == PlaceSpec::Outside::kDrop) event.place.reset();
  event.fields.emplace_back("in_city", *inside);
  return {};
}

bool Mapping::Writes(const sealing::PersonalAttributes& personal) const {
  return std::ranges::any_of(entities_, [&](const EntitySpec& entity) {
    return std::ranges::any_of(entity.attributes,
                               [&](const AttributeSpec& each) { return personal.Find(each.name) != nullptr; });
  });
}

Result<void> Mapping::ApplyEntity(const EntitySpec& spec, const Scope& scope, Meaning& meaning) const {
  Scope own = scope;
  if (!spec.where.Hold(own)) return {};
  model::EntityPatch patch;
  patch.id = meaning.event.entity;
  if (spec.id) {
    BONGSU_TRY(patch.id, TextOf(spec.id, scope));
  }
  BONGSU_TRY(const std::string type, TextOf(spec.type, scope));
  if (patch.id.empty() || type.empty()) return {};
  if (patch.id.find(':') == std::string::npos)
    return Fail(Code::kInvalidArgument, "mapping.bad_value", "entity id '{}' is no URI", patch.id);
  patch.op = model::PatchOp::kUpsert;
  json::Object body;
  body.emplace_back("id", patch.id);
  body.emplace_back("type", model::ExpandCore(type));
  const std::size_t bare = body.size();
  const json::Value observed_at{FormatUtc(meaning.event.at)};
  for (const AttributeSpec& attribute : spec.attributes) {
    json::Object member;
    const auto put = [&](std::string_view type, std::string_view key, json::Value value) {
      member.emplace_back("type", type);
      member.emplace_back(key, std::move(value));
    };
    if (attribute.lon) {
      BONGSU_TRY(const std::optional<double> lon, NumberOf(attribute.lon, scope, attribute.name));
      BONGSU_TRY(const std::optional<double> lat, NumberOf(attribute.lat, scope, attribute.name));
      if (!lon || !lat) continue;
      json::Object point;
      point.emplace_back("type", "Point");
      point.emplace_back("coordinates", json::Array{*lon, *lat});
      put("GeoProperty", "value", std::move(point));
    } else if (const auto& spec = attribute.value) {
      BONGSU_TRY(std::optional<json::Value> value, spec->Get(scope));
      if (!value) continue;
      switch (attribute.kind) {
        case AttributeKind::kProperty:
          put("Property", "value", *std::move(value));
          break;
        case AttributeKind::kRelationship:
          put("Relationship", "object", *std::move(value));
          break;
        case AttributeKind::kLanguage:
          put("LanguageProperty", "languageMap", *std::move(value));
          break;
        case AttributeKind::kGeo:
          put("GeoProperty", "value", *std::move(value));
          break;
      }
    }
    if (attribute.personal) meaning.personal.push_back({*attribute.personal, meaning.patches.size(), attribute.name});
    if (!attribute.unit.empty()) member.emplace_back("unitCode", attribute.unit);
    member.emplace_back("observedAt", observed_at);
    body.emplace_back(attribute.name, std::move(member));
  }
  if (body.size() == bare) return {};  // every cell was blank
  patch.body = std::move(body);
  meaning.patches.push_back(std::move(patch));
  return {};
}

}  // namespace bongsu::ingest
