// SPDX-License-Identifier: Apache-2.0
#include "know/context/write_check.hpp"

#include <algorithm>

namespace bongsu::context {
namespace {

using model::PatchOp;

const Attribute* FindInstance(const Entity& entity, std::string_view name, std::string_view dataset) {
  for (const Attribute& attribute : entity.attributes) {
    if (*attribute.name != name || attribute.has_dataset == dataset.empty()) continue;
    if (dataset.empty()) return &attribute;
    const auto instance = json::Parse(attribute.json);
    if (instance && DatasetOf(*instance) == dataset) return &attribute;
  }
  return nullptr;
}

tl::unexpected<Error> NoAttribute(std::string_view id, std::string_view name) {
  return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "entity {} has no attribute {}", id, name);
}

/// Instances of one attribute member, array or not.
template <class Visit>
Result<void> EachInstance(const json::Value& value, const Visit& visit) {
  if (!value.IsArray()) return visit(value);
  for (const auto& instance : value.AsArray()) {
    BONGSU_CHECK(visit(instance));
  }
  return {};
}

/// A given type must be the stored one where the operation keeps what is stored.
Result<void> CheckKind(const Entity& entity, std::string_view name, const json::Value& instance, bool must_exist) {
  const Attribute* there = FindInstance(entity, name, DatasetOf(instance));
  if (there == nullptr) return must_exist ? Result<void>{NoAttribute(entity.id, name)} : Result<void>{};
  const auto type = instance["type"].AsString();
  if (IsDeletion(instance) || type.empty() || type == KindName(there->kind)) return {};
  return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "attribute {} is a {} and cannot become a {}", name,
              KindName(there->kind), type);
}

Result<void> CheckAttributes(const Entity& entity, const model::EntityPatch& patch, WriteOutcome& outcome) {
  const bool keeps_kind = patch.op == PatchOp::kPartial || patch.op == PatchOp::kMerge;
  const bool must_exist = patch.op == PatchOp::kPartial || patch.op == PatchOp::kReplaceAttribute;
  outcome.updated.reserve(outcome.updated.size() + patch.body.AsObject().size());
  for (const auto& [name, value] : patch.body.AsObject()) {
    if (IsEntityMember(name)) continue;
    bool done = false;
    BONGSU_CHECK(EachInstance(value, [&, &attribute = name](const json::Value& instance) -> Result<void> {
      const auto there = [&] { return FindInstance(entity, attribute, DatasetOf(instance)) != nullptr; };
      if (must_exist && !there() && entity.Find(attribute) == nullptr) return NoAttribute(entity.id, attribute);
      if (keeps_kind) {
        BONGSU_CHECK(CheckKind(entity, attribute, instance, patch.op == PatchOp::kPartial));
      }
      if (patch.op == PatchOp::kReplaceAttribute && !there()) return NoAttribute(entity.id, attribute);
      if (patch.op == PatchOp::kAppendNoOverwrite && there()) return {};
      if (patch.op == PatchOp::kUpdate && IsDeletion(instance) && !there()) return {};
      done = true;
      return {};
    }));
    if (done) {
      outcome.updated.push_back(name);
    } else {
      outcome.not_updated.emplace_back(name, patch.op == PatchOp::kAppendNoOverwrite
                                                 ? "attribute already exists and noOverwrite was asked for"
                                                 : "attribute does not exist");
    }
  }
  return {};
}

void CheckScope(const Entity& entity, const model::EntityPatch& patch, WriteOutcome& outcome) {
  if (patch.body.Find("scope") == nullptr) return;
  if (patch.op == PatchOp::kUpdate && entity.scopes.empty()) {
    outcome.not_updated.emplace_back("scope", "entity has no scope to update");
  } else {
    outcome.updated.emplace_back("scope");
  }
}

Result<WriteOutcome> CheckDeleteAttribute(const Entity& entity, const model::EntityPatch& patch) {
  const auto name = patch.body["attribute"].AsString();
  WriteOutcome outcome;
  if (name == "scope") {
    if (entity.scopes.empty()) return NoAttribute(entity.id, name);
    return outcome;
  }
  const bool all = patch.body["deleteAll"].AsBool();
  const bool there = all ? entity.Find(name) != nullptr : FindInstance(entity, name, DatasetOf(patch.body)) != nullptr;
  if (!there) return NoAttribute(entity.id, name);
  return outcome;
}

}  // namespace

Result<WriteOutcome> CheckWrite(const Entity* entity, const model::EntityPatch& patch) {
  WriteOutcome outcome;
  if (model::IsTemporal(patch.op) && patch.op != PatchOp::kTemporalUpsert) return outcome;
  if (patch.op == PatchOp::kTemporalUpsert && entity != nullptr) return outcome;
  if (patch.op == PatchOp::kTemporalUpsert || patch.op == PatchOp::kCreate ||
      (patch.op == PatchOp::kUpsert && entity == nullptr)) {
    if (entity != nullptr) return Fail(Code::kConflict, "ngsi.AlreadyExists", "entity {} exists already", patch.id);
    if (patch.body.Find("type") == nullptr)
      return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "entity {} has no type", patch.id);
    outcome.created = true;
    return outcome;
  }
  if (entity == nullptr) return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "there is no entity {}", patch.id);
  if (patch.op == PatchOp::kDelete || patch.op == PatchOp::kReplace) return outcome;
  if (patch.op == PatchOp::kDeleteAttribute) return CheckDeleteAttribute(*entity, patch);
  CheckScope(*entity, patch, outcome);
  BONGSU_CHECK(CheckAttributes(*entity, patch, outcome));
  outcome.nothing_to_do =
      outcome.updated.empty() && patch.body.Find("type") == nullptr && patch.body.Find("expiresAt") == nullptr;
  return outcome;
}

}  // namespace bongsu::context
