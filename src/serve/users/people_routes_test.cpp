// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "guard/house_fake.hpp"
#include "serve/users/user_routes.hpp"

namespace bongsu::api {
namespace {

class PeopleRoutesTest : public ::testing::Test {
 protected:
  PeopleRoutesTest() {
    for (auto list : {UserRoutes(parts_), TokenRoutes(parts_), TenantRoutes(parts_)})
      routes_.insert(routes_.end(), list.begin(), list.end());
    admin_ = house_.AddUser("admin", guard::Role::kAdministrator, "four words and a half");
  }
  /// Status and body for an administrator of `tenant`.
  std::pair<int, json::Value> Ask(const std::string& method, const std::string& pattern, const std::string& body = {},
                                  const std::string& id = {}, std::uint16_t tenant = 0) {
    const auto response = house_.On<http::Response>(1, [&](auto done) {
      Call call;
      call.request.body = body;
      call.caller = {.known = true,
                     .tenant = tenant,
                     .tenant_name = tenant == 0 ? "default" : "busan",
                     .id = admin_,
                     .name = "admin",
                     .role = guard::Role::kAdministrator,
                     .by_token = false,
                     .session = {},
                     .address = "10.0.0.5",
                     .open = false};
      call.params["id"] = id;
      const auto route = std::ranges::find_if(
          routes_, [&](const Route& one) { return one.method == method && one.pattern == pattern; });
      route->handler(std::move(call), done);
    });
    house_.Settle();
    const auto parsed = json::Parse(response.body);
    return {response.status, parsed ? *parsed : json::Value{}};
  }

  guard::FakeHouse house_;
  PeopleHouse parts_{house_.office, house_.directory, house_.authenticator};
  Routes routes_;
  std::string admin_;
};

TEST_F(PeopleRoutesTest, MakesShowsChangesAndRemovesAUser) {
  const auto [made, body] =
      Ask("POST", "/api/v1/users", R"({"name":"kim","role":"operator","display":{"ko":"김상황"}})");
  ASSERT_EQ(made, 201);
  const std::string id{body["user"]["id"].AsString()};
  EXPECT_EQ(id.size(), 26U);
  EXPECT_EQ(body["user"]["display"]["ko"].AsString(), "김상황");
  EXPECT_EQ(body["password"].AsString().size(), 19U);

  const auto [changed, user] = Ask("PATCH", "/api/v1/users/{id}", R"({"role":"supervisor"})", id);
  EXPECT_EQ(changed, 200);
  EXPECT_EQ(user["role"].AsString(), "supervisor");
  EXPECT_EQ(Ask("PATCH", "/api/v1/users/{id}", R"({"password":"x"})", id).first, 400);
  EXPECT_EQ(Ask("GET", "/api/v1/users").second["items"].AsArray().size(), 2U);
  EXPECT_EQ(Ask("DELETE", "/api/v1/users/{id}", {}, id).first, 204);
  EXPECT_EQ(Ask("DELETE", "/api/v1/users/{id}", {}, id).first, 404);
  EXPECT_EQ(Ask("GET", "/api/v1/users").second["items"].AsArray().size(), 1U);
}

TEST_F(PeopleRoutesTest, TheLastAdministratorStays) {
  const auto [status, body] = Ask("DELETE", "/api/v1/users/{id}", {}, admin_);

  EXPECT_EQ(status, 409);
  EXPECT_EQ(body["reason"].AsString(), "user.last_administrator");
}

TEST_F(PeopleRoutesTest, NoListShowsASecret) {
  const auto token = Ask("POST", "/api/v1/tokens", R"({"name":"simulator","role":"application"})").second;

  const std::string users = json::ToString(Ask("GET", "/api/v1/users").second);
  const std::string tokens = json::ToString(Ask("GET", "/api/v1/tokens").second);

  EXPECT_EQ(users.find("argon2"), std::string::npos);
  EXPECT_EQ(tokens.find(token["token"].AsString()), std::string::npos);
  EXPECT_NE(tokens.find(token["id"].AsString()), std::string::npos);
  EXPECT_EQ(tokens.find("secret"), std::string::npos);
}

TEST_F(PeopleRoutesTest, RefusesWhatTheContractDoesNotAllow) {
  EXPECT_EQ(Ask("POST", "/api/v1/users", R"({"name":"Kim","role":"operator"})").first, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/users", R"({"name":"kim","role":"king"})").first, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/users", R"({"name":"kim","role":"operator","password":"short"})").first, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/tokens", R"({"role":"operator","tenant":"nowhere"})").first, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/tokens", R"({"role":"operator","expires_at":"tomorrow"})").first, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/tenants", R"({"id":"Busan!"})").first, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/tenants", R"({"id":"default"})").first, 409);
}

TEST_F(PeopleRoutesTest, ATenantsAdministratorSeesItsOwnTenantAlone) {
  ASSERT_EQ(Ask("POST", "/api/v1/tenants", R"({"id":"busan","name":{"ko":"부산"}})").first, 201);
  const auto token = Ask("POST", "/api/v1/tokens", R"({"role":"administrator","tenant":"busan"})");
  ASSERT_EQ(token.first, 201);

  const auto tenants = Ask("GET", "/api/v1/tenants", {}, {}, 1).second;
  const auto users = Ask("GET", "/api/v1/users", {}, {}, 1).second;

  ASSERT_EQ(tenants["items"].AsArray().size(), 1U);
  EXPECT_EQ(tenants["items"].AsArray()[0]["name"]["ko"].AsString(), "부산");
  EXPECT_TRUE(users["items"].AsArray().empty());
  EXPECT_EQ(Ask("POST", "/api/v1/tenants", R"({"id":"ulsan"})", {}, 1).first, 403);
  EXPECT_EQ(Ask("POST", "/api/v1/tokens", R"({"role":"operator","tenant":"default"})", {}, 1).first, 404);
  EXPECT_EQ(Ask("GET", "/api/v1/tenants").second["items"].AsArray().size(), 2U);
  EXPECT_EQ(Ask("DELETE", "/api/v1/tokens/{id}", {}, std::string(token.second["id"].AsString())).first, 204)
      << "who gave it out can take it back";
}

}  // namespace
}  // namespace bongsu::api
