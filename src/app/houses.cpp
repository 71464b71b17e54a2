// SPDX-License-Identifier: Apache-2.0
#include "app/houses.hpp"

#include <atomic>

namespace bongsu::app {

Houses::Houses(Ground ground, MakeSources make_sources, live::MakeFeed make_feed)
    : ground_{std::move(ground)},
      make_sources_{std::move(make_sources)},
      make_feed_{std::move(make_feed)},
      copies_(ground_.shards.size()) {}

void Houses::Open(guard::Tenant tenant, std::function<void(Result<void>)> done) {
  auto house = std::make_shared<TenantHouse>(ground_, std::move(tenant));
  ground_.shards.Post(house->shard(), [this, house, done = std::move(done)] {
    auto recovered = house->Recover();
    if (!recovered) return done(std::move(recovered));
    house->StartLive(make_sources_(*house), make_feed_);
    // Answered when the last shard has it.
    auto left = std::make_shared<std::atomic<std::size_t>>(copies_.size());
    for (std::size_t shard = 0; shard < copies_.size(); ++shard) {
      ground_.shards.Post(shard, [this, shard, house, left, done] {
        copies_[shard][house->tenant().ordinal] = house;
        if (left->fetch_sub(1) == 1) ground_.shards.Post(house->shard(), [done] { done({}); });
      });
    }
  });
}

void Houses::Tell(std::uint16_t tenant, std::vector<model::Finding> findings) const {
  const std::size_t shard = ground_.shards.ShardOf(model::DeskPartition(tenant));
  ground_.shards.Post(shard, [this, tenant, findings = std::move(findings)] {
    const auto house = Find(tenant);
    if (!house) return;  // an unknown tenant has no sources; its findings wait in the journal
    for (const model::Finding& finding : findings) house->findings().Take(finding);
    house->desk().Act(
        {},
        [house, findings](desk::DeskBatch& batch) -> Result<json::Value> {
          for (const model::Finding& finding : findings) house->alarms().OnFinding(finding, batch);
          return json::Value{};
        },
        [this](const Result<json::Value>& done) {
          if (!done) ground_.log.Failure("houses.findings_refused", done.error());
        });
  });
}

const Houses::Map& Houses::Mine() const {
  const std::size_t shard = ground_.shards.Current();
  BONGSU_ASSERT(shard < copies_.size());
  return copies_[shard];
}

std::shared_ptr<TenantHouse> Houses::Find(std::uint16_t ordinal) const {
  const auto found = Mine().find(ordinal);
  return found == Mine().end() ? nullptr : found->second;
}

std::shared_ptr<TenantHouse> Houses::Find(std::string_view name) const {
  for (const auto& [ordinal, house] : Mine()) {
    if (house->tenant().id == name) return house;
  }
  return nullptr;
}

}  // namespace bongsu::app
