// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/detector.hpp"

#include <algorithm>

#include "decide/rules/cells.hpp"

namespace bongsu::rules {
namespace {

constexpr std::size_t kMaxText = 256;  // bytes of a captured value
constexpr std::size_t kMaxClauses = 16;
constexpr std::size_t kMaxRoutes = 4096;

void AddValue(FieldId field, const json::Value& value, EventView& view) {
  if (value.IsString()) return view.AddText(field, value.AsString());
  if (value.IsInt()) return view.AddInt(field, value.AsInt());
  if (value.IsNumber()) return view.AddDouble(field, value.AsDouble());
  if (value.IsBool()) return view.AddBool(field, value.AsBool());
  if (value.IsNull()) return view.AddNull(field);
  for (const json::Value& item : value.AsArray()) AddValue(field, item, view);
}

void AddNested(const std::string& prefix, const json::Object& fields, const FieldNames& names, EventView& view) {
  for (const auto& [name, value] : fields) {
    const std::string whole = fmt::format("{}.{}", prefix, name);
    if (value.IsObject())
      AddNested(whole, value.AsObject(), names, view);
    else
      AddValue(names.Find(whole), value, view);
  }
}

/// Cut at a character border.
json::Value Short(const json::Value& value) {
  if (!value.IsString() || value.AsString().size() <= kMaxText) return value;
  std::string_view text = value.AsString().substr(0, kMaxText);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.remove_suffix(1);
  if (!text.empty()) text.remove_suffix(1);
  return json::Value{std::string(text) + "…"};
}

std::string PlainText(const json::Value& value) {
  if (value.IsObject() && value.Find("ko") != nullptr) return std::string(value["ko"].AsString());
  return json::ToPlainText(value);
}

}  // namespace

void AddFields(const json::Object& fields, const FieldNames& names, EventView& view) {
  for (const auto& [name, value] : fields) {
    if (value.IsObject())
      AddNested(name, value.AsObject(), names, view);
    else
      AddValue(names.Find(name), value, view);
  }
}

Detector::Detector(std::shared_ptr<const RuleSet> rules, const ContextPort& context)
    : rules_{std::move(rules)}, context_{context} {
  for (const PredicateIndex* index : rules_->Everything()) {
    if (auto prepared = index->Prepare(scratch_); !prepared) AssertionFailed("literal scratch", __FILE__, __LINE__);
  }
  loaded_.resize(rules_->names().size());
}

const std::vector<const PredicateIndex*>& Detector::RouteOf(const model::LogSource& source, bool unrouted) {
  route_key_.clear();
  if (!unrouted)
    route_key_.append(source.category).append("\n").append(source.product).append("\n").append(source.service);
  const auto found = routes_.find(route_key_);
  if (found != routes_.end()) return found->second;
  if (routes_.size() >= kMaxRoutes) routes_.clear();
  return routes_[route_key_] = unrouted ? rules_->Everything() : rules_->Route(source);
}

void Detector::MatchView(EventView& view, const model::LogSource& source, bool unrouted, std::vector<ProbeHit>& out) {
  ++event_number_;
  for (const PredicateIndex* index : RouteOf(source, unrouted)) index->Match(view, *this, scratch_, out);
}

void Detector::Load(FieldId field, EventView& view) {
  const ContextField* wanted = rules_->LazyField(field);
  if (wanted == nullptr || event_ == nullptr || loaded_[field] == event_number_) return;
  loaded_[field] = event_number_;
  static const Rule kNoRule;
  const auto id = Text(wanted->entity, kNoRule);
  if (!id) return;
  if (const json::Value* value = FollowPath(context_, event_->tenant, *id, wanted->path)) AddValue(field, *value, view);
}

void Detector::Fill(const model::Event& event) {
  const FieldNames& names = rules_->names();
  view_.Reset(names.size());
  AddFields(event.fields, names, view_);
  const auto own = [&](std::string_view name, std::string_view text) {
    const FieldId field = names.Find(name);
    if (field != kNoField && view_.First(field) == 0 && !text.empty()) view_.AddText(field, text);
  };
  own("type", event.type);
  own("source", event.source);
  own("entity", event.entity);
}

std::optional<json::Value> Detector::ValueOf(std::string_view name, const Rule& rule) const {
  for (const auto& [field, value] : event_->fields) {
    if (field == name) return value.IsNull() ? std::nullopt : std::optional{value};
  }
  const auto text = [](std::string_view value) {
    return value.empty() ? std::nullopt : std::optional{json::Value{value}};
  };
  if (name == "type") return text(event_->type);
  if (name == "source") return text(event_->source);
  if (name == "entity") return text(event_->entity);
  if (name == "device") return text(std::string_view{event_->entity}.substr(event_->entity.rfind(':') + 1));
  const std::size_t dot = name.find('.');
  if (dot != std::string_view::npos) {
    const auto join = rule.join.find(name.substr(0, dot));
    std::optional<std::string> id;
    if (join != rule.join.end())
      id = Text(join->second, rule);
    else if (name.substr(0, dot) == "entity")
      id = event_->entity;
    if (!id) return std::nullopt;
    const json::Value* value = FollowPath(context_, event_->tenant, *id, name.substr(dot + 1));
    return value == nullptr || value->IsNull() ? std::nullopt : std::optional{*value};
  }
  const auto facts = event_->entity.empty() ? std::nullopt : context_.Find(event_->tenant, event_->entity);
  if (name == "entity_name") {
    if (facts) return model::ToJson(facts->name);
    return text(std::string_view{event_->entity}.substr(event_->entity.rfind(':') + 1));
  }
  const auto& place = event_->place ? event_->place : facts ? facts->place : event_->place;
  if (!place) return std::nullopt;
  const model::LText* part = name == "place"      ? &place->name
                             : name == "address"  ? &place->address
                             : name == "district" ? &place->district
                                                  : nullptr;
  if (part == nullptr || part->ko.empty()) return std::nullopt;
  return model::ToJson(*part);
}

std::optional<std::string> Detector::Text(const TemplateText& text, const Rule& rule) const {
  return text.Fill([&](std::string_view name) -> std::optional<std::string> {
    const auto value = ValueOf(name, rule);
    if (!value) return std::nullopt;
    return PlainText(*value);
  });
}

std::optional<std::string> Detector::FirstText(const std::vector<TemplateText>& texts, const Rule& rule) const {
  for (const TemplateText& text : texts) {
    if (auto filled = Text(text, rule)) return filled;
  }
  return std::nullopt;
}

std::vector<std::string> Detector::Clauses(const Rule& base, std::uint32_t stage) {
  std::vector<std::string> out;
  const auto walk = [&](auto&& self, const Expression& node) -> void {
    if (node.kind == Expression::Kind::kNot || out.size() >= kMaxClauses) return;
    if (node.kind == Expression::Kind::kLeaf) {
      const Predicate& test = base.predicates[node.leaf];
      const FieldId field = rules_->names().Find(test.field);
      const FieldId other = test.other.empty() ? kNoField : rules_->names().Find(test.other);
      if (Holds(test, field, other, view_, *this) && std::ranges::find(out, test.text) == out.end())
        out.push_back(test.text);
    }
    for (const Expression& child : node.children) self(self, child);
  };
  if (const auto& when = base.stages[stage].when) walk(walk, *when);
  return out;
}

std::shared_ptr<const Detail> Detector::MakeDetail(const Rule& rule, const Rule& base, std::string key) {
  auto detail = std::make_shared<Detail>();
  detail->key = std::move(key);
  detail->entity = rule.entity.empty() ? event_->entity : FirstText(rule.entity, rule).value_or(event_->entity);
  const auto facts = detail->entity.empty() ? std::nullopt : context_.Find(event_->tenant, detail->entity);
  const auto entity_place = facts ? facts->place : std::nullopt;
  if (rule.place == PlaceFrom::kEvent) detail->place = event_->place ? event_->place : entity_place;
  if (rule.place == PlaceFrom::kEntity) detail->place = entity_place ? entity_place : event_->place;
  if (!rule.parent_key.empty()) detail->parent_key = Text(rule.parent_key, rule).value_or("");
  if (!rule.confidence.empty()) {
    const auto value = ValueOf(rule.confidence, rule);
    if (value && value->IsNumber()) detail->confidence = value->AsDouble();
  }
  for (const std::string& name : rule.captured) {
    if (const auto value = ValueOf(name, rule)) detail->values.Set(name, Short(*value));
  }
  detail->clauses = Clauses(base, base_stage_);
  return detail;
}

void Detector::AddHits(const RulePtr& pointer, std::uint32_t stage, const Rule& base, std::vector<Hit>& out) {
  const Rule& rule = *pointer;
  const bool raises = stage == 0 || rule.op != OperatorKind::kState;
  if (raises && rule.schedule && !rule.schedule->Awake(event_->at)) return;
  if (raises && rule.near_entity &&
      (!event_->place ||
       !context_.AnyNear(event_->tenant, event_->place->point, rule.near_entity->within_m, rule.near_entity->type))) {
    return;
  }
  const auto key = FirstText(rule.stages[stage].key, rule);
  if (!key) return;
  Hit hit;
  hit.rule = pointer;
  hit.tenant = event_->tenant;
  hit.key = *key;
  hit.stage = stage;
  hit.at = event_->at;
  hit.received_at = event_->received_at;
  hit.position = event_->position;
  hit.source = event_->source;
  if (event_->place) {
    hit.has_point = true;
    hit.point = event_->place->point;
  }
  if (rule.op == OperatorKind::kChange) {
    if (rule.change_field.empty() && !hit.has_point) return;
    if (!rule.change_field.empty()) {
      const auto value = ValueOf(rule.change_field, rule);
      if (!value || !value->IsNumber()) return;
      hit.value = value->AsDouble();
    }
  }
  auto detail = std::const_pointer_cast<Detail>(MakeDetail(rule, base, *key));
  if (!rule.part.empty()) {
    const auto part = Text(rule.part, rule);
    if (!part) return;
    hit.part = Hash64(*part);
    detail->part = *part;
  }
  hit.detail = std::move(detail);
  if (rule.op != OperatorKind::kNear) {
    out.push_back(std::move(hit));
    return;
  }
  if (!hit.has_point) return;
  for (std::string& cell :
       stage == 0 ? CellsOf(hit.point, 0, rule.radius_m) : CellsOf(hit.point, rule.radius_m, rule.radius_m)) {
    out.push_back(hit);
    out.back().key = std::move(cell);
  }
}

void Detector::Match(const model::Event& event, std::vector<Hit>& out) {
  event_ = &event;
  Fill(event);
  probes_.clear();
  MatchView(view_, event.log_source, false, probes_);
  for (const ProbeHit& probe : probes_) {
    const RulePtr& rule = rules_->rules()[probe.rule];
    base_stage_ = probe.stage;
    const bool plain = rule->op == OperatorKind::kEach;
    if (rule->Tells() || !plain) AddHits(rule, probe.stage, *rule, out);
    if (!plain) continue;  // what it feeds gets its findings, from the correlator
    for (const Feed& feed : rule->feeds) AddHits(feed.rule, feed.stage, *rule, out);
  }
  event_ = nullptr;
}

}  // namespace bongsu::rules
