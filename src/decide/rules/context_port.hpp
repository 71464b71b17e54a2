// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What rules read of the live context: attributes of entities and which lie near a point.
/// In the server it is the shard's context::Replica (replica_context.hpp); tests hand in a map.

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "model/place.hpp"

namespace bongsu::rules {

struct EntityFacts {
  std::string_view type;
  model::LText name;
  std::optional<model::Place> place;
  const json::Value* attributes = nullptr;  ///< {"status":"ok","refSwitch":"urn:…"}; holds until the context changes.
};

class ContextPort {
 public:
  virtual ~ContextPort() = default;
  virtual std::optional<EntityFacts> Find(std::uint16_t tenant, std::string_view id) const = 0;
  /// Whether an entity of `type` lies at most `radius_m` from `point`.
  virtual bool AnyNear(std::uint16_t tenant, model::LatLon point, double radius_m, std::string_view type) const = 0;
};

/// No context: joins find nothing.
class NoContext final : public ContextPort {
 public:
  std::optional<EntityFacts> Find(std::uint16_t, std::string_view) const override { return std::nullopt; }
  bool AnyNear(std::uint16_t, model::LatLon, double, std::string_view) const override { return false; }
};

/// The value at "refSwitch.refCabinet.workPermit": each part but the last names a relationship that is followed.
/// At most 4 steps. nullptr when something on the way is missing.
const json::Value* FollowPath(const ContextPort& context, std::uint16_t tenant, std::string_view id,
                              std::string_view path);

}  // namespace bongsu::rules
