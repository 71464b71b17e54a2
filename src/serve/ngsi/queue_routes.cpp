// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/queue_routes.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "serve/api/query.hpp"
#include "serve/ngsi/subscription_reader.hpp"

namespace bongsu::ngsi {
namespace {

using notifications::Subscription;
using Queue = SubscriptionHouse::Queue;

/// In the order of the list.
constexpr std::array<std::string_view, 5> kStates{"failing", "gap", "active", "paused", "expired"};
constexpr std::size_t kFailing = 0;
constexpr std::size_t kGap = 1;
constexpr std::size_t kActive = 2;
constexpr std::size_t kMostText = 200;

std::size_t StateOf(const Subscription& subscription, const notifications::Statistics& statistics, TimePoint now) {
  const std::string_view status = subscription.StatusAt(now);
  if (status != "active") return static_cast<std::size_t>(std::ranges::find(kStates, status) - kStates.begin());
  if (statistics.gap) return kGap;
  return statistics.failed ? kFailing : kActive;
}

struct Asked {
  std::string id;  ///< Empty: all of them.
  std::optional<std::size_t> state;
  std::string text;  ///< In lower case.
  std::size_t limit = 0;
  std::size_t after_state = 0;
  std::optional<std::string> after_id;
};

std::string Lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Result<Asked> Read(const http::Request& request) {
  Asked asked;
  BONGSU_TRY(asked.limit, api::LimitOf(request));
  asked.id = request.Query("id").value_or("");
  const auto text = request.Query("text").value_or("");
  if (text.size() > kMostText)
    return Fail(Code::kInvalidArgument, "http.bad_query", "text is at most {} bytes, not {}", kMostText, text.size());
  asked.text = Lower(text);
  if (const auto state = request.Query("state")) {
    const auto at = std::ranges::find(kStates, *state);
    if (at == kStates.end())
      return Fail(Code::kInvalidArgument, "http.bad_query",
                  "state is failing, gap, active, paused or expired, not '{}'", state->substr(0, 40));
    asked.state = static_cast<std::size_t>(at - kStates.begin());
  }
  if (const auto cursor = request.Query("cursor")) {  // "2:urn:…": place of the state, id
    if (cursor->size() < 3 || (*cursor)[0] < '0' || (*cursor)[0] > '4' || (*cursor)[1] != ':')
      return Fail(Code::kInvalidArgument, "http.bad_query", "cursor is what `next` said, not '{}'",
                  cursor->substr(0, 40));
    asked.after_state = static_cast<std::size_t>((*cursor)[0] - '0');
    asked.after_id = cursor->substr(2);
  }
  return asked;
}

std::string EndpointOf(const Subscription& subscription) {
  return notifications::ShownAddress(subscription.body["notification"]["endpoint"]["uri"].AsString());
}

bool Holds(const Subscription& subscription, const std::string& text) {
  const auto in = [&text](std::string_view where) { return Lower(where).find(text) != std::string::npos; };
  return text.empty() || in(subscription.id) || in(subscription.body["subscriptionName"].AsString()) ||
         in(subscription.body["description"].AsString()) || in(EndpointOf(subscription));
}

/// "WaterLevelGauge urn:…" for each of its entities.
json::Value Watches(const Subscription& subscription) {
  json::Array watches;
  for (const json::Value& entity : subscription.body["entities"].AsArray()) {
    std::string text = LdContext::Core()->Compact(entity["type"].AsString());
    for (const char* name : {"id", "idPattern"}) {
      const std::string_view which = entity[name].AsString();
      if (!which.empty()) text += (text.empty() ? "" : " ") + std::string(which);
    }
    watches.emplace_back(std::move(text));
  }
  return json::Value{std::move(watches)};
}

json::Value Time(TimePoint at) { return at == TimePoint{} ? json::Value{} : json::Value{FormatUtc(at)}; }

/// A subscription of the list; both stay where they are while it is made.
struct Row {
  std::size_t state = 0;
  const Subscription* subscription = nullptr;
  const Queue* queue = nullptr;  ///< Null: its lane is not there yet.
  bool operator<(const Row& other) const {
    return state != other.state ? state < other.state : subscription->id < other.subscription->id;
  }
};

json::Value ToJson(const Row& row) {
  static const Queue kNone;
  const Queue& queue = row.queue != nullptr ? *row.queue : kNone;
  const notifications::Statistics& statistics = row.queue != nullptr ? queue.statistics : row.subscription->statistics;
  return json::Object{{"id", row.subscription->id},
                      {"name", NameOf(*row.subscription)},
                      {"state", kStates[row.state]},
                      {"watches", Watches(*row.subscription)},
                      {"endpoint", EndpointOf(*row.subscription)},
                      {"sent", static_cast<std::int64_t>(statistics.times_sent)},
                      {"failed", static_cast<std::int64_t>(statistics.times_failed)},
                      {"last_success", Time(statistics.last_success)},
                      {"last_failure", Time(statistics.last_failure)},
                      {"error", queue.error},
                      {"waiting", static_cast<std::int64_t>(queue.waiting)},
                      {"behind", static_cast<std::int64_t>(queue.behind)},
                      {"since", Time(queue.since)}};
}

/// @param queues  by id, as the book is
json::Value Page(const notifications::SubscriptionBook& book, const std::vector<Queue>& queues, const Asked& asked,
                 TimePoint now) {
  std::array<std::int64_t, kStates.size()> counts{};
  std::vector<Row> rows;
  std::size_t total = 0;
  auto queue = queues.begin();
  for (const auto& [id, subscription] : book.all()) {
    while (queue != queues.end() && queue->id < id) ++queue;
    if (!asked.id.empty() && id != asked.id) continue;
    if (!Holds(subscription, asked.text)) continue;
    Row row{0, &subscription, queue != queues.end() && queue->id == id ? &*queue : nullptr};
    row.state = StateOf(subscription, row.queue != nullptr ? row.queue->statistics : subscription.statistics, now);
    ++counts[row.state];
    if (asked.state && *asked.state != row.state) continue;
    ++total;
    const bool seen =
        asked.after_id && (row.state != asked.after_state ? row.state < asked.after_state : id <= *asked.after_id);
    if (!seen) rows.push_back(row);
  }
  const std::size_t shown = std::min(asked.limit, rows.size());
  std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(shown), std::less<>{});
  json::Array items;
  for (std::size_t i = 0; i < shown; ++i) items.push_back(ToJson(rows[i]));
  json::Value body;
  if (shown < rows.size()) {
    const Row& last = rows[shown - 1];
    body.Set("next", fmt::format("{}:{}", last.state, last.subscription->id));
  }
  json::Value states;
  for (std::size_t i = 0; i < kStates.size(); ++i) states.Set(kStates[i], counts[i]);
  body.Set("items", std::move(items));
  body.Set("total", static_cast<std::int64_t>(total));
  body.Set("states", std::move(states));
  return body;
}

void List(const ContextService& service, const api::Call& call, const http::Respond& respond) {
  const auto asked = Read(call.request);
  if (!asked) return respond(http::ProblemResponse(asked.error()));
  const auto desk = service.subscriptions().find(call.caller.tenant);
  if (!desk)
    return respond(http::ProblemResponse(
        {Code::kNotFound, "ngsi.NonexistentTenant", fmt::format("there is no tenant {}", call.caller.tenant_name)}));
  service.subscriptions().queues(
      call.caller.tenant, [&service, desk, asked = *asked, respond](std::vector<Queue> found) {
        std::ranges::sort(found, {}, &Queue::id);
        const auto queues = std::make_shared<const std::vector<Queue>>(std::move(found));
        desk->post([&service, desk, asked, respond, queues] {
          desk->desk->Read([&service, desk, asked, respond, queues] {
            respond(http::JsonResponse(200, Page(*desk->book, *queues, asked, service.now())));
          });
        });
      });
}

}  // namespace

api::Routes QueueRoutes(const ContextService& service) {
  return {{"GET", "/api/v1/subscription-queues", guard::Permission::kReadContext,
           [&service](const api::Call& call, const http::Respond& respond) { List(service, call, respond); }}};
}

}  // namespace bongsu::ngsi
