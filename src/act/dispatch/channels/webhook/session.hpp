// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "act/dispatch/channel.hpp"

namespace bongsu::dispatch::webhook {

class Webhook final : public Channel {
 public:
  explicit Webhook(SendHttp send) : send_{std::move(send)} {}
  std::string_view id() const override { return "webhook"; }
  ChannelKind kind() const override { return ChannelKind::kRepeatable; }
  void Send(Delivery delivery, std::function<void(Outcome)> done) override;

 private:
  SendHttp send_;
};

}  // namespace bongsu::dispatch::webhook
