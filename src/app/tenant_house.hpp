// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything of one tenant: its desk with all books, and its live hub. Built on the main thread, then of the desk's
/// shard.

#include <memory>

#include "act/dispatch/outbox.hpp"
#include "app/desk_books.hpp"
#include "guard/audit/chain_watch.hpp"
#include "guard/audit/seals.hpp"
#include "guard/directory.hpp"
#include "know/desk/desk.hpp"
#include "runtime/shards.hpp"
#include "serve/desk/tenant_desk.hpp"
#include "serve/live/live_hub.hpp"
#include "serve/ngsi/subscription_house.hpp"
#include "serve/rules/finding_log.hpp"

namespace bongsu::app {

/// What every tenant's house stands on; outlives them all.
struct Ground {
  runtime::Shards& shards;
  runtime::BlockingPool& pool;
  journal::AppendPort& append;
  const journal::JournalPort& journal;
  const journal::JournalPort& folded;  ///< The same without records that cannot be folded: desks read it.
  const Clock& clock;
  Metrics& metrics;
  const Log& log;
  const crypto::CryptoPort& crypto;
  const crypto::SigningKey& audit_key;
  const audit::Seals& seals;  ///< Where seals leave the data directory.
  guard::Directory& directory;
  const sop::Library& procedures;
  const dispatch::Peers& peers;
  const desk::CheckpointStore& checkpoints;
  /// Replica of a shard.
  std::function<const context::Replica&(std::size_t shard)> replica;
  std::string hold_because;  ///< Not empty: outboxes begin held, for this reason.
  /// A subscription of a tenant is there, changed, or gone (null). On the desk's shard.
  std::function<void(std::uint16_t tenant, const std::string& id, const notifications::Subscription* now)>
      on_subscription;
  /// A hosted context of a tenant is there or gone. On the desk's shard.
  std::function<void(std::uint16_t tenant, const std::string& id, const ngsi::LdContextBook::Hosted& now)>
      on_ld_context;
  /// The tenant is open: its contexts are its own from now on. On the desk's shard, before any on_ld_context.
  std::function<void(std::uint16_t tenant)> on_open;
};

/// An empty set of books as every house has one.
std::unique_ptr<DeskBooks> MakeBooks(const Ground& ground);

class TenantHouse {
 public:
  TenantHouse(const Ground& ground, guard::Tenant tenant);
  TenantHouse(const TenantHouse&) = delete;
  TenantHouse& operator=(const TenantHouse&) = delete;

  /// Folds the desk's partition and makes the tenant known. On the desk's shard, after the committer has started.
  /// @errors kCorrupt journal.bad_record
  Result<void> Recover();
  /// Opens the live hub and lets the outbox send. On the desk's shard, after Recover.
  void StartLive(live::Sources sources, live::MakeFeed make_feed);

  std::size_t shard() const { return shard_; }
  const guard::Tenant& tenant() const { return tenant_; }
  std::shared_ptr<api::TenantDesk> desk_view() { return view_; }
  const std::shared_ptr<ngsi::SubscriptionHouse::Desk>& subscriptions() const { return subscription_desk_; }
  const std::shared_ptr<live::LiveHub>& hub() const { return hub_; }

  desk::Desk& desk() { return desk_; }
  alarms::AlarmBook& alarms() { return books_.alarms; }
  incidents::IncidentBook& incidents() { return books_.incidents; }
  dispatch::OutboxBook& outbox() { return books_.outbox; }
  /// Connectors by state, {"connected":12}; on the desk's shard.
  void set_connectors(json::Value counts) { connectors_ = std::move(counts); }
  const json::Value& connectors() const { return connectors_; }
  guard::AccountBook& accounts() { return books_.accounts; }
  api::FindingLog& findings() { return findings_; }
  const sealing::ErasureBook& erasures() const { return books_.erasures; }  ///< On the desk's shard.
  guard::TenantBook* tenants() { return tenant_.ordinal == guard::kPlatformTenant ? &books_.tenants : nullptr; }
  const RuleBook& rule_book() const { return books_.rules; }  ///< The platform's; empty in others.
  const std::shared_ptr<audit::ChainWatch>& chain_watch() const { return chain_watch_; }

 private:
  void OnCommitted(std::span<const model::Record> records);
  void PublishAccounts();
  void AnnounceSubscriptions();
  void ReadEvents(std::vector<model::Position> positions, const std::function<void(std::vector<model::Event>)>& done);

  Ground ground_;
  guard::Tenant tenant_;
  std::size_t shard_;
  DeskBooks books_;
  api::FindingLog findings_;
  json::Value connectors_{json::Object{}};
  bool announced_ = false;  ///< Subscriptions are known to the notifier.
  desk::Desk desk_;
  std::shared_ptr<audit::ChainWatch> chain_watch_;
  std::shared_ptr<dispatch::Outbox> sender_;
  std::shared_ptr<api::TenantDesk> view_;
  std::shared_ptr<ngsi::SubscriptionHouse::Desk> subscription_desk_;
  std::shared_ptr<live::LiveHub> hub_;
};

}  // namespace bongsu::app
