// SPDX-License-Identifier: Apache-2.0
#include "know/history/record_changes.hpp"

#include <algorithm>

namespace bongsu::history {
namespace {

using model::PatchOp;

/// Finds one record's changes.
class Collector {
 public:
  Collector(const model::Record& record, const model::EntityPatch& patch, SeriesChanges& changes)
      : record_{record}, patch_{patch}, changes_{changes} {}

  void Written(const EntityBefore& before, const context::Entity* after) {
    if (after != nullptr) {
      for (const auto& attribute : after->attributes) {
        if (attribute.modified != record_.ingest_time) continue;
        if (attribute.has_dataset) {
          Add(*attribute.name, DatasetIn(attribute), attribute.json, false);
        } else {
          Add(*attribute.name, {}, attribute.json, false);
        }
      }
    }
    for (const auto& instance : before.instances) {
      if (after == nullptr || !Has(*after, instance)) Deleted(instance);
    }
    Scoped(before, after);
    if (ordinal_ > 0 && Seals(patch_.id, record_.ingest_time)) changes_.set_seals();
  }

  void Put() {
    const json::Value& scope = patch_.body[kScope];
    const bool in_time = context::IsScopeInstances(scope);
    for (const auto& [name, value] : patch_.body.AsObject()) {
      if (name == kScope ? !in_time : context::IsEntityMember(name)) continue;
      const auto put = [&, &attribute = name](const json::Value& instance) {
        Change change = Start(Change::Kind::kPut, attribute, context::DatasetOf(instance));
        change.id = {record_.ingest_time, ordinal_++};
        change.json = json::ToString(instance);
        changes_.Edit(std::move(change));
      };
      if (!value.IsArray()) put(value);
      for (const auto& instance : value.AsArray()) put(instance);
    }
  }

  /// A scope is so from the time it was told until another is told (clause 4.18).
  void Scoped(const EntityBefore& before, const context::Entity* after) {
    static const std::vector<std::string> kNone;
    const auto& now = after != nullptr ? after->scopes : kNone;
    if (now == before.scopes) return;
    if (now.empty()) return Add(kScope, {}, R"({"type":"Property"})", true);
    json::Array scopes;
    for (const auto& scope : now) scopes.emplace_back(scope);
    const json::Value instance = json::Object{
        {"type", "Property"}, {"value", std::move(scopes)}, {"observedAt", FormatUtc(record_.ingest_time)}};
    Add(kScope, {}, json::ToString(instance), false);
  }

  void Edit(Change::Kind kind) {
    const auto id = InstanceFromUrn(patch_.body["instanceId"].AsString());
    if (!id) return;
    const json::Value& instance = patch_.body["instance"];
    Change change = Start(kind, patch_.body["attribute"].AsString(), context::DatasetOf(patch_.body));
    change.id = *id;
    if (instance.IsObject()) change.json = json::ToString(instance);
    changes_.Edit(std::move(change));
  }

  void Clear() {
    const bool all = patch_.body["deleteAll"].AsBool();
    changes_.Edit(Start(all ? Change::Kind::kClearAttribute : Change::Kind::kClear, patch_.body["attribute"].AsString(),
                        all ? std::string_view{} : context::DatasetOf(patch_.body)));
  }

  void ClearEntity() { changes_.Edit(Start(Change::Kind::kClearEntity, {}, {})); }

 private:
  void Add(std::string_view attribute, std::string_view dataset, std::string_view json, bool deleted) {
    changes_.Add({{record_.ingest_time, ordinal_++}, deleted, attribute, dataset, json});
  }

  void Deleted(const EntityBefore::Instance& instance) {
    json::Value shell = json::Object{{"type", context::KindName(instance.kind)}};
    if (!instance.dataset.empty()) shell.Set("datasetId", instance.dataset);
    Add(*instance.name, instance.dataset, json::ToString(shell), true);
  }

  Change Start(Change::Kind kind, std::string_view attribute, std::string_view dataset) const {
    Change change;
    change.kind = kind;
    change.attribute = attribute;
    change.dataset = dataset;
    change.at = record_.ingest_time;
    return change;
  }

  static std::string DatasetIn(const context::Attribute& attribute) {
    if (!attribute.has_dataset) return {};
    const auto instance = json::Parse(attribute.json);
    return std::string(instance ? context::DatasetOf(*instance) : std::string_view{});
  }

  static bool Has(const context::Entity& entity, const EntityBefore::Instance& instance) {
    return std::ranges::any_of(entity.attributes, [&](const context::Attribute& attribute) {
      return attribute.name == instance.name && attribute.has_dataset == !instance.dataset.empty() &&
             (instance.dataset.empty() || DatasetIn(attribute) == instance.dataset);
    });
  }

  const model::Record& record_;
  const model::EntityPatch& patch_;
  SeriesChanges& changes_;
  std::uint32_t ordinal_ = 0;
};

void Evolve(const EntityBefore& before, const context::Entity* after, const model::Record& record,
            const model::EntityPatch& patch, EntityChanges& changes) {
  const bool clears = patch.op == PatchOp::kTemporalDelete;
  if (after == nullptr && !before.there) {
    if (!clears) return;
    changes.evolves = true;
    changes.evolution.reset();
    return;
  }
  if (after != nullptr && before.there && after->types == before.types && after->created == before.created && !clears)
    return;
  Evolution now;
  for (const auto& type : after != nullptr ? after->types : before.types) now.types.push_back(*type);
  now.created = after != nullptr ? after->created : before.created;
  now.cleared = after != nullptr && clears;
  if (after == nullptr) now.deleted = record.ingest_time;
  changes.evolves = true;
  changes.evolution = std::move(now);
}

}  // namespace

void Look(const context::Entity* entity, EntityBefore& before) {
  before.there = entity != nullptr;
  before.types.clear();
  before.scopes.clear();
  before.instances.clear();
  if (entity == nullptr) return;
  before.created = entity->created;
  before.types = entity->types;
  before.scopes = entity->scopes;
  for (const auto& attribute : entity->attributes) {
    EntityBefore::Instance& instance = before.instances.emplace_back();
    instance.name = attribute.name;
    instance.kind = attribute.kind;
    if (!attribute.has_dataset) continue;
    if (const auto parsed = json::Parse(attribute.json)) instance.dataset = context::DatasetOf(*parsed);
  }
}

void Note(const EntityBefore& before, const context::Entity* after, const model::Record& record,
          const model::EntityPatch& patch, EntityChanges& changes) {
  Collector collector{record, patch, changes.series};
  switch (patch.op) {
    case PatchOp::kTemporalUpsert:
    case PatchOp::kTemporalAppend:
      collector.Put();
      if (!context::IsScopeInstances(patch.body[kScope])) collector.Scoped(before, after);
      break;
    case PatchOp::kTemporalDelete:
      collector.ClearEntity();
      break;
    case PatchOp::kTemporalDeleteAttribute:
      collector.Clear();
      break;
    case PatchOp::kTemporalReplaceInstance:
      collector.Edit(Change::Kind::kReplace);
      break;
    case PatchOp::kTemporalDeleteInstance:
      collector.Edit(Change::Kind::kErase);
      break;
    default:
      collector.Written(before, after);
  }
  Evolve(before, after, record, patch, changes);
}

}  // namespace bongsu::history
