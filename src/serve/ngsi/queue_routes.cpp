// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/queue_routes.hpp"

#include <algorithm>

#include "serve/api/query.hpp"

namespace bongsu::ngsi {
namespace {

json::Value ToJson(const SubscriptionHouse::Queue& queue) {
  return json::Object{{"id", queue.id},
                      {"waiting", static_cast<std::int64_t>(queue.waiting)},
                      {"behind", static_cast<std::int64_t>(queue.behind)},
                      {"since", queue.since == TimePoint{} ? json::Value{} : json::Value{FormatUtc(queue.since)}}};
}

}  // namespace

api::Routes QueueRoutes(const ContextService& service) {
  return {{"GET", "/api/v1/subscription-queues", guard::Permission::kReadConnectors,
           [&service](const api::Call& call, const http::Respond& respond) {
             const auto limit = api::LimitOf(call.request);
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
