// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One committed change of one entity as subscriptions look at it: the entity before, after, and which instances of
/// attributes differ. Pointers look into the two entities.

#include <vector>

#include "know/context/entity.hpp"
#include "model/record.hpp"

namespace bongsu::subscriptions {

/// An instance that differs: no `before` when it is new, no `after` when it is gone.
struct AttributeChange {
  const context::Attribute* before = nullptr;
  const context::Attribute* after = nullptr;

  const std::string& name() const { return *(after != nullptr ? after : before)->name; }
};

struct EntityChange {
  const context::Entity* before = nullptr;  ///< Null: there was none.
  const context::Entity* after = nullptr;   ///< Null: it was deleted.
  std::vector<AttributeChange> attributes;  ///< In the order of `after`, then what is gone.
  model::Position position;
  TimePoint at{};  ///< Ingest time of the record.

  const context::Entity& entity() const { return after != nullptr ? *after : *before; }
};

/// What differs between two states of one entity, at least one of which is there. An instance differs when any member
/// of its JSON does; the order of members does not count.
EntityChange Compare(const context::Entity* before, const context::Entity* after);

}  // namespace bongsu::subscriptions
