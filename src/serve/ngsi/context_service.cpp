// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

using context::WriteOutcome;
using context::WriteRequest;

ContextService::ContextService(runtime::Shards& shards, journal::AppendPort& append, const Clock& clock,
                               LdContexts ld_contexts, std::vector<context::Context*> contexts)
    : shards_{shards},
      partitions_{append.partitions()},
      clock_{clock},
      ld_contexts_{std::make_shared<const LdContexts>(std::move(ld_contexts))},
      ld_contexts_of_(contexts.size()),
      contexts_{std::move(contexts)} {
  for (context::Context* each : contexts_) writers_.push_back(std::make_unique<context::Writer>(*each, append, clock));
}

std::shared_ptr<const LdContexts> ContextService::ld_contexts(std::uint16_t tenant) const {
  const std::size_t shard = shards_.Current();
  if (shard >= ld_contexts_of_.size()) return ld_contexts_;
  const auto own = ld_contexts_of_[shard].find(tenant);
  return own != ld_contexts_of_[shard].end() ? own->second : ld_contexts_;
}

void ContextService::set_ld_contexts(std::uint16_t tenant, LdContexts contexts) {
  const auto shared = std::make_shared<const LdContexts>(std::move(contexts));
  for (std::size_t shard = 0; shard < ld_contexts_of_.size(); ++shard) {
    On(shard, [this, shard, tenant, shared] { ld_contexts_of_[shard][tenant] = shared; });
  }
}

void ContextService::set_personal(PersonalHouse house) {
  personal_ = std::make_shared<const PersonalHouse>(std::move(house));
  if (!personal_->seal) return;
  for (const auto& writer : writers_) {
    writer->set_seal(
        [house = personal_](std::uint16_t tenant, const context::Entity* entity, model::EntityPatch& patch) {
          return SealPatch(*house, tenant, entity, patch);
        });
  }
}

std::size_t ContextService::OwnerOf(std::uint16_t tenant, std::string_view id) const {
  return shards_.ShardOf(model::PartitionOf(tenant, id, partitions_));
}

void ContextService::On(std::size_t shard, std::function<void()> work) const {
  if (shards_.Current() == shard) {
    work();
  } else {
    shards_.Post(shard, std::move(work));
  }
}

void ContextService::Write(WriteRequest request, context::Writer::Done done) const {
  const std::size_t owner = OwnerOf(request.tenant, request.patch.id);
  On(owner, [this, owner, request = std::move(request), done = std::move(done)]() mutable {
    writers_[owner]->Write(std::move(request), std::move(done));
  });
}

void ContextService::WriteBatch(std::vector<WriteRequest> requests, context::Writer::BatchDone done) const {
  struct Round {
    std::vector<Result<WriteOutcome>> outcomes;
    std::atomic<std::size_t> left{0};
    context::Writer::BatchDone done;
  };
  std::vector<std::vector<WriteRequest>> parts(shards());
  std::vector<std::vector<std::size_t>> places(shards());
  auto round = std::make_shared<Round>();
  round->outcomes.resize(requests.size());
  round->done = std::move(done);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::size_t owner = OwnerOf(requests[i].tenant, requests[i].patch.id);
    parts[owner].push_back(std::move(requests[i]));
    places[owner].push_back(i);
  }
  for (const auto& part : parts) round->left += part.empty() ? 0 : 1;
  if (round->left == 0) return round->done({});
  for (std::size_t shard = 0; shard < parts.size(); ++shard) {
    if (parts[shard].empty()) continue;
    On(shard, [this, shard, round, part = std::move(parts[shard]), place = std::move(places[shard])]() mutable {
      writers_[shard]->WriteBatch(std::move(part),
                                  [round, place = std::move(place)](std::vector<Result<WriteOutcome>> outcomes) {
                                    for (std::size_t i = 0; i < outcomes.size(); ++i)
                                      round->outcomes[place[i]] = std::move(outcomes[i]);
                                    if (round->left.fetch_sub(1, std::memory_order_acq_rel) == 1)
                                      round->done(std::move(round->outcomes));
                                  });
    });
  }
}

}  // namespace bongsu::ngsi
