// SPDX-License-Identifier: Apache-2.0
#include "serve/session/session_routes.hpp"

#include <gtest/gtest.h>

#include "guard/house_fake.hpp"

namespace bongsu::api {
namespace {

constexpr const char* kPassword = "four words and a half";

/// The routes behind the authenticator, as the front door puts them.
class SessionRoutesTest : public ::testing::Test {
 protected:
  http::Response Ask(std::string method, std::string path, std::string body, http::Headers headers = {}) {
    return house_.On<http::Response>(1, [&](auto done) {
      Call call;
      call.request.method = method;
      call.request.path = path;
      call.request.body = body;
      call.request.headers = headers;
      call.request.headers.emplace_back("Host", "127.0.0.1:8080");
      call.request.peer = "10.0.0.5";
      const auto route =
          std::ranges::find_if(routes_, [&](const Route& one) { return one.method == method && one.pattern == path; });
      if (route->permission == guard::Permission::kNone) return route->handler(std::move(call), done);
      const http::Request request = call.request;
      house_.authenticator.Authenticate(request, [&, call, route](Result<guard::Principal> caller) mutable {
        if (!caller) return done(http::ProblemResponse(caller.error()));
        if (!caller->known) return done(http::ProblemResponse({Code::kUnauthenticated, "test.nobody", ""}));
        call.caller = *caller;
        route->handler(std::move(call), done);
      });
    });
  }
  http::Response SignIn(const std::string& user, const std::string& password) {
    json::Value body;
    body.Set("user", user);
    body.Set("password", password);
    return Ask("POST", "/api/v1/session", json::ToString(body));
  }
  static std::string CookieOf(const http::Response& response) {
    const std::string_view header = http::HeaderOf(response.headers, "Set-Cookie");
    return std::string(header.substr(0, header.find(';')));
  }

  guard::FakeHouse house_;
  std::string changed_;
  SessionHouse parts_{house_.shards,
                      house_.sign_in,
                      house_.office,
                      house_.sessions,
                      house_.directory,
                      house_.authenticator,
                      house_.clock,
                      house_.clock,
                      false,
                      [this](const std::string& name) { changed_ = name; }};
  Routes routes_ = SessionRoutes(parts_);
};

TEST_F(SessionRoutesTest, SignsInShowsWhoItIsAndSignsOut) {
  house_.AddUser("kim", guard::Role::kSupervisor, kPassword);

  const auto in = SignIn("kim", kPassword);
  ASSERT_EQ(in.status, 200) << in.body;
  const std::string cookie = CookieOf(in);
  const auto who = Ask("GET", "/api/v1/session", "", {{"Cookie", cookie}});
  const auto body = *json::Parse(who.body);

  EXPECT_EQ(body["user"]["name"].AsString(), "kim");
  EXPECT_EQ(body["user"]["role"].AsString(), "supervisor");
  EXPECT_EQ(body["tenant"].AsString(), "default");
  EXPECT_TRUE(body["last_login"].IsNull());
  EXPECT_FALSE(body["must_change_password"].AsBool());
  EXPECT_EQ(body["expires_at"].AsString(), FormatUtc(guard::FakeHouse::kNoon + 2h));
  EXPECT_EQ(http::HeaderOf(who.headers, "Cache-Control"), "no-store");
  EXPECT_EQ(in.body.find(cookie.substr(15)), std::string::npos) << "the secret is in the cookie alone";
  const std::string csrf{body["csrf"].AsString()};
  EXPECT_EQ(Ask("DELETE", "/api/v1/session", "", {{"Cookie", cookie}}).status, 403);
  const auto out = Ask("DELETE", "/api/v1/session", "", {{"Cookie", cookie}, {"X-CSRF-Token", csrf}});
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(http::HeaderOf(out.headers, "Set-Cookie").find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(Ask("GET", "/api/v1/session", "", {{"Cookie", cookie}}).status, 401);
}

TEST_F(SessionRoutesTest, RefusesBadInputAndWrongPasswords) {
  EXPECT_EQ(Ask("POST", "/api/v1/session", "[]").status, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/session", R"({"user":"kim"})").status, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/session", R"({"user":7,"password":"x"})").status, 400);
  const auto wrong = SignIn("kim", "no such person");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_NE(http::HeaderOf(wrong.headers, "WWW-Authenticate"), "");
  EXPECT_EQ(
      Ask("POST", "/api/v1/session", R"({"user":"kim","password":"x"})", {{"Origin", "https://evil.example"}}).status,
      403);
}

TEST_F(SessionRoutesTest, AThrottledSignInSaysWhenToComeAgain) {
  house_.AddUser("kim", guard::Role::kSupervisor, kPassword);
  for (int i = 0; i < 6; ++i) (void)SignIn("kim", "wrong wrong wrong");

  const auto throttled = SignIn("kim", kPassword);

  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(http::HeaderOf(throttled.headers, "Retry-After"), "2");
}

TEST_F(SessionRoutesTest, AOneTimePasswordIsChangedBeforeAnythingElse) {
  const auto made = house_.Ask(
      [&](auto done) { house_.office.AddUser({}, 0, {"kim", {}, guard::Role::kOperator, std::nullopt}, done); });
  const std::string first{(*made)["password"].AsString()};

  const auto in = SignIn("kim", first);
  const auto session = *json::Parse(in.body);
  EXPECT_TRUE(session["must_change_password"].AsBool());
  const http::Headers headers{{"Cookie", CookieOf(in)}, {"X-CSRF-Token", std::string(session["csrf"].AsString())}};
  json::Value body;
  body.Set("current", first);
  body.Set("next", "another good phrase");
  const auto changed = Ask("POST", "/api/v1/session/password", json::ToString(body), headers);

  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_FALSE((*json::Parse(changed.body))["must_change_password"].AsBool());
  EXPECT_EQ(changed_, "kim");
  EXPECT_EQ(SignIn("kim", first).status, 401);
  EXPECT_EQ(SignIn("kim", "another good phrase").status, 200);
}

TEST_F(SessionRoutesTest, GuessingTheCurrentPasswordIsThrottledToo) {
  house_.AddUser("kim", guard::Role::kSupervisor, kPassword);
  const auto in = SignIn("kim", kPassword);
  const http::Headers headers{{"Cookie", CookieOf(in)},
                              {"X-CSRF-Token", std::string((*json::Parse(in.body))["csrf"].AsString())}};

  std::vector<int> statuses;
  for (int i = 0; i < 7; ++i)
    statuses.push_back(
        Ask("POST", "/api/v1/session/password", R"({"current":"guess guess","next":"another good phrase"})", headers)
            .status);

  EXPECT_EQ(statuses, (std::vector<int>{403, 403, 403, 403, 403, 403, 429}));
}

}  // namespace
}  // namespace bongsu::api
