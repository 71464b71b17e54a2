// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A Subscription as clients write it: checked, and compiled into what decides, what is sent and where to.
/// Source: GS CIM 009 V1.9.1 clauses 5.2.12 to 5.2.15 and 5.8; section 13 of our checklist.

#include <atomic>
#include <memory>
#include <string>

#include "act/notifications/subscription_book.hpp"
#include "know/subscriptions/spec.hpp"
#include "serve/ngsi/exchange.hpp"
#include "serve/ngsi/join.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::ngsi {

/// Everything about one subscription that its shards need; immutable.
struct CompiledSubscription final : subscriptions::Spec {
  std::string name;  ///< For people: its name or description, else its id.
  /// q when it asks linked entities; `query` then has what of it can be said without them.
  std::optional<context::ValueQuery> linked_q;
  Representation as;
  Join join;
  bool show_changes = false;
  Media accept = Media::kJson;
  bool context_in_body = false;  ///< @context stands in the notification.
  json::Value echo;              ///< That @context.
  notifications::Endpoint endpoint;
  Duration throttling{0};
  /// Its lane is known to be behind: writing a notification out is waste. Set by the lane's shard, read by all.
  mutable std::atomic<bool> crowded{false};

  /// Whether it takes other entities to decide or to write out what it is told.
  bool looks_further() const { return linked_q || join.mode != Join::Mode::kNone; }
};
using CompiledPtr = std::shared_ptr<const CompiledSubscription>;

/// What people call it: its name, else its description; empty when it has neither.
std::string_view NameOf(const notifications::Subscription& stored);

/// Takes the read-only members out and expands the names in lists, so that what is stored means the same under any
/// @context. @errors kInvalidArgument ngsi.BadRequestData when it is no object
Result<json::Value> StoredBody(const json::Value& body, const LdContext& context);

/// @param stored  body as StoredBody gives it
/// @errors kInvalidArgument ngsi.BadRequestData (names the member); kUnavailable ngsi.LdContextNotAvailable;
///         kTooLarge ngsi.TooComplexQuery
Result<std::shared_ptr<CompiledSubscription>> Compile(const notifications::Subscription& stored,
                                                      const LdContexts& contexts, std::uint16_t tenant);

/// What is only wrong in a request, not in what is stored already: an expiry that has passed.
Result<void> CheckFresh(const json::Value& body, TimePoint now);

/// How a subscription is shown: the client's members with names compacted by `context`, status and counters.
json::Value ShownSubscription(const notifications::Subscription& stored, const notifications::Statistics& statistics,
                              const LdContext& context, TimePoint now, bool system_times);

}  // namespace bongsu::ngsi
