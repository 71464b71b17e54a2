// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/queue_routes.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::ngsi {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMaxLimit = 1000;

json::Value ToJson(const SubscriptionHouse::Queue& queue) {
  return json::Object{{"id", queue.id},
                      {"waiting", static_cast<std::int64_t>(queue.waiting)},
                      {"behind", static_cast<std::int64_t>(queue.behind)},
                      {"since", queue.since == TimePoint{} ? json::Value{} : json::Value{FormatUtc(queue.since)}}};
}

Result<std::size_t> LimitOf(const http::Request& request) {
  const auto text = request.Query("limit");
  if (!text) return kDefaultLimit;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > kMaxLimit)
    return Fail(Code::kInvalidArgument, "subscription_queues.bad_limit", "limit={} is no number from 1 to {}",
                text->substr(0, 40), kMaxLimit);
  return limit;
}

}  // namespace

api::Routes QueueRoutes(const ContextService& service) {
  return {{"GET", "/api/v1/subscription-queues", guard::Permission::kReadConnectors,
           [&service](const api::Call& call, const http::Respond& respond) {
             const auto limit = LimitOf(call.request);
             if (!limit) return respond(http::ProblemResponse(limit.error()));
             service.subscriptions().queues(
                 call.caller.tenant,
                 [respond, limit = *limit, after = std::optional<std::string>{call.request.Query("cursor")}](
                     std::vector<SubscriptionHouse::Queue> queues) {
                   std::ranges::sort(queues, {}, &SubscriptionHouse::Queue::id);
                   json::Array items;
                   json::Value body;
                   for (const auto& queue : queues) {
                     if (after && queue.id <= *after) continue;
                     if (items.size() == limit) {
                       body.Set("next", std::string(items.back()["id"].AsString()));
                       break;
                     }
                     items.push_back(ToJson(queue));
                   }
                   body.Set("items", std::move(items));
                   respond(http::JsonResponse(200, body));
                 });
           }}};
}

}  // namespace bongsu::ngsi
