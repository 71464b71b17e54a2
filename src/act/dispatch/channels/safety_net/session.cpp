// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/channels/safety_net/session.hpp"

#include "act/dispatch/channels/safety_net/codec.hpp"

namespace bongsu::dispatch::safety_net {

SafetyNet::SafetyNet(SendHttp send) : state_{std::make_shared<State>()} { state_->send = std::move(send); }

void SafetyNet::Send(Delivery delivery, std::function<void(Outcome)> done) {
  if (state_->sessions.contains(delivery.peer.id)) {
    Deliver(state_, std::move(delivery), false, std::move(done));
  } else {
    Authenticate(state_, std::move(delivery), std::move(done));
  }
}

void SafetyNet::Authenticate(const std::shared_ptr<State>& state, Delivery delivery,
                             std::function<void(Outcome)> done) {
  runtime::HttpCall call = EncodeAuth(delivery.peer);
  state->send(std::move(call), [state, delivery = std::move(delivery),
                                done = std::move(done)](const Result<http::Response>& answer) mutable {
    auto session = SessionOf(answer);
    if (!session) {
      // Nothing of the notice has left the house yet.
      done({Outcome::What::kNotSent, session.error().message});
      return;
    }
    state->sessions[delivery.peer.id] = std::move(*session);
    Deliver(state, std::move(delivery), true, std::move(done));
  });
}

void SafetyNet::Deliver(const std::shared_ptr<State>& state, Delivery delivery, bool fresh,
                        std::function<void(Outcome)> done) {
  runtime::HttpCall call = EncodeEvent(delivery, state->sessions[delivery.peer.id]);
  state->send(std::move(call), [state, delivery = std::move(delivery), fresh,
                                done = std::move(done)](const Result<http::Response>& answer) mutable {
    bool expired = false;
    Outcome outcome = OutcomeOf(answer, expired);
    if (expired) state->sessions.erase(delivery.peer.id);
    if (expired && !fresh) {
      Authenticate(state, std::move(delivery), std::move(done));
      return;
    }
    if (expired) outcome.what = Outcome::What::kRefused;
    done(std::move(outcome));
  });
}

}  // namespace bongsu::dispatch::safety_net
