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

  /// Null when the tenant is unknown. Any shard.
  std::function<std::shared_ptr<Desk>(std::uint16_t tenant)> find;
  /// Counters of these subscriptions as their lanes have them now. Any shard.
  std::function<void(std::uint16_t tenant, std::vector<std::string> ids, std::function<void(Counters)> done)> counters;
  /// Runs `then` when every shard works by what was committed before. Any shard.
  std::function<void(std::function<void()> then)> settled;
  /// Reads a cached context from the preload folder again. @errors kUnavailable ngsi.LdContextNotAvailable
  std::function<void(std::uint16_t tenant, std::string url, std::function<void(Result<void>)> done)> reload_context;
  std::string public_url;  ///< Where clients reach this server; empty: as their request says.
};

}  // namespace bongsu::ngsi
