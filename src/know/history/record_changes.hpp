// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a record of the journal does to the history of an entity.

#include <optional>
#include <string>
#include <vector>

#include "know/context/context.hpp"
#include "know/history/tail.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::history {

/// What must be known of an entity before a record is folded into it.
struct EntityBefore {
  struct Instance {
    context::Name name = nullptr;
    std::string dataset;
    context::AttributeKind kind = context::AttributeKind::kProperty;
  };
  bool there = false;
  TimePoint created{};
  std::vector<context::Name> types;
  std::vector<std::string> scopes;
  std::vector<Instance> instances;
};
/// @param before  becomes what the entity is; its room is kept from one to the next
void Look(const context::Entity* entity, EntityBefore& before);

/// Of one entity, what records of one save brought.
struct EntityChanges {
  SeriesChanges series;
  bool evolves = false;                ///< `evolution` is new.
  std::optional<Evolution> evolution;  ///< Nothing: nothing is known of it any more.
};
/// Puts what the record did behind `changes`, from the entity before and after it.
void Note(const EntityBefore& before, const context::Entity* after, const model::Record& record,
          const model::EntityPatch& patch, EntityChanges& changes);

}  // namespace bongsu::history
