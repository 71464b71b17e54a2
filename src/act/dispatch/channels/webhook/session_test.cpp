// SPDX-License-Identifier: Apache-2.0
// Against an HTTP server on loopback: what leaves the house, byte by byte, and what comes of it.
#include "act/dispatch/channels/webhook/session.hpp"

#include <gtest/gtest.h>

#include <future>

#include "act/dispatch/channels/webhook/codec.hpp"
#include "runtime/http_server.hpp"

namespace bongsu::dispatch::webhook {
namespace {

using What = Outcome::What;

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    shards.Start();
    auto opened = runtime::HttpServer::Open(
        shards, {},
        [this](http::Request request, const http::Respond& respond) {
          received = std::move(request);
          respond(http::JsonResponse(status, std::string{"{}"}));
        },
        [](http::Request, const std::function<void(runtime::UpgradeAnswer)>& answer) { answer({}); }, metrics, log);
    EXPECT_TRUE(opened);
    server = std::move(*opened);
  }
  ~WebhookTest() override {
    server.reset();
    shards.Stop();
  }
  Outcome Send(const std::string& path) {
    Webhook channel{[this](runtime::HttpCall call, std::function<void(Result<http::Response>)> done) {
      runtime::HttpSend(shards, 0, std::move(call), std::move(done));
    }};
    Delivery delivery;
    delivery.id = "00000000000000000000000N01";
    delivery.peer.id = "maintenance";
    delivery.peer.url = path.starts_with("http") ? path : fmt::format("http://127.0.0.1:{}{}", server->port(), path);
    delivery.kind = "report";
    delivery.text = {"함체 장애", "Cabinet fault"};
    delivery.at = FromMicros(0);
    delivery.incident = "0000000000000000000000INC1";
    delivery.context = json::Object{{"severity", 3}};
    std::promise<Outcome> promise;
    channel.Send(std::move(delivery), [&](Outcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
  }

  Metrics metrics;
  Log log{Log::Level::kOff};
  runtime::Shards shards{1};
  std::unique_ptr<runtime::HttpServer> server;
  http::Request received;
  int status = 200;
};

TEST_F(WebhookTest, PostsTheNoticeWithItsIdentity) {
  const Outcome outcome = Send("/webhook/maintenance");

  EXPECT_EQ(outcome.what, What::kDelivered);
  EXPECT_EQ(received.path, "/webhook/maintenance");
  EXPECT_EQ(received.Header("Idempotency-Key"), "00000000000000000000000N01");
  EXPECT_EQ(
      received.body,
      R"({"id":"00000000000000000000000N01","kind":"report","peer":"maintenance","text":{"ko":"함체 장애","en":"Cabinet fault"},)"
      R"("at":"1970-01-01T00:00:00Z","incident":{"id":"0000000000000000000000INC1","severity":3}})");
}

TEST_F(WebhookTest, TellsBusyFromNoAndFromNobodyThere) {
  status = 503;
  EXPECT_EQ(Send("/x").what, What::kNotSent);
  status = 404;
  EXPECT_EQ(Send("/x").what, What::kRefused);
  const std::string gone = fmt::format("http://127.0.0.1:{}/x", server->port());
  server.reset();

  EXPECT_EQ(Send(gone).what, What::kUnknown);
}

}  // namespace
}  // namespace bongsu::dispatch::webhook
