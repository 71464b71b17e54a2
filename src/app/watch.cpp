// SPDX-License-Identifier: Apache-2.0
#include "app/watch.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/commands.hpp"
#include "know/context/asset_state.hpp"

namespace bongsu::app {

Watch::Watch(House house)
    : house_{std::move(house)},
      events_{house_.metrics.Counter("bongsu_stages_events_total", "Committed events led through the rules.")},
      to_finding_{house_.metrics.Histogram("bongsu_stages_event_to_finding_seconds",
                                           "From an event's ingest time to its finding on disk.")} {}

api::Routes Watch::Routes() {
  const auto health = [this](const api::Call&, const http::Respond& respond) {
    json::Value clock;
    clock.Set("now", FormatUtc(house_.clock.Now()));
    clock.Set("scale", house_.clock.scale());
    json::Value body;
    body.Set("status", "ok");
    body.Set("version", kVersion);
    body.Set("clock", std::move(clock));
    respond(http::JsonResponse(200, body));
  };
  const auto ready = [this](const api::Call&, const http::Respond& respond) {
    const std::vector<std::string> reasons = reasons_ ? reasons_() : std::vector<std::string>{};
    json::Value body;
    body.Set("ready", reasons.empty());
    body.Set("reasons", json::Array(reasons.begin(), reasons.end()));
    respond(http::JsonResponse(reasons.empty() ? 200 : 503, body));
  };
  const auto metrics = [this](const api::Call&, const http::Respond& respond) {
    respond({200, {}, house_.metrics.Render(), "text/plain; version=0.0.4; charset=utf-8"});
  };
  // Monitoring has no account of its own: these say nothing about people, and the server listens on loopback unless
  // told.
  return {{"GET", "/health", guard::Permission::kNone, health},
          {"GET", "/ready", guard::Permission::kNone, ready},
          {"GET", "/metrics", guard::Permission::kNone, metrics}};
}

json::Value Watch::Assets(const TenantHouse& house) const {
  constexpr std::array<std::string_view, 5> kShown{"online", "frozen", "silent", "faulty", "maintenance"};
  std::array<std::int64_t, kShown.size()> counts{};
  house_.context.replica(house.shard()).ForEach(house.tenant().ordinal, {}, [&](const context::ReplicaEntity& entity) {
    if (entity.attributes["status"].AsString().empty()) return;  // no equipment
    const std::string_view state = context::AssetStateOf(entity);
    const auto shown = std::ranges::find(kShown, state == "degraded" ? "online" : state);
    if (shown != kShown.end()) ++counts[static_cast<std::size_t>(shown - kShown.begin())];
  });
  json::Value assets;
  for (std::size_t i = 0; i < kShown.size(); ++i) assets.Set(kShown[i], counts[i]);
  return assets;
}

double Watch::StoragePercent() const {
  struct statvfs disk{};
  if (statvfs(house_.data.c_str(), &disk) != 0 || disk.f_blocks == 0) return 0;
  return std::round(1000.0 * (1.0 - static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks))) / 10.0;
}

json::Value Watch::Counters(TenantHouse& house, Rate& rate) const {
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = now - rate.at;
  if (passed.count() >= 1) {
    rate.per_s = rate.at == std::chrono::steady_clock::time_point{}
                     ? 0
                     : std::round(static_cast<double>(events_.value() - rate.count) / passed.count());
    rate.count = events_.value();
    rate.at = now;
  }
  json::Value counters;
  counters.Set("ingest_per_s", rate.per_s);
  counters.Set("p99_ms", to_finding_.Count() == 0 ? json::Value{} : json::Value{to_finding_.Quantile(0.99) * 1000});
  counters.Set("connectors", house.connectors());
  counters.Set("assets", Assets(house));
  counters.Set("storage_pct", StoragePercent());
  if (const auto& chain = house.chain_watch()->last()) {  // nothing is said before the first verification
    json::Value audit;
    audit.Set("ok", chain->ok);
    audit.Set("at", FormatUtc(chain->at));
    counters.Set("audit", std::move(audit));
  }
  json::Array alarm_rate;
  for (const std::int64_t count : house.alarms().flood().Rate(house_.clock.Now())) alarm_rate.emplace_back(count);
  counters.Set("alarm_rate", std::move(alarm_rate));
  return counters;
}

}  // namespace bongsu::app
