// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "know/store/reference_model_fake.hpp"

namespace bongsu::store {
namespace {

using Kind = Operation::Kind;
using model::PatchOp;

constexpr std::string_view kTypes[] = {"x:T", "x:U"};

PatchOp OpOf(Kind kind) {
  switch (kind) {
    case Kind::kCreate:
      return PatchOp::kCreate;
    case Kind::kReplace:
      return PatchOp::kReplace;
    case Kind::kMerge:
      return PatchOp::kMerge;
    case Kind::kDeleteAttribute:
      return PatchOp::kDeleteAttribute;
    case Kind::kDelete:
      return PatchOp::kDelete;
    case Kind::kTemporalUpsert:
      return PatchOp::kTemporalUpsert;
    case Kind::kTemporalDelete:
      return PatchOp::kTemporalDelete;
    case Kind::kTemporalDeleteAttribute:
      return PatchOp::kTemporalDeleteAttribute;
    case Kind::kTemporalDeleteInstance:
      return PatchOp::kTemporalDeleteInstance;
    default:
      return PatchOp::kUpsert;
  }
}

/// Every eighth value of a merge is the NGSI-LD Null.
bool IsNull(int value) { return value % 8 == 7; }

/// Every third writes the scope too, one of three.
std::optional<int> ScopeIn(const Operation& operation) {
  if (operation.value % 3 != 1) return std::nullopt;
  return operation.value / 3 % 3;
}

}  // namespace

ModelAttribute* ModelEntity::Find(const std::string& name) {
  const auto at = std::ranges::find(attributes, name, &ModelAttribute::name);
  return at != attributes.end() ? &*at : nullptr;
}

std::string ReferenceModel::NameOf(int attribute) {
  return attribute == 0 ? std::string(context::kLocation) : "x:n" + std::to_string(attribute);
}

std::string ReferenceModel::Instance(const std::string& name, int value, std::optional<TimePoint> observed) {
  const std::string when = observed ? fmt::format(R"(,"observedAt":"{}")", FormatUtc(*observed)) : "";
  if (name == context::kLocation)
    return fmt::format(R"({{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},35]}}{}}})",
                       126 + value % 5, when);
  if (name == history::kScope) return fmt::format(R"({{"type":"Property","value":["{}"]{}}})", ScopeName(value), when);
  return fmt::format(R"({{"type":"Property","value":{}{}}})", value, when);
}

const ReferenceModel::Entities& ReferenceModel::at(TimePoint time) const {
  static const Entities kNone;
  const auto after = past_.upper_bound(time);
  return after == past_.begin() ? kNone : std::prev(after)->second;
}

std::vector<TimePoint> ReferenceModel::times() const {
  std::vector<TimePoint> times;
  times.reserve(past_.size());
  for (const auto& [time, entities] : past_) times.push_back(time);
  return times;
}

std::map<std::pair<std::string, std::string>, std::vector<ModelSample>> ReferenceModel::samples() const {
  auto all = samples_;
  std::erase_if(all, [](const auto& series) { return series.second.empty(); });
  for (auto& [key, series] : all) {
    std::ranges::sort(series, [](const ModelSample& a, const ModelSample& b) {
      const TimePoint at = a.observed.value_or(a.id.recorded);
      const TimePoint other = b.observed.value_or(b.id.recorded);
      return at != other ? at < other : a.id < b.id;
    });
  }
  return all;
}

std::optional<model::EntityPatch> ReferenceModel::Apply(const Operation& operation, TimePoint at,
                                                        std::uint16_t partitions) {
  const std::string id = IdOf(operation.entity);
  const bool there = entities_.contains(id);
  const bool creates =
      operation.kind == Kind::kCreate || operation.kind == Kind::kUpsert || operation.kind == Kind::kTemporalUpsert;
  if (!there && !creates) return std::nullopt;
  if (there && operation.kind == Kind::kCreate) return std::nullopt;
  model::EntityPatch patch{OpOf(operation.kind), id, {}};
  const std::string name = NameOf(operation.attribute);
  auto& series = samples_[{id, name}];
  switch (operation.kind) {
    case Kind::kDelete: {
      const ModelEntity before = entities_[id];
      entities_.erase(id);
      Sampled(id, &before, at);
      break;
    }
    case Kind::kDeleteAttribute: {
      ModelEntity& entity = entities_[id];
      if (entity.Find(name) == nullptr) return std::nullopt;
      const ModelEntity before = entity;
      std::erase_if(entity.attributes, [&](const ModelAttribute& a) { return a.name == name; });
      entity.modified = at;
      Sampled(id, &before, at);
      patch.body = json::Object{{"attribute", name}};
      break;
    }
    case Kind::kTemporalDelete:
      for (auto& [key, all] : samples_) {
        if (key.first == id) all.clear();
      }
      break;
    case Kind::kTemporalDeleteAttribute:
      series.clear();
      patch.body = json::Object{{"attribute", name}};
      break;
    case Kind::kTemporalDeleteInstance: {
      if (series.empty()) return std::nullopt;
      const auto gone = series.begin() + operation.value % static_cast<int>(series.size());
      patch.body = json::Object{{"attribute", name},
                                {"instanceId", history::InstanceUrn(model::PartitionOf(0, id, partitions), gone->id)}};
      series.erase(gone);
      break;
    }
    default: {
      std::vector<Told> told;
      patch.body = json::Parse(Change(operation, id, at, told)).value();
      if (operation.kind == Kind::kTemporalUpsert) {
        Temporal(id, at, told);
      } else {
        Write(operation, id, at, told);
      }
    }
  }
  past_[at] = entities_;
  return patch;
}

/// The body, and what it tells.
std::string ReferenceModel::Change(const Operation& operation, const std::string& id, TimePoint at,
                                   std::vector<Told>& told) {
  const bool temporal = operation.kind == Kind::kTemporalUpsert;
  std::string body = "{";
  if (operation.kind != Kind::kMerge) {
    const std::string type{kTypes[operation.value % 2]};
    body += fmt::format(R"("type":"{}",)", type);
    ModelEntity& entity = entities_[id];
    if (operation.kind == Kind::kReplace) entity.types.clear();
    if (std::ranges::find(entity.types, type) == entity.types.end()) {
      entity.types.push_back(type);
      if (entity.created != TimePoint{}) entity.modified = at;
    }
  }
  std::optional<TimePoint> observed;
  if (temporal || operation.late_s > 0) observed = at - std::chrono::seconds{operation.late_s};
  if (const auto scope = ScopeIn(operation)) {
    const std::string name{history::kScope};
    const std::string instance = Instance(name, *scope, observed);
    body += fmt::format(R"("scope":{},)", temporal ? "[" + instance + "]" : "\"" + ScopeName(*scope) + "\"");
    told.push_back({name, *scope, observed});
  }
  for (int i = 0; i < (operation.more ? 2 : 1); ++i) {
    const std::string name = NameOf((operation.attribute + i) % 4);
    const int value = name == context::kLocation ? operation.value % 5 : operation.value;
    const bool gone = operation.kind == Kind::kMerge && name != context::kLocation && IsNull(value);
    body += fmt::format(R"({}"{}":{})", i > 0 ? "," : "", name,
                        gone ? R"({"type":"Property","value":"urn:ngsi-ld:null"})" : Instance(name, value, observed));
    told.push_back({name, gone ? -1 : value, observed});
  }
  return body + "}";
}

void ReferenceModel::Write(const Operation& operation, const std::string& id, TimePoint at,
                           const std::vector<Told>& told) {
  ModelEntity& entity = entities_[id];
  const ModelEntity before = entity;
  bool changed = false;
  const bool scoped = !told.empty() && told.front().name == history::kScope;
  if (operation.kind == Kind::kReplace) {
    entity.attributes.clear();
    if (!scoped) entity.scope.reset();
    changed = true;
  }
  if (scoped) entity.scope = told.front().value;
  if (entity.scope != before.scope) entity.scoped = at;
  for (const Told& one : told) {
    if (one.name == history::kScope) {
      changed = true;
      continue;
    }
    ModelAttribute* there = entity.Find(one.name);
    if (one.value < 0) {
      changed = std::erase_if(entity.attributes, [&](const auto& a) { return a.name == one.name; }) > 0 || changed;
      continue;
    }
    changed = true;
    if (there == nullptr) {
      entity.attributes.push_back({one.name, one.value, one.observed, at});
      continue;
    }
    there->value = one.value;
    there->modified = at;
    if (operation.kind != Kind::kMerge || one.observed) there->observed = one.observed;
  }
  if (entity.created == TimePoint{}) entity.created = at;
  if (changed) entity.modified = at;
  Sampled(id, &before, at);
}

/// Samples of what was written by a change at `at`, then of what went with it.
void ReferenceModel::Sampled(const std::string& id, const ModelEntity* before, TimePoint at) {
  std::uint32_t ordinal = 0;
  const auto now = entities_.find(id);
  if (now != entities_.end()) {
    for (const ModelAttribute& attribute : now->second.attributes) {
      if (attribute.modified != at) continue;
      samples_[{id, attribute.name}].push_back({{at, ordinal++}, attribute.value, attribute.observed});
    }
  }
  for (const ModelAttribute& attribute : before->attributes) {
    if (now == entities_.end() || now->second.Find(attribute.name) == nullptr)
      samples_[{id, attribute.name}].push_back({{at, ordinal++}, std::nullopt, std::nullopt});
  }
  const std::optional<int> scope = now == entities_.end() ? std::nullopt : now->second.scope;
  if (scope == before->scope) return;
  samples_[{id, std::string(history::kScope)}].push_back(
      {{at, ordinal++}, scope, scope ? std::optional{at} : std::nullopt});
}

void ReferenceModel::Temporal(const std::string& id, TimePoint at, const std::vector<Told>& told) {
  ModelEntity& entity = entities_[id];
  const bool fresh = entity.created == TimePoint{};
  std::uint32_t ordinal = 0;
  bool changed = fresh;
  for (const Told& one : told) {
    auto& series = samples_[{id, one.name}];
    std::erase_if(series, [&](const ModelSample& sample) { return sample.observed == one.observed; });
    series.push_back({{at, ordinal++}, one.value, one.observed});
    if (one.name == history::kScope) {
      if (*one.observed < entity.scoped) continue;
      changed = true;
      entity.scope = one.value;
      entity.scoped = *one.observed;
      continue;
    }
    ModelAttribute* there = entity.Find(one.name);
    if (there != nullptr && *one.observed < there->observed.value_or(there->modified)) continue;
    changed = true;
    if (there == nullptr) {
      entity.attributes.push_back({one.name, one.value, one.observed, at});
    } else {
      *there = {one.name, one.value, one.observed, at};
    }
  }
  if (fresh) entity.created = at;
  if (changed) entity.modified = at;
}

}  // namespace bongsu::store
