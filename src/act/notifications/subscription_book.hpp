// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A tenant's subscriptions as its desk knows them: what each client asked for, and the counters that were last
/// written down. What they mean is compiled elsewhere (serve/ngsi); what is under way lies in the lanes.
/// Records: docs/formats/subscriptions.md.

#include <map>
#include <string>

#include "act/notifications/lane.hpp"
#include "know/desk/port.hpp"

namespace bongsu::notifications {

/// A subscription as it is stored.
struct Subscription {
  std::string id;
  json::Value body;           ///< Members of the client, names expanded where they are lists; no read-only ones.
  json::Value context;        ///< @context of the request that made it: value of an @context member.
  std::string link;           ///< Address at which that context can be read.
  std::string tenant_header;  ///< NGSILD-Tenant of that request; empty when it had none.
  TimePoint created{};
  TimePoint modified{};
  TimePoint active_since{};  ///< When it was made or last woken up.
  Statistics statistics;

  bool active() const { return body["isActive"].AsBool(true); }
  TimePoint expires() const;
  /// "active", "paused" or "expired".
  std::string_view StatusAt(TimePoint now) const;
};

/// The address of an endpoint without user and password: mqtt://user:password@host/topic -> mqtt://host/topic
std::string ShownAddress(std::string_view uri);

class SubscriptionBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxSubscriptions = 200'000;

  /// Makes or changes. @param wakes  changes before this act are none of its business
  /// @errors kOverloaded subscription.too_many
  Result<void> Put(const Subscription& subscription, bool wakes, desk::DeskBatch& batch);
  void Delete(const std::string& id, desk::DeskBatch& batch);

  void Clear() override { subscriptions_.clear(); }
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "subscriptions"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;

  /// Null when there is none.
  const Subscription* Find(std::string_view id) const;
  /// By id.
  const std::map<std::string, Subscription, std::less<>>& all() const { return subscriptions_; }

 private:
  std::map<std::string, Subscription, std::less<>> subscriptions_;
};

/// Counters of a kSubscriptionState record: {"statistics":{ID:{…}}}.
void FoldStatistics(const json::Value& payload, const std::function<void(const std::string&, Statistics)>& take);

}  // namespace bongsu::notifications
