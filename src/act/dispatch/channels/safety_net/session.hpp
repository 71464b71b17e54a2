// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "act/dispatch/channel.hpp"

namespace bongsu::dispatch::safety_net {

class SafetyNet final : public Channel {
 public:
  explicit SafetyNet(SendHttp send);
  std::string_view id() const override { return "safety_net"; }
  ChannelKind kind() const override { return ChannelKind::kRepeatable; }
  void Send(Delivery delivery, std::function<void(Outcome)> done) override;

 private:
  /// Outlives the channel while an answer is on its way.
  struct State {
    SendHttp send;
    std::map<std::string, std::string> sessions;  ///< peer id -> session; bounded by the peers.
  };
  static void Authenticate(const std::shared_ptr<State>& state, Delivery delivery, std::function<void(Outcome)> done);
  /// @param fresh  the session was made for this message: a refusal is the agency's answer, not an old session
  static void Deliver(const std::shared_ptr<State>& state, Delivery delivery, bool fresh,
                      std::function<void(Outcome)> done);

  std::shared_ptr<State> state_;
};

}  // namespace bongsu::dispatch::safety_net
