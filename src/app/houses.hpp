// SPDX-License-Identifier: Apache-2.0
#pragma once

/// All tenants of this installation: opens their houses and lets every shard find them.

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "app/tenant_house.hpp"

namespace bongsu::app {

class Houses {
 public:
  /// What a house shows on the live socket; called once a house, on its desk's shard.
  using MakeSources = std::function<live::Sources(TenantHouse& house)>;

  Houses(Ground ground, MakeSources make_sources, live::MakeFeed make_feed);

  /// Opens the desk of a tenant; `done` on the desk's shard. Tenants are opened one at a time, by the platform's desk.
  void Open(guard::Tenant tenant, std::function<void(Result<void>)> done);

  /// Committed findings for a tenant's alarm book; from any shard.
  void Tell(std::uint16_t tenant, std::vector<model::Finding> findings) const;

  /// The house of a tenant as the calling shard knows it; nullptr for none.
  std::shared_ptr<TenantHouse> Find(std::uint16_t ordinal) const;
  std::shared_ptr<TenantHouse> Find(std::string_view name) const;
  const Ground& ground() const { return ground_; }

 private:
  using Map = std::map<std::uint16_t, std::shared_ptr<TenantHouse>>;
  const Map& Mine() const;

  Ground ground_;
  MakeSources make_sources_;
  live::MakeFeed make_feed_;
  std::vector<Map> copies_;  ///< One a shard; shard i reads and writes copies_[i] alone.
};

}  // namespace bongsu::app
