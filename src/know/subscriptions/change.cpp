// SPDX-License-Identifier: Apache-2.0
#include "know/subscriptions/change.hpp"

#include <algorithm>

namespace bongsu::subscriptions {
namespace {

using context::Attribute;
using context::Entity;

std::string DatasetOf(const Attribute& attribute) {
  if (!attribute.has_dataset) return {};
  const auto instance = json::Parse(attribute.json);
  return instance ? std::string{context::DatasetOf(*instance)} : std::string{};
}

/// The instance of `entity` with the name and dataset of `wanted`. Names are compared as text: the two states may come
/// from different shelves.
const Attribute* Counterpart(const Entity* entity, const Attribute& wanted) {
  if (entity == nullptr) return nullptr;
  for (const Attribute& attribute : entity->attributes) {
    if (attribute.has_dataset != wanted.has_dataset) continue;
    if (attribute.name != wanted.name && *attribute.name != *wanted.name) continue;
    if (!wanted.has_dataset || DatasetOf(attribute) == DatasetOf(wanted)) return &attribute;
  }
  return nullptr;
}

bool Same(const Attribute& a, const Attribute& b) {
  if (a.json == b.json) return true;
  if (a.json.size() != b.json.size()) return false;
  const auto before = json::Parse(a.json);
  const auto after = json::Parse(b.json);
  return before && after && *before == *after;
}

}  // namespace

EntityChange Compare(const Entity* before, const Entity* after) {
  EntityChange change;
  change.before = before;
  change.after = after;
  if (after != nullptr) {
    for (const Attribute& attribute : after->attributes) {
      const Attribute* was = Counterpart(before, attribute);
      if (was == nullptr || !Same(*was, attribute)) change.attributes.push_back({was, &attribute});
    }
  }
  if (before != nullptr) {
    for (const Attribute& attribute : before->attributes) {
      if (Counterpart(after, attribute) == nullptr) change.attributes.push_back({&attribute, nullptr});
    }
  }
  return change;
}

}  // namespace bongsu::subscriptions
