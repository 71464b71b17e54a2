// SPDX-License-Identifier: Apache-2.0
#include "app/tenant_house.hpp"

#include <algorithm>

#include "act/dispatch/channels/safety_net/session.hpp"
#include "act/dispatch/channels/webhook/session.hpp"
#include "guard/sealing/token.hpp"
#include "model/subscription_record.hpp"
#include "runtime/http_client.hpp"

namespace bongsu::app {

namespace {

incidents::StartProcedure StartOf(const sop::Library& procedures) {
  return [&procedures](std::string_view id, std::string_view service, TimePoint at) {
    return procedures.Start(id, service, at);
  };
}

}  // namespace

std::unique_ptr<DeskBooks> MakeBooks(const Ground& ground) {
  return std::make_unique<DeskBooks>(ground.crypto, ground.audit_key, StartOf(ground.procedures), ground.peers);
}

TenantHouse::TenantHouse(const Ground& ground, guard::Tenant tenant)
    : ground_{ground},
      tenant_{std::move(tenant)},
      shard_{ground.shards.ShardOf(model::DeskPartition(tenant_.ordinal))},
      books_{ground.crypto, ground.audit_key, StartOf(ground.procedures), ground.peers},
      desk_{tenant_.ordinal,
            {.append = ground.append,
             .journal = ground.folded,
             .clock = ground.clock,
             .metrics = ground.metrics,
             .log = ground.log,
             .after = [&shards = ground.shards, shard = shard_](
                          std::chrono::milliseconds delay,
                          std::function<void()> work) { shards.After(shard, delay, std::move(work)); },
             .checkpoints = &ground.checkpoints}} {
  for (desk::Book* book : books_.Of(tenant_.ordinal)) desk_.AddBook(*book);
  desk_.SetAuditSeal([this](const model::Record& unsealed) { return books_.audit.Link(unsealed); });
  desk_.OnCommitted([this](std::span<const model::Record> records) { OnCommitted(records); });

  chain_watch_ =
      std::make_shared<audit::ChainWatch>(audit::ChainWatch::Parts{ground.shards, ground.pool, ground.journal,
                                                                   ground.crypto, ground.clock, ground.audit_key.open},
                                          tenant_.ordinal, shard_);
  view_ = std::make_shared<api::TenantDesk>();
  view_->desk = &desk_;
  view_->alarms = &books_.alarms;
  view_->incidents = &books_.incidents;
  view_->procedures = &books_.procedures;
  view_->outbox = &books_.outbox;
  view_->city = &ground_.replica(shard_);
  view_->journal = &ground_.journal;
  view_->post = [&shards = ground_.shards, shard = shard_](std::function<void()> work) {
    shards.Post(shard, std::move(work));
  };
  subscription_desk_ = std::make_shared<ngsi::SubscriptionHouse::Desk>(
      ngsi::SubscriptionHouse::Desk{&desk_, &books_.subscriptions, &books_.ld_contexts, view_->post});
  view_->blocking = [&pool = ground_.pool](std::function<void()> work) { return pool.Run(std::move(work)); };
}

Result<void> TenantHouse::Recover() {
  BONGSU_CHECK(desk_.Recover());
  ground_.directory.Add({tenant_,
                         {shard_, &desk_, &books_.accounts, tenants()},
                         std::make_shared<const guard::Accounts>(books_.accounts.accounts())});
  return {};
}

void TenantHouse::StartLive(live::Sources sources, live::MakeFeed make_feed) {
  hub_ = std::make_shared<live::LiveHub>(ground_.shards, shard_, ground_.journal, desk_, ground_.clock,
                                         std::move(sources), std::move(make_feed), ground_.metrics, tenant_.ordinal);
  hub_->Start();
  const auto read_events = [this](std::vector<model::Position> positions,
                                  const std::function<void(std::vector<model::Event>)>& done) {
    ReadEvents(std::move(positions), done);
  };
  const dispatch::SendHttp send = [this](runtime::HttpCall call, std::function<void(Result<http::Response>)> done) {
    if (sealing::MayHoldToken(call.body)) call.body = sealing::Masked(call.body);  // no agency gets what is sealed
    runtime::HttpSend(ground_.shards, shard_, std::move(call), std::move(done));
  };
  std::vector<std::unique_ptr<dispatch::Channel>> channels;
  channels.push_back(std::make_unique<dispatch::safety_net::SafetyNet>(send));
  channels.push_back(std::make_unique<dispatch::webhook::Webhook>(send));
  sender_ = std::make_shared<dispatch::Outbox>(books_.outbox, desk_, std::move(channels), read_events, ground_.metrics,
                                               ground_.log);
  sender_->Start(ground_.hold_because);
  ground_.on_open(tenant_.ordinal);
  for (const auto& [id, hosted] : books_.ld_contexts.all()) ground_.on_ld_context(tenant_.ordinal, id, hosted);
  if (ground_.hold_because.empty() && !books_.outbox.held()) AnnounceSubscriptions();
}

/// Nobody is told while the outbox is held (D18): a subscription begins when it is released.
void TenantHouse::AnnounceSubscriptions() {
  announced_ = true;
  for (const auto& [id, subscription] : books_.subscriptions.all())
    ground_.on_subscription(tenant_.ordinal, id, &subscription);
}

/// From the disk on the blocking pool, back on the desk's shard.
void TenantHouse::ReadEvents(std::vector<model::Position> positions,
                             const std::function<void(std::vector<model::Event>)>& done) {
  const auto read = [this, positions = std::move(positions), done] {
    std::vector<model::Event> events;
    for (const model::Position& position : positions) {
      const auto record = ground_.journal.At(position);
      if (!record || record->kind != model::Kind::kEvent) continue;
      if (auto event = model::EventFromRecord(*record)) events.push_back(std::move(*event));
    }
    ground_.shards.Post(shard_, [done, events = std::move(events)]() mutable { done(std::move(events)); });
  };
  if (!ground_.pool.Run(read)) done({});
}

void TenantHouse::OnCommitted(std::span<const model::Record> records) {
  const auto of_accounts = [](const model::Record& record) {
    return record.kind == model::Kind::kUser || record.kind == model::Kind::kToken;
  };
  if (std::ranges::any_of(records, of_accounts)) PublishAccounts();
  ground_.seals.OnCommitted(records);
  if (hub_) hub_->OnCommitted(records);
  if (!sender_) return;
  for (const model::Record& record : records) {
    if (record.kind == model::kLdContext) {
      const auto hosted = books_.ld_contexts.all().find(record.subject);
      if (hosted != books_.ld_contexts.all().end())
        ground_.on_ld_context(tenant_.ordinal, hosted->first, hosted->second);
    }
    if (record.kind == model::kSubscription && announced_)
      ground_.on_subscription(tenant_.ordinal, record.subject, books_.subscriptions.Find(record.subject));
  }
  const bool released = !announced_ && std::ranges::any_of(records, [](const model::Record& record) {
    return record.kind == model::Kind::kConfig && record.subject == dispatch::kOutboxSubject;
  });
  if (released && !books_.outbox.held()) AnnounceSubscriptions();
  for (const model::Record& record : records) sender_->OnCommitted(record);
}

void TenantHouse::PublishAccounts() {
  ground_.directory.Publish(tenant_.ordinal, std::make_shared<const guard::Accounts>(books_.accounts.accounts()));
}

}  // namespace bongsu::app
