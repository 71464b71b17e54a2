// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the handlers of subscriptions and hosted contexts stand on; app/ provides it.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "act/notifications/subscription_book.hpp"
#include "serve/ngsi/ld_context_book.hpp"

namespace bongsu::ngsi {

struct SubscriptionHouse {
  /// A tenant's desk; everything in it is of the desk's shard.
  struct Desk {
    desk::DeskPort* desk = nullptr;
    notifications::SubscriptionBook* book = nullptr;
    LdContextBook* contexts = nullptr;
    std::function<void(std::function<void()>)> post;  ///< Runs work on the desk's shard.
  };
  using Counters = std::map<std::string, notifications::Statistics>;
  /// What an endpoint has not been told yet.
  struct Queue {
    std::string id;
    std::size_t waiting = 0;   ///< Notifications in memory, the one under way among them.
    std::uint64_t behind = 0;  ///< Journal records that are still to be looked at, at most.
    TimePoint since{};         ///< Ingest time of the oldest of those; epoch: none, or not known.
    notifications::Statistics statistics;
    std::string error;  ///< Of the newest attempt that failed; empty: none did since the start.
  };

  /// Null when the tenant is unknown. Any shard.
  std::function<std::shared_ptr<Desk>(std::uint16_t tenant)> find;
  /// Counters of these subscriptions as their lanes have them now. Any shard.
  std::function<void(std::uint16_t tenant, std::vector<std::string> ids, std::function<void(Counters)> done)> counters;
  /// Queues of all the tenant's subscriptions, in no order. Any shard.
  std::function<void(std::uint16_t tenant, std::function<void(std::vector<Queue>)> done)> queues;
  /// Runs `then` when every shard works by what was committed before. Any shard.
  std::function<void(std::function<void()> then)> settled;
  /// Reads a cached context from the preload folder again. @errors kUnavailable ngsi.LdContextNotAvailable
  std::function<void(std::uint16_t tenant, std::string url, std::function<void(Result<void>)> done)> reload_context;
  std::string public_url;  ///< Where clients reach this server; empty: as their request says.
};

}  // namespace bongsu::ngsi
