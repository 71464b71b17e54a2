// SPDX-License-Identifier: Apache-2.0
// Subscriptions as clients write them: stored, compiled, merged with a change, shown again.
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "serve/ngsi/subscription_reader.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = json::Parse({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  static const ngsi::LdContexts kContexts;
  const auto context = ngsi::LdContext::Core();
  (void)ngsi::CheckFresh(*body, FromMicros(1));
  auto stored = ngsi::StoredBody(*body, *context);
  if (!stored) return 0;
  notifications::Subscription subscription;
  subscription.id = "urn:ngsi-ld:Subscription:1";
  subscription.body = std::move(*stored);
  subscription.context = context->echo();
  const auto compiled = ngsi::Compile(subscription, kContexts, 0);
  if (!compiled) return 0;
  // What was taken, and only that is ever stored, can be read again as it is shown.
  const auto shown = ngsi::ShownSubscription(subscription, {}, *context, FromMicros(2), true);
  const auto again = json::Parse(json::ToString(shown));
  BONGSU_ASSERT(again.has_value());
  subscription.body = ngsi::StoredBody(*again, *context).value();
  BONGSU_ASSERT(ngsi::Compile(subscription, kContexts, 0).has_value());
  return 0;
}
