// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What one subscription wants to be told: the compiled part that decides. Immutable once made, so it is shared between
/// threads. Source: GS CIM 009 V1.9.1 clauses 5.2.12 and 5.8.6; section 13 of our checklist.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "know/context/selection.hpp"
#include "know/subscriptions/change.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::subscriptions {

enum Trigger : std::uint8_t {
  kEntityCreated = 1U,
  kEntityDeleted = 2U,
  kAttributeCreated = 4U,
  kAttributeUpdated = 8U,
  kAttributeDeleted = 16U,
};
/// entityUpdated is the three attribute triggers.
inline constexpr std::uint8_t kEntityUpdated = kAttributeCreated | kAttributeUpdated | kAttributeDeleted;
inline constexpr std::uint8_t kDefaultTriggers = kAttributeCreated | kAttributeUpdated;

/// Bits of a word of notificationTrigger; nothing when it is none.
std::optional<std::uint8_t> TriggerBits(std::string_view word);

struct Spec {
  virtual ~Spec() = default;

  std::string id;
  std::uint16_t tenant = 0;
  context::Query query;              ///< Selectors, q, geo and scope; nothing else of it is set.
  std::vector<std::string> watched;  ///< Attribute IRIs; none: all.
  std::uint8_t triggers = kDefaultTriggers;
  bool active = true;
  TimePoint active_since{};    ///< Changes up to then are none of its business.
  TimePoint expires = kNever;  ///< Changes from then on neither.
  Duration interval{0};        ///< timeInterval; it is then told by time, not by change.

  bool ActiveAt(TimePoint at) const { return active && at < expires; }
  bool Watches(std::string_view attribute) const;
};
using SpecPtr = std::shared_ptr<const Spec>;

/// True when the change is to be told. Filters look at the entity after the change, at the one before when it is gone.
bool Concerns(const Spec& spec, const EntityChange& change);

/// A first look without the entity: false only when `record`, a change of this patch, surely does not concern.
bool MayConcern(const Spec& spec, const model::Record& record, const model::EntityPatch& patch);

}  // namespace bongsu::subscriptions
