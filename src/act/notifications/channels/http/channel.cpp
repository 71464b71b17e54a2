// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/channels/http/channel.hpp"

namespace bongsu::notifications {
namespace {

class HttpChannel final : public Channel {
 public:
  HttpChannel(const Endpoint& endpoint, std::shared_ptr<runtime::HttpLink> link)
      : endpoint_{endpoint}, link_{std::move(link)} {}
  ~HttpChannel() override { link_->Close(); }

  void Send(std::string body, std::function<void(Outcome)> done) override {
    runtime::HttpCall call;
    call.url = endpoint_.uri;
    call.headers = endpoint_.headers;
    call.body = std::move(body);
    call.content_type = endpoint_.accept;
    call.deadline = endpoint_.deadline;
    call.max_answer_bytes = 64UL << 10U;
    link_->Send(std::move(call), [done = std::move(done)](const Result<http::Response>& answer) {
      if (!answer) return done({Outcome::What::kFailed, answer.error().message});
      done(OutcomeOf(answer->status));
    });
  }

 private:
  Endpoint endpoint_;
  std::shared_ptr<runtime::HttpLink> link_;
};

}  // namespace

Outcome OutcomeOf(int status) {
  if (status >= 200 && status < 300) return {Outcome::What::kDelivered, {}};
  const bool later = status >= 500 || status == 408 || status == 425 || status == 429;
  return {later ? Outcome::What::kFailed : Outcome::What::kRefused, fmt::format("answered {}", status)};
}

std::unique_ptr<Channel> MakeHttpChannel(const Endpoint& endpoint, std::shared_ptr<runtime::HttpLink> link) {
  return std::make_unique<HttpChannel>(endpoint, std::move(link));
}

}  // namespace bongsu::notifications
