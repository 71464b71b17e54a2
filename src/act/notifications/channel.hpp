// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The way to one subscriber's endpoint. A channel carries one notification at a time; when and how often is the
/// lane's decision.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/http_message.hpp"

namespace bongsu::notifications {

/// Where a subscription wants to be told, and how.
struct Endpoint {
  std::string uri;                             ///< http, https, mqtt or mqtts
  std::string accept = "application/json";     ///< Media type of the body.
  http::Headers headers;                       ///< receiverInfo, Link and NGSILD-Tenant.
  http::Headers notifier;                      ///< notifierInfo: MQTT-Version, MQTT-QoS.
  std::chrono::milliseconds deadline{10'000};  ///< endpoint.timeout
  std::chrono::milliseconds cooldown{0};       ///< Rest after a failure; 0: as the lane thinks right.
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Outcome {
  enum class What : std::uint8_t {
    kDelivered,
    kRefused,  ///< It was received and answered with a no: saying it again changes nothing.
    kFailed,   ///< It may not have got there: to be said again.
  };
  What what = What::kFailed;
  std::string error;  ///< For people; empty when delivered.
};

class Channel {
 public:
  virtual ~Channel() = default;
  /// Carries `body`, a Notification as JSON; `done` runs once, on the same shard, within the endpoint's deadline. Not
  /// again before that.
  virtual void Send(std::string body, std::function<void(Outcome)> done) = 0;
};

using MakeChannel = std::function<std::unique_ptr<Channel>(const Endpoint& endpoint)>;

}  // namespace bongsu::notifications
