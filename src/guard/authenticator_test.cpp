// SPDX-License-Identifier: Apache-2.0
#include "guard/authenticator.hpp"

#include <gtest/gtest.h>

#include "guard/house_fake.hpp"

namespace bongsu::guard {
namespace {

constexpr const char* kPassword = "four words and a half";

http::Request Ask(std::string method, std::string path, http::Headers headers) {
  http::Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers = std::move(headers);
  request.headers.emplace_back("Host", "127.0.0.1:8080");
  request.peer = "10.0.0.5";
  return request;
}

TEST(Authenticator, ATokenBringsItsRoleAndTenantUntilItIsRevoked) {
  FakeHouse house;
  const auto made =
      house.Ask([&](auto done) { house.office.CreateToken({}, 0, "simulator", Role::kApplication, kNever, done); });
  const std::string bearer = "Bearer " + std::string((*made)["token"].AsString());

  const auto known = house.Who(Ask("POST", "/api/v1/ingest/x", {{"Authorization", bearer}}));

  ASSERT_TRUE(known) << known.error().message;
  EXPECT_TRUE(known->known);
  EXPECT_TRUE(known->by_token);
  EXPECT_EQ(known->role, Role::kApplication);
  EXPECT_EQ(known->id, (*made)["id"].AsString());
  EXPECT_EQ(known->tenant_name, "default");
  EXPECT_EQ(known->address, "10.0.0.5");
  EXPECT_TRUE(house.On<bool>(1, [&](auto say) { say(house.authenticator.IsStillGood(*known)); }));
  (void)house.Ask([&](auto done) { house.office.RevokeToken({}, 0, known->id, done); });
  EXPECT_EQ(house.Who(Ask("GET", "/x", {{"Authorization", bearer}})).error().code, Code::kUnauthenticated);
  EXPECT_FALSE(house.On<bool>(1, [&](auto say) { say(house.authenticator.IsStillGood(*known)); }));
}

TEST(Authenticator, ATokenExpiresAtItsTime) {
  FakeHouse house;
  const auto made = house.Ask(
      [&](auto done) { house.office.CreateToken({}, 0, "x", Role::kApplication, FakeHouse::kNoon + 1h, done); });
  const auto request = Ask("GET", "/x", {{"Authorization", "Bearer " + std::string((*made)["token"].AsString())}});

  EXPECT_TRUE(house.Who(request));
  house.clock.Advance(1h);
  EXPECT_EQ(house.Who(request).error().reason, "guard.bad_token");
}

TEST(Authenticator, NobodyIsAPrincipalThatIsNotKnown) {
  FakeHouse house;

  const auto nobody = house.Who(Ask("GET", "/x", {}));

  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->known);
  EXPECT_EQ(house.Who(Ask("GET", "/x", {{"Authorization", "Basic abc"}})).error().code, Code::kUnauthenticated);
  EXPECT_EQ(house.Who(Ask("GET", "/x", {{"Cookie", "bongsu_session=made-up"}})).error().reason, "guard.bad_session");
}

TEST(Authenticator, ACookieNeedsTheCsrfTokenToChangeAnything) {
  FakeHouse house;
  house.AddUser("kim", Role::kSupervisor, kPassword);
  const auto entered = house.Enter("kim", kPassword);
  const std::string cookie = "bongsu_session=" + entered->opened.secret;
  const std::string csrf = entered->opened.session.csrf;

  EXPECT_EQ(house.Who(Ask("GET", "/api/v1/alarms", {{"Cookie", cookie}}))->role, Role::kSupervisor);
  const auto none = house.Who(Ask("POST", "/api/v1/incidents", {{"Cookie", cookie}}));
  const auto wrong = house.Who(Ask("DELETE", "/api/v1/x", {{"Cookie", cookie}, {"X-CSRF-Token", "wrong"}}));
  const auto right = house.Who(Ask("POST", "/api/v1/incidents",
                                   {{"Cookie", cookie}, {"X-CSRF-Token", csrf}, {"Origin", "http://127.0.0.1:8080"}}));

  EXPECT_EQ(none.error().reason, "session.csrf");
  EXPECT_EQ(none.error().code, Code::kPermissionDenied);
  EXPECT_EQ(wrong.error().reason, "session.csrf");
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_EQ(right->session, entered->opened.session.id);
}

TEST(Authenticator, APageOfAnotherSiteMayNeitherActNorOpenTheLiveSocket) {
  FakeHouse house;
  house.AddUser("kim", Role::kSupervisor, kPassword);
  const auto entered = house.Enter("kim", kPassword);
  const http::Headers evil{{"Cookie", "bongsu_session=" + entered->opened.secret},
                           {"X-CSRF-Token", entered->opened.session.csrf},
                           {"Origin", "https://evil.example"}};

  EXPECT_EQ(house.Who(Ask("POST", "/api/v1/incidents", evil)).error().reason, "guard.cross_site");
  EXPECT_EQ(house.Who(Ask("GET", "/live", evil)).error().reason, "guard.cross_site");
  auto nowhere = evil;
  nowhere.back().second = "null";
  EXPECT_EQ(house.Who(Ask("GET", "/live", nowhere)).error().reason, "guard.cross_site");
}

TEST(Authenticator, TheLiveSocketTakesATokenAsSubProtocol) {
  FakeHouse house;
  const std::string token = house.AddToken(Role::kOperator);

  EXPECT_TRUE(house.Who(Ask("GET", "/live", {{"Sec-WebSocket-Protocol", "bearer." + token}}))->known);
  EXPECT_FALSE(house.Who(Ask("GET", "/api/v1/alarms", {{"Sec-WebSocket-Protocol", "bearer." + token}}))->known);
}

TEST(Authenticator, AOneTimePasswordOpensTheSessionPagesAlone) {
  FakeHouse house;
  const auto made =
      house.Ask([&](auto done) { house.office.AddUser({}, 0, {"kim", {}, Role::kOperator, std::nullopt}, done); });
  const auto entered = house.Enter("kim", std::string((*made)["password"].AsString()));
  ASSERT_TRUE(entered);
  const http::Headers headers{{"Cookie", "bongsu_session=" + entered->opened.secret},
                              {"X-CSRF-Token", entered->opened.session.csrf}};

  EXPECT_EQ(house.Who(Ask("GET", "/api/v1/alarms", headers)).error().reason, "session.must_change_password");
  EXPECT_EQ(house.Who(Ask("GET", "/live", headers)).error().reason, "session.must_change_password");
  EXPECT_TRUE(house.Who(Ask("POST", "/api/v1/session/password", headers)));
}

TEST(Authenticator, ARoleThatChangesAndALockTakeHoldAtOnce) {
  FakeHouse house;
  house.AddUser("admin", Role::kAdministrator, kPassword);
  const std::string id = house.AddUser("kim", Role::kSupervisor, kPassword);
  const auto entered = house.Enter("kim", kPassword);
  const auto request = Ask("GET", "/api/v1/alarms", {{"Cookie", "bongsu_session=" + entered->opened.secret}});

  (void)house.Ask([&](auto done) { house.office.ChangeUser({}, 0, id, {{}, Role::kOperator, {}}, done); });
  EXPECT_EQ(house.Who(request)->role, Role::kOperator);
  (void)house.Ask([&](auto done) { house.office.ChangeUser({}, 0, id, {{}, {}, true}, done); });
  EXPECT_EQ(house.Who(request).error().code, Code::kUnauthenticated);
}

TEST(Authenticator, AnotherTenantReadsLikeOneThatDoesNotExist) {
  FakeHouse house;
  Tenant busan;
  busan.id = "busan";
  ASSERT_TRUE(house.Ask([&](auto done) { house.office.CreateTenant({}, busan, done); }));
  const std::string mine = "Bearer " + house.AddToken(Role::kApplication, 1);

  EXPECT_EQ(house.Who(Ask("GET", "/x", {{"Authorization", mine}}))->tenant, 1);
  EXPECT_EQ(house.Who(Ask("GET", "/x", {{"Authorization", mine}, {"NGSILD-Tenant", "busan"}}))->tenant_name, "busan");
  const auto other = house.Who(Ask("GET", "/x", {{"Authorization", mine}, {"NGSILD-Tenant", "default"}}));
  const auto none = house.Who(Ask("GET", "/x", {{"Authorization", mine}, {"NGSILD-Tenant", "nowhere"}}));
  EXPECT_EQ(other.error().code, Code::kNotFound);
  EXPECT_EQ(other.error().reason, none.error().reason);
}

TEST(Authenticator, OpenModeMakesTenantsAndActsAsOperatorAndApplication) {
  FakeHouse house{{.open = true, .public_host = {}}};

  const auto plain = house.Who(Ask("POST", "/ngsi-ld/v1/entities", {}));
  const auto fresh = house.Who(Ask("POST", "/ngsi-ld/v1/entities", {{"NGSILD-Tenant", "openiot"}}));
  const auto again = house.Who(Ask("GET", "/ngsi-ld/v1/entities", {{"NGSILD-Tenant", "openiot"}}), 0);
  const auto bad = house.Who(Ask("GET", "/x", {{"NGSILD-Tenant", "no such/name"}}));

  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->tenant, 0);
  EXPECT_TRUE(Allows(*plain, Permission::kActOnAlarms));
  EXPECT_TRUE(Allows(*plain, Permission::kWriteContext));
  EXPECT_FALSE(Allows(*plain, Permission::kManageUsers));
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_EQ(fresh->tenant, 1);
  EXPECT_EQ(again->tenant, 1);
  EXPECT_EQ(bad.error().reason, "tenant.bad_id");
}

TEST(Authenticator, OpenModeKeepsPagesOfOtherSitesOut) {
  FakeHouse house{{.open = true, .public_host = {}}};

  EXPECT_EQ(house.Who(Ask("POST", "/x", {{"Origin", "https://evil.example"}})).error().reason, "guard.cross_site");
  auto renamed = Ask("GET", "/x", {});
  renamed.headers.back().second = "evil.example:8080";
  EXPECT_EQ(house.Who(renamed).error().reason, "guard.cross_site");
}

}  // namespace
}  // namespace bongsu::guard
