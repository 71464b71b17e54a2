// SPDX-License-Identifier: Apache-2.0
#include "serve/api/idempotency.hpp"

#include <utility>

#include "base/id.hpp"

namespace bongsu::api {
namespace {

constexpr std::string_view kHeader = "Idempotency-Key";

std::uint64_t HashOf(const http::Request& request) {
  return Hash64Parts({request.method, request.path, request.raw_query, request.body});
}

http::Response Conflict(std::string_view reason, std::string message) {
  return http::ProblemResponse({Code::kConflict, std::string(reason), std::move(message)});
}

bool Keeps(int status) { return status < 500 && status != 429; }

}  // namespace

Idempotency::Idempotency(const Clock& clock, Post home, std::function<Post()> here, Metrics& metrics)
    : clock_{clock},
      home_{std::move(home)},
      here_{std::move(here)},
      replayed_{metrics.Counter("bongsu_api_replayed_total", "Repeated requests that got the first answer again.")},
      evicted_{metrics.Counter("bongsu_api_idempotency_evicted_total", "Kept answers that left before their 24 h.")} {}

Routes Idempotency::Wrap(Routes routes) {
  for (Route& route : routes) {
    // Who is not known has no tenant to keep an answer for.
    if ((route.method != "POST" && route.method != "*") || route.permission == guard::Permission::kNone) continue;
    route.handler = [self = shared_from_this(), handler = std::move(route.handler)](Call call, http::Respond respond) {
      if (call.request.method != "POST" || call.request.Header(kHeader).empty()) {
        handler(std::move(call), std::move(respond));
      } else {
        self->Handle(handler, std::move(call), std::move(respond));
      }
    };
  }
  return routes;
}

void Idempotency::Handle(Handler handler, Call call, http::Respond respond) {
  const Key key{call.caller.tenant, std::string(call.request.Header(kHeader))};
  if (key.second.size() > kLongestKey) {
    respond(http::ProblemResponse({Code::kInvalidArgument, "http.bad_key",
                                   fmt::format("an Idempotency-Key has at most {} characters", kLongestKey)}));
    return;
  }
  const std::uint64_t request = HashOf(call.request);
  auto shared = std::make_shared<Call>(std::move(call));
  home_([self = shared_from_this(), here = here_(), key, request, handler = std::move(handler), shared,
         respond = std::move(respond)] {
    if (!self->Admit(key, request, respond)) return;
    here([self, key, handler, shared, respond] {
      handler(std::move(*shared), [self, key, respond](http::Response response) {
        self->home_([self, key, response] { self->Finish(key, response); });
        respond(std::move(response));
      });
    });
  });
}

bool Idempotency::Admit(const Key& key, std::uint64_t request, const http::Respond& respond) {
  Evict();
  const auto [found, is_new] = entries_.try_emplace(key);
  Entry& entry = found->second;
  if (is_new) {
    entry.request = request;
    return true;
  }
  if (entry.request != request) {
    respond(Conflict("http.key_reused", fmt::format("Idempotency-Key '{}' was used for another request", key.second)));
  } else if (entry.done) {
    replayed_.Add();
    respond(Replay(entry.response));
  } else if (entry.waiting.size() < kMaxWaiting) {
    entry.waiting.push_back(respond);
  } else {
    respond(Conflict("http.key_busy", fmt::format("{} repeats of '{}' wait already", kMaxWaiting, key.second)));
  }
  return false;
}

void Idempotency::Finish(const Key& key, const http::Response& response) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const std::vector<http::Respond> waiting = std::exchange(found->second.waiting, {});
  if (Keeps(response.status)) {
    found->second.done = true;
    found->second.response = response;
    found->second.at = clock_.Now();
    bytes_ += response.body.size();
    order_.emplace_back(found->second.at, key);
  } else {
    entries_.erase(found);
  }
  for (const http::Respond& respond : waiting) {
    replayed_.Add();
    respond(Replay(response));
  }
  Evict();
}

void Idempotency::Evict() {
  const TimePoint now = clock_.Now();
  while (!order_.empty()) {
    const auto& [at, key] = order_.front();
    const bool old = now - at >= kKeepFor;
    if (!old && order_.size() <= kMaxKept && bytes_ <= kMaxBytes) return;
    if (!old) evicted_.Add();
    const auto entry = entries_.find(key);
    bytes_ -= entry->second.response.body.size();
    entries_.erase(entry);
    order_.pop_front();
  }
}

http::Response Idempotency::Replay(const http::Response& response) {
  http::Response again = response;
  again.headers.emplace_back("Idempotency-Replayed", "true");
  return again;
}

}  // namespace bongsu::api
