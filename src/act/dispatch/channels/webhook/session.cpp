// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/channels/webhook/session.hpp"

#include "act/dispatch/channels/webhook/codec.hpp"

namespace bongsu::dispatch::webhook {

void Webhook::Send(Delivery delivery, std::function<void(Outcome)> done) {
  send_(Encode(delivery), [done = std::move(done)](const Result<http::Response>& answer) { done(OutcomeOf(answer)); });
}

}  // namespace bongsu::dispatch::webhook
