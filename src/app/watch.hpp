// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the house says about itself: /health, /ready, /metrics and the counters in the console's footer.

#include "app/stages.hpp"
#include "app/tenant_house.hpp"
#include "serve/api/router.hpp"

namespace bongsu::app {

class Watch {
 public:
  struct House {
    runtime::Shards& shards;
    store::LiveContext& context;
    const journal::JournalPort& journal;
    const Clock& clock;
    Metrics& metrics;
    std::string data;  ///< Data directory, whose file system is measured.
  };
  explicit Watch(House house);

  api::Routes Routes();
  /// Events a second, as one counter reader sees it.
  struct Rate {
    std::uint64_t count = 0;
    std::chrono::steady_clock::time_point at{};
    double per_s = 0;
  };
  /// Data of a counter frame; on the shard of the tenant's desk. @param rate  kept by the caller between calls
  json::Value Counters(TenantHouse& house, Rate& rate) const;
  /// Why the server is not ready; empty when it is.
  void set_unready(std::function<std::vector<std::string>()> reasons) { reasons_ = std::move(reasons); }

 private:
  json::Value Assets(const TenantHouse& house) const;
  double StoragePercent() const;

  House house_;
  std::function<std::vector<std::string>()> reasons_;
  Counter& events_;
  Histogram& to_finding_;
};

}  // namespace bongsu::app
