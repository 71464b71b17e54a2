// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The front door: who is asking, which route, may they, then the handler; the same for the live socket.

#include <functional>
#include <memory>

#include "base/metrics.hpp"
#include "runtime/http_server.hpp"
#include "serve/api/router.hpp"
#include "serve/personal/unsealer.hpp"

namespace bongsu::app {

/// Says who is asking, once, on the calling shard. A request without any credential is a Principal with known = false.
/// @errors kUnauthenticated, kPermissionDenied (CSRF), kNotFound (tenant)
using Authenticate =
    std::function<void(const http::Request& request, std::function<void(Result<guard::Principal>)> done)>;
/// Accepts the live socket of a caller who may have it.
using AcceptLive = std::function<runtime::UpgradeAnswer(const http::Request& request, const guard::Principal& caller)>;

class Front {
 public:
  /// @param unsealer  lives longer
  Front(api::Routes routes, Authenticate authenticate, AcceptLive accept_live, const api::Unsealer& unsealer,
        Metrics& metrics);

  void OnRequest(http::Request request, http::Respond respond) const;
  void OnUpgrade(const http::Request& request, std::function<void(runtime::UpgradeAnswer)> answer) const;
  /// {"items":[{"method","route","permission"}]}: every operation there is, for `bongsu routes list`.
  json::Value ListRoutes() const;

 private:
  api::Router router_;
  Authenticate authenticate_;
  AcceptLive accept_live_;
  const api::Unsealer& unsealer_;
  Histogram& seconds_;
};

}  // namespace bongsu::app
