// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The shard's replica of the context as rules read it.

#include "decide/rules/context_port.hpp"
#include "know/context/replica.hpp"

namespace bongsu::rules {

class ReplicaContext final : public ContextPort {
 public:
  explicit ReplicaContext(const context::Replica& replica) : replica_{replica} {}

  std::optional<EntityFacts> Find(std::uint16_t tenant, std::string_view id) const override {
    const context::ReplicaEntity* entity = replica_.Find(tenant, id);
    if (entity == nullptr) return std::nullopt;
    return EntityFacts{entity->type, entity->name, entity->place(), &entity->attributes};
  }
  bool AnyNear(std::uint16_t tenant, model::LatLon point, double radius_m, std::string_view type) const override {
    return !replica_.Near(tenant, point, radius_m, type, 1).empty();
  }

 private:
  const context::Replica& replica_;
};

}  // namespace bongsu::rules
