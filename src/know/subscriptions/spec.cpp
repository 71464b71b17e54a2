// SPDX-License-Identifier: Apache-2.0
#include "know/subscriptions/spec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "know/context/patch.hpp"

namespace bongsu::subscriptions {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 6> kWords{{{"entityCreated", kEntityCreated},
                                                                           {"entityUpdated", kEntityUpdated},
                                                                           {"entityDeleted", kEntityDeleted},
                                                                           {"attributeCreated", kAttributeCreated},
                                                                           {"attributeUpdated", kAttributeUpdated},
                                                                           {"attributeDeleted", kAttributeDeleted}}};

std::uint8_t BitOf(const AttributeChange& change) {
  if (change.before == nullptr) return kAttributeCreated;
  return change.after == nullptr ? kAttributeDeleted : kAttributeUpdated;
}

bool Triggered(const Spec& spec, const EntityChange& change) {
  if (change.before == nullptr && (spec.triggers & kEntityCreated) != 0) return true;
  if (change.after == nullptr && (spec.triggers & kEntityDeleted) != 0) return true;
  return std::ranges::any_of(change.attributes, [&](const AttributeChange& attribute) {
    return (spec.triggers & BitOf(attribute)) != 0 && spec.Watches(attribute.name());
  });
}

}  // namespace

std::optional<std::uint8_t> TriggerBits(std::string_view word) {
  const auto* const found = std::ranges::find(kWords, word, &std::pair<std::string_view, std::uint8_t>::first);
  if (found == kWords.end()) return std::nullopt;
  return found->second;
}

bool Spec::Watches(std::string_view attribute) const {
  return watched.empty() || std::ranges::find(watched, attribute) != watched.end();
}

bool Concerns(const Spec& spec, const EntityChange& change) {
  if (spec.interval > Duration{0} || change.at <= spec.active_since || !spec.ActiveAt(change.at)) return false;
  return Triggered(spec, change) && spec.query.Matches(change.entity());
}

bool MayConcern(const Spec& spec, const model::Record& record, const model::EntityPatch& patch) {
  if (spec.interval > Duration{0} || record.ingest_time <= spec.active_since || !spec.ActiveAt(record.ingest_time))
    return false;
  const auto& selectors = spec.query.selectors;
  const bool selected = selectors.empty() || std::ranges::any_of(selectors, [&](const context::Selector& selector) {
                          if (!selector.ids.empty()) return selector.ids.contains(patch.id);
                          return !selector.id_pattern || selector.id_pattern->Found(patch.id);
                        });
  if (!selected) return false;
  using model::PatchOp;
  const bool whole = patch.op == PatchOp::kCreate || patch.op == PatchOp::kReplace || patch.op == PatchOp::kDelete ||
                     patch.op == PatchOp::kUpsert || patch.op == PatchOp::kTemporalUpsert;  // an upsert may create
  if (whole || spec.watched.empty()) return true;
  if (patch.op == PatchOp::kDeleteAttribute) return spec.Watches(patch.body["attribute"].AsString());
  return std::ranges::any_of(patch.body.AsObject(), [&](const json::Member& member) {
    return !context::IsEntityMember(member.first) && spec.Watches(member.first);
  });
}

}  // namespace bongsu::subscriptions
