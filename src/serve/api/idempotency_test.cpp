// SPDX-License-Identifier: Apache-2.0
#include "serve/api/idempotency.hpp"

#include <gtest/gtest.h>

namespace bongsu::api {
namespace {

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

class IdempotencyTest : public ::testing::Test {
 protected:
  static void Now(const std::function<void()>& work) { work(); }
  IdempotencyTest() {
    routes = keys->Wrap(
        {{"POST", "/things", guard::Permission::kActOnAlarms, [this](const Call& call, http::Respond respond) {
            ++runs;
            if (hold) {
              held = std::move(respond);
            } else {
              respond(http::JsonResponse(status, fmt::format("{} {}", runs, call.request.body)));
            }
          }}});
  }
  http::Response Post(std::string key, std::string body, std::uint16_t tenant = 1) {
    Call call;
    call.request.method = "POST";
    call.request.path = "/things";
    call.request.body = std::move(body);
    if (!key.empty()) call.request.headers = {{"Idempotency-Key", std::move(key)}};
    call.caller.tenant = tenant;
    auto answer = std::make_shared<http::Response>();
    answer->status = 0;
    answers.push_back(answer);
    routes[0].handler(std::move(call), [answer](http::Response response) { *answer = std::move(response); });
    return *answer;
  }

  ManualClock clock{kNoon};
  Metrics metrics;
  std::shared_ptr<Idempotency> keys =
      std::make_shared<Idempotency>(clock, &Now, [] { return Idempotency::Post{&Now}; }, metrics);
  Routes routes;
  int runs = 0;
  int status = 201;
  bool hold = false;
  http::Respond held;
  std::vector<std::shared_ptr<http::Response>> answers;
};

TEST_F(IdempotencyTest, GivesTheFirstAnswerToARepeat) {
  const http::Response first = Post("k1", "a");
  const http::Response again = Post("k1", "a");

  EXPECT_EQ(runs, 1);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(http::HeaderOf(first.headers, "Idempotency-Replayed"), "");
  EXPECT_EQ(http::HeaderOf(again.headers, "Idempotency-Replayed"), "true");
}

TEST_F(IdempotencyTest, RefusesAKeyThatWasUsedForAnotherRequest) {
  (void)Post("k1", "a");

  const http::Response other = Post("k1", "b");

  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(runs, 1);
}

TEST_F(IdempotencyTest, KeepsTenantsApartAndRunsRequestsWithoutAKey) {
  (void)Post("k1", "a");
  (void)Post("k1", "a", 2);
  (void)Post("", "a");
  (void)Post("", "a");

  EXPECT_EQ(runs, 4);
}

TEST_F(IdempotencyTest, ForgetsAfterTwentyFourHours) {
  (void)Post("k1", "a");
  clock.Advance(24h);

  (void)Post("k1", "b");

  EXPECT_EQ(runs, 2);
}

TEST_F(IdempotencyTest, LetsARepeatOfAnUnfinishedRequestWaitForItsAnswer) {
  hold = true;
  EXPECT_EQ(Post("k1", "a").status, 0);
  EXPECT_EQ(Post("k1", "a").status, 0);

  held(http::JsonResponse(201, std::string{"done"}));

  EXPECT_EQ(runs, 1);
  EXPECT_EQ(answers[0]->body, "done");
  EXPECT_EQ(answers[1]->body, "done");
  EXPECT_EQ(http::HeaderOf(answers[1]->headers, "Idempotency-Replayed"), "true");
}

TEST_F(IdempotencyTest, KeepsNoAnswerThatAsksToTryAgain) {
  status = 503;
  (void)Post("k1", "a");
  status = 201;

  EXPECT_EQ(Post("k1", "a").status, 201);
  EXPECT_EQ(runs, 2);
}

TEST_F(IdempotencyTest, RefusesAKeyThatIsTooLong) { EXPECT_EQ(Post(std::string(256, 'k'), "a").status, 400); }

}  // namespace
}  // namespace bongsu::api
