// SPDX-License-Identifier: Apache-2.0
// What a running server looks after from time to time.
#include "app/server_parts.hpp"
#include "app/tenant_house.hpp"
#include "guard/audit/chain_watch.hpp"

namespace bongsu::app {
namespace {

constexpr std::chrono::milliseconds kCountEvery{2'000};
constexpr std::chrono::minutes kVerifyEvery{10};

}  // namespace

/// How many connectors of each tenant are in which state, for the console's footer.
void Server::Parts::CountConnectors() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const auto house = houses->Find(ordinal);
    if (!house) continue;
    senses->Statuses(entry.tenant.id, [this, house](const std::vector<ingest::ConnectorStatus>& statuses) {
      json::Value counts{json::Object{}};
      for (const ingest::ConnectorStatus& status : statuses) counts.Set(status.state, counts[status.state].AsInt() + 1);
      shards->Post(house->shard(), [house, counts] { house->set_connectors(counts); });
    });
  }
  shards->After(0, kCountEvery, [this] { CountConnectors(); });
}

/// Every tenant's audit chain, so that the mark in the console's footer is not older than ten minutes.
void Server::Parts::VerifyChains() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const auto house = houses->Find(ordinal);
    if (!house) continue;
    house->chain_watch()->Ask([this, tenant = entry.tenant.id](const Result<audit::ChainState>& state) {
      if (!state) return log.Failure("server.chain_not_verified", state.error());
      if (!state->ok)
        log.Error("server.chain_broken",
                  {{"tenant", tenant}, {"reason", state->first_bad ? state->first_bad->reason : "cut tail"}});
    });
  }
  shards->After(0, kVerifyEvery, [this] { VerifyChains(); });
}

}  // namespace bongsu::app
