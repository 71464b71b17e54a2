// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_link.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include <boost/asio.hpp>

#include "runtime/http_server.hpp"

namespace bongsu::runtime {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class HttpLinkTest : public ::testing::Test {
 protected:
  HttpLinkTest() { shards_.Start(); }
  ~HttpLinkTest() override { shards_.Stop(); }

  std::unique_ptr<HttpServer> Serve() {
    return HttpServer::Open(
               shards_, {.host = "127.0.0.1", .port = 0},
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
  void OnShard(const std::function<void()>& work) {
    std::promise<void> done;
    shards_.Post(0, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  Metrics metrics_;
  Log log_{Log::Level::kOff};
  Shards shards_{1};
  IdleLines idle_;
};

TEST_F(HttpLinkTest, KeepsItsLineBetweenCalls) {
  const auto link = MakeHttpLink(shards_, 0, idle_);
  const auto server = Serve();

  EXPECT_EQ(Send(link, server->port(), "one").value().body, "one heard");
  EXPECT_EQ(idle_.open, 1U);
  EXPECT_EQ(Send(link, server->port(), "two").value().body, "two heard");

  OnShard([&] { link->Close(); });
  EXPECT_EQ(idle_.open, 0U);
  server->Close();
}

TEST_F(HttpLinkTest, OpensItsLineAgainWhenTheOtherEndClosedItWithoutAWord) {
  asio::io_context loop;
  tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::thread peer{[&] {
    for (const char word : {'1', '2'}) {
      tcp::socket line = acceptor.accept();
      std::string asked;
      asio::read_until(line, asio::dynamic_buffer(asked), "\r\n\r\n");
      asio::write(line, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n") + word));
    }
  }};
  const auto link = MakeHttpLink(shards_, 0, idle_);

  EXPECT_EQ(Send(link, acceptor.local_endpoint().port(), {}).value().body, "1");
  EXPECT_EQ(idle_.open, 1U);
  const auto second = Send(link, acceptor.local_endpoint().port(), {});
  if (!second) acceptor.close();
  peer.join();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "2");
  OnShard([&] { link->Close(); });
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
