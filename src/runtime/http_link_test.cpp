// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_link.hpp"

#include <gtest/gtest.h>

#include <future>

#include "runtime/http_server.hpp"

namespace bongsu::runtime {
namespace {

class HttpLinkTest : public ::testing::Test {
 protected:
  HttpLinkTest() { shards_.Start(); }
  ~HttpLinkTest() override { shards_.Stop(); }

  std::unique_ptr<HttpServer> Serve(std::uint16_t port = 0) {
    return HttpServer::Open(
               shards_, {.host = "127.0.0.1", .port = port},
               [](const http::Request& request, const http::Respond& respond) {
                 respond({200, {}, request.body + " heard", "text/plain"});
               },
               [](const http::Request&, const std::function<void(UpgradeAnswer)>& answer) { answer({}); }, metrics_,
               log_)
        .value();
  }
  Result<http::Response> Send(const std::shared_ptr<HttpLink>& link, std::uint16_t port, const std::string& body) {
    std::promise<Result<http::Response>> answer;
    shards_.Post(0, [&] {
      HttpCall call;
      call.url = fmt::format("http://127.0.0.1:{}/x", port);
      call.body = body;
      call.deadline = 5s;
      link->Send(std::move(call), [&](Result<http::Response> response) { answer.set_value(std::move(response)); });
    });
    return answer.get_future().get();
  }

  Metrics metrics_;
  Log log_{Log::Level::kOff};
  Shards shards_{1};
  IdleLines idle_;
};

TEST_F(HttpLinkTest, KeepsItsLineBetweenCallsAndOpensItAgainWhenTheOtherEndClosedIt) {
  const auto link = MakeHttpLink(shards_, 0, idle_);
  auto server = Serve();
  const std::uint16_t port = server->port();

  EXPECT_EQ(Send(link, port, "one").value().body, "one heard");
  EXPECT_EQ(idle_.open, 1U);
  EXPECT_EQ(Send(link, port, "two").value().body, "two heard");
  server->Close();
  server = Serve(port);
  EXPECT_EQ(Send(link, port, "three").value().body, "three heard");

  std::promise<void> closed;
  shards_.Post(0, [&] {
    link->Close();
    closed.set_value();
  });
  closed.get_future().wait();
  EXPECT_EQ(idle_.open, 0U);
  server->Close();
}

TEST_F(HttpLinkTest, SaysWhenNobodyAnswersAndRefusesABadAddress) {
  const auto link = MakeHttpLink(shards_, 0, idle_);
  auto server = Serve();
  const std::uint16_t port = server->port();
  server->Close();
  server.reset();

  EXPECT_EQ(Send(link, port, "x").error().reason, "http.no_answer");
  std::promise<std::string> refused;
  shards_.Post(0, [&] {
    HttpCall call;
    call.url = "ftp://x";
    link->Send(std::move(call),
               [&](const Result<http::Response>& answer) { refused.set_value(answer.error().reason); });
  });
  EXPECT_EQ(refused.get_future().get(), "http.bad_url");
}

}  // namespace
}  // namespace bongsu::runtime
