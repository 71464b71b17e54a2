// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_server.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>

#include "runtime/http_client.hpp"

namespace bongsu::runtime {
namespace {

/// Parts of 'x', as many as told; says how many were asked for and when it is dropped.
class Parts final : public http::BodyParts {
 public:
  struct Told {
    std::atomic<std::size_t> asked{0};
    std::promise<void> dropped;
  };
  Parts(std::size_t parts, std::size_t bytes, std::shared_ptr<Told> told)
      : left_{parts}, bytes_{bytes}, told_{std::move(told)} {}
  ~Parts() override { told_->dropped.set_value(); }
  void Next(Take take) override {
    ++told_->asked;
    if (left_ == kBroken) return take(Fail(Code::kUnavailable, "test.broken", "broken"));
    take(left_-- > 0 ? std::string(bytes_, 'x') : (left_ = 0, std::string{}));
  }
  static constexpr std::size_t kBroken = static_cast<std::size_t>(-1);

 private:
  std::size_t left_;
  std::size_t bytes_;
  std::shared_ptr<Told> told_;
};

/// A client that reads when it is told to.
class SlowReader {
 public:
  explicit SlowReader(std::uint16_t port) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const int small = 4096;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~SlowReader() { Close(); }
  SlowReader(const SlowReader&) = delete;
  SlowReader& operator=(const SlowReader&) = delete;
  void Ask(std::string_view version) const {
    const std::string request = fmt::format("GET / HTTP/{}\r\nHost: a\r\n\r\n", version);
    EXPECT_EQ(send(socket_, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  }
  /// Up to `end` or, when there is none, to the end of the connection.
  std::string ReadTo(std::string_view end) const {
    std::string all;
    std::array<char, 65536> buffer{};
    while (end.empty() || !all.ends_with(end)) {
      const auto got = recv(socket_, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  void ReadSome() const {
    char one = 0;
    EXPECT_EQ(recv(socket_, &one, 1, 0), 1);
  }
  void Close() {
    if (socket_ >= 0) close(std::exchange(socket_, -1));
  }

 private:
  int socket_ = -1;
};

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

TEST_F(HttpServerTest, ABodyInPartsComesWholeAndTheConnectionGoesOn) {
  const auto told = std::make_shared<Parts::Told>();
  std::shared_ptr<Parts> parts = std::make_shared<Parts>(3, 5, told);
  Serve([&parts](const http::Request&, const http::Respond& respond) {
    http::Response response = http::JsonResponse(200, std::string("first"));
    response.parts = std::exchange(parts, nullptr);  // the second answer is an ordinary one
    respond(std::move(response));
  });
  const SlowReader reader{server_->port()};

  reader.Ask("1.1");
  const std::string answer = reader.ReadTo("0\r\n\r\n");
  reader.Ask("1.1");
  const std::string second = reader.ReadTo("first");

  EXPECT_NE(answer.find("Transfer-Encoding: chunked"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n5\r\nfirst\r\n5\r\nxxxxx\r\n5\r\nxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n")) << answer;
  EXPECT_NE(second.find("Content-Length: 5"), std::string::npos) << second;
  told->dropped.get_future().get();
}

TEST_F(HttpServerTest, AClientWithoutChunksReadsABodyInPartsToTheEndOfTheConnection) {
  const auto told = std::make_shared<Parts::Told>();
  Serve([told](const http::Request&, const http::Respond& respond) {
    respond({.headers = {}, .body = "first", .parts = std::make_shared<Parts>(2, 3, told)});
  });
  const SlowReader reader{server_->port()};

  reader.Ask("1.0");

  const std::string answer = reader.ReadTo({});
  EXPECT_TRUE(answer.ends_with("\r\n\r\nfirstxxxxxx")) << answer;
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
}

TEST_F(HttpServerTest, APartIsMadeWhenTheReaderHasTakenTheOneBefore) {
  const auto told = std::make_shared<Parts::Told>();
  static constexpr std::size_t kParts = 100;
  static constexpr std::size_t kBytes = 256UL << 10U;
  Serve([told](const http::Request&, const http::Respond& respond) {
    respond({.headers = {}, .body = "first", .parts = std::make_shared<Parts>(kParts, kBytes, told)});
  });
  SlowReader reader{server_->port()};
  reader.Ask("1.1");
  // Nobody reads: what the kernel takes is all that is made.
  std::size_t before = 0;
  for (std::size_t same = 0; same < 20;) {
    std::promise<void> later;
    shards_.After(0, std::chrono::milliseconds{5}, [&] { later.set_value(); });
    later.get_future().wait();
    const std::size_t asked = told->asked;
    same = asked > 0 && asked == before ? same + 1 : 0;
    before = asked;
  }
  EXPECT_LT(before, kParts / 2);

  const std::string answer = reader.ReadTo("0\r\n\r\n");

  EXPECT_GT(answer.size(), kParts * kBytes);
  EXPECT_EQ(told->asked, kParts + 1);
  told->dropped.get_future().get();
}

TEST_F(HttpServerTest, PartsAreDroppedWhenTheReaderGoesAway) {
  const auto told = std::make_shared<Parts::Told>();
  Serve([told](const http::Request&, const http::Respond& respond) {
    respond({.headers = {}, .body = "first", .parts = std::make_shared<Parts>(1'000'000, 256UL << 10U, told)});
  });
  SlowReader reader{server_->port()};
  reader.Ask("1.1");
  reader.ReadSome();

  reader.Close();

  told->dropped.get_future().get();
  EXPECT_LT(told->asked, 1'000'000U);
  EXPECT_EQ(metrics_.Counter("bongsu_http_broken_off_total", "").value(), 1U);
}

TEST_F(HttpServerTest, ABodyThatCannotGoOnHasNoEnd) {
  const auto told = std::make_shared<Parts::Told>();
  Serve([told](const http::Request&, const http::Respond& respond) {
    respond({.headers = {}, .body = "first", .parts = std::make_shared<Parts>(Parts::kBroken, 1, told)});
  });
  const SlowReader reader{server_->port()};

  reader.Ask("1.1");

  EXPECT_TRUE(reader.ReadTo({}).ends_with("first\r\n"));
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
