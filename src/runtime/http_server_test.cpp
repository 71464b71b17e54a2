// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_server.hpp"

#include <gtest/gtest.h>

#include <future>

#include "runtime/http_client.hpp"

namespace bongsu::runtime {
namespace {

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() { shards_.Start(); }
  ~HttpServerTest() override {
    server_.reset();
    shards_.Stop();
  }

  void Serve(HttpServer::OnRequest on_request, std::size_t max_body = 1000) {
    auto server = HttpServer::Open(
        shards_, {.max_body_bytes = max_body}, std::move(on_request),
        [](const http::Request&, const std::function<void(UpgradeAnswer)>& answer) {
          answer({.accept = false,
                  .protocol = {},
                  .handlers = {},
                  .refusal = http::ProblemResponse({Code::kNotFound, "x.none", "none"})});
        },
        metrics_, log_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  Result<http::Response> Send(HttpCall call) {
    std::promise<Result<http::Response>> promise;
    call.url = fmt::format("http://127.0.0.1:{}{}", server_->port(), call.url);
    HttpSend(shards_, 0, std::move(call), [&](Result<http::Response> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  Metrics metrics_;
  Log log_{Log::Level::kOff};
  Shards shards_{2};
  std::unique_ptr<HttpServer> server_;
  std::vector<http::Respond> held_;  ///< Answers never given; the shards have stopped when they go.
};

TEST_F(HttpServerTest, GivesTheHandlerDecodedPathQueryAndBody) {
  Serve([](const http::Request& request, const http::Respond& respond) {
    json::Value echo;
    echo.Set("method", request.method);
    echo.Set("part", request.segments.at(1));
    echo.Set("query", std::string(request.Query("q").value_or("")));
    echo.Set("body", request.body);
    respond(http::JsonResponse(201, echo));
  });

  const auto answer = Send({.url = "/a/b%20c?q=%ED%99%94", .headers = {}, .body = "hello"});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, R"({"method":"POST","part":"b c","query":"화","body":"hello"})");
}

TEST_F(HttpServerTest, RefusesABodyPastTheBoundWith413) {
  Serve([](const http::Request&, const http::Respond& respond) { respond(http::JsonResponse(200, std::string("{}"))); },
        10);

  const auto answer = Send({.url = "/", .headers = {}, .body = std::string(11, 'x')});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  EXPECT_NE(answer->body.find("http.body_too_large"), std::string::npos);
}

TEST_F(HttpServerTest, AnswersFromAnotherShardReachTheClient) {
  Serve([this](const http::Request&, const http::Respond& respond) {
    shards_.Post(1, [respond] { respond(http::JsonResponse(200, std::string("{}"))); });
  });

  EXPECT_EQ(Send({.url = "/", .headers = {}, .body = {}}).value().status, 200);
}

TEST_F(HttpServerTest, Sends204WithoutContentLength) {
  Serve(
      [](const http::Request&, const http::Respond& respond) { respond({.status = 204, .headers = {}, .body = {}}); });

  const auto answer = Send({.method = "DELETE", .url = "/", .headers = {}, .body = {}});

  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(http::HeaderOf(answer->headers, "Content-Length"), "");
}

TEST_F(HttpServerTest, TheClientSaysWhoDidNotAnswerInTime) {
  Serve([this](const http::Request&, http::Respond respond) { held_.push_back(std::move(respond)); });

  const auto answer = Send({.url = "/", .headers = {}, .body = {}, .deadline = std::chrono::milliseconds{50}});

  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("within 50 ms"), std::string::npos) << answer.error().message;
}

TEST_F(HttpServerTest, ASecondServerOnTheSamePortIsRefused) {
  Serve([](const http::Request&, const http::Respond&) {});

  const auto second = HttpServer::Open(
      shards_, {.port = server_->port()}, [](const http::Request&, const http::Respond&) {},
      [](const http::Request&, const std::function<void(UpgradeAnswer)>&) {}, metrics_, log_);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "http.cannot_listen");
}

}  // namespace
}  // namespace bongsu::runtime
