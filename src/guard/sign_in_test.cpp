// SPDX-License-Identifier: Apache-2.0
#include "guard/sign_in.hpp"

#include <gtest/gtest.h>

#include "guard/audit/verify.hpp"
#include "guard/house_fake.hpp"

namespace bongsu::guard {
namespace {

constexpr const char* kPassword = "four words and a half";

TEST(SignIn, OpensASessionThatEveryShardKnowsAndWritesIntoTheChain) {
  FakeHouse house;
  const std::string id = house.AddUser("kim", Role::kOperator, kPassword);

  const auto done = house.Enter("kim", kPassword);

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->opened.session.user, id);
  EXPECT_EQ(done->opened.secret.size(), 43U);
  EXPECT_FALSE(done->user.last_login) << "the first time";
  for (std::size_t shard = 0; shard < 2; ++shard) {
    EXPECT_TRUE(house.On<bool>(shard, [&](auto say) { say(house.sessions.Find(done->opened.secret) != nullptr); }));
  }
  const auto again = house.Enter("kim", kPassword, "10.0.0.6");
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->user.last_login);
  EXPECT_EQ(again->user.last_login->from, "10.0.0.5");
  const audit::FakeDeskJournal journal{house.DeskOf(0).desk.records()};
  EXPECT_TRUE(audit::Verify(journal, *house.crypto, house.keys.audit.open, {})->IsOk());
  EXPECT_NE(house.DeskOf(0).desk.records().back().payload.find("session.start"), std::string::npos);
}

TEST(SignIn, AWrongNameAWrongPasswordAndALockedAccountLookTheSame) {
  FakeHouse house;
  house.AddUser("admin", Role::kAdministrator, kPassword);
  house.AddUser("kim", Role::kOperator, kPassword);
  const std::string locked = house.AddUser("lee", Role::kOperator, kPassword);
  (void)house.Ask([&](auto done) { house.office.ChangeUser({}, 0, locked, {{}, {}, true}, done); });

  const auto nobody = house.Enter("nobody", kPassword);
  const auto wrong = house.Enter("kim", "wrong wrong wrong");
  const auto shut = house.Enter("lee", kPassword);

  for (const auto& result : {nobody, wrong, shut}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::kUnauthenticated);
    EXPECT_EQ(result.error().reason, "session.wrong_password");
    EXPECT_EQ(result.error().message, nobody.error().message);
  }
  ASSERT_EQ(house.outcomes.size(), 3U);
  EXPECT_EQ(house.outcomes[0].why, "unknown_user");
  EXPECT_EQ(house.outcomes[1].why, "wrong_password");
  EXPECT_EQ(house.outcomes[2].why, "locked");
}

TEST(SignIn, WhatNobodyIsCalledIsKeptAsASurrogateOnly) {
  FakeHouse house;

  (void)house.Enter("hunter2hunter2", "oops typed it above");

  for (const model::Record& record : house.DeskOf(0).desk.records()) {
    EXPECT_EQ(record.payload.find("hunter2"), std::string::npos);
  }
  ASSERT_EQ(house.outcomes.size(), 1U);
  EXPECT_EQ(house.outcomes[0].name.size(), 26U);
}

TEST(SignIn, IsSlowedDownPerAccountWhateverTheAddress) {
  FakeHouse house{{}, {.free_failures = 3, .first_delay = 10s}};
  house.AddUser("kim", Role::kOperator, kPassword);

  for (int i = 0; i < 4; ++i) (void)house.Enter("kim", "wrong wrong wrong", "10.0.1." + std::to_string(i));
  const auto refused = house.Enter("kim", kPassword, "10.0.2.1");
  house.clock.Advance(10s);
  const auto accepted = house.Enter("kim", kPassword, "10.0.2.1");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "session.throttled");
  EXPECT_EQ(refused.error().code, Code::kOverloaded);
  EXPECT_TRUE(accepted);
}

TEST(SignIn, FailuresBecomeEventsThatRulesCanCount) {
  FakeHouse house;
  const std::string id = house.AddUser("kim", Role::kOperator, kPassword);

  (void)house.Enter("kim", "wrong wrong wrong");
  (void)house.Enter("kim", kPassword);

  ASSERT_EQ(house.outcomes.size(), 2U);
  const model::Event failed = ToEvent(house.outcomes[0]);
  const model::Event fine = ToEvent(house.outcomes[1]);
  EXPECT_EQ(failed.type, "account.login_failed");
  EXPECT_EQ(failed.log_source.category, "authentication");
  EXPECT_EQ(failed.log_source.product, "bongsu");
  EXPECT_EQ(fine.type, "account.login");
  EXPECT_EQ(json::Value{fine.fields}["user_id"].AsString(), id);
  EXPECT_EQ(json::Value{failed.fields}["user_id"].AsString(), id);
}

TEST(SignIn, AChangedPasswordEndsTheOtherSessionsAndTheOldPassword) {
  FakeHouse house;
  const std::string id = house.AddUser("kim", Role::kOperator, kPassword);
  const auto here = house.Enter("kim", kPassword);
  const auto there = house.Enter("kim", kPassword);

  const auto wrong = house.Ask([&](auto done) {
    house.office.ChangeOwnPassword({id, "10.0.0.5"}, 0, "not the one at all", "another good phrase",
                                   here->opened.session.id, done);
  });
  const auto changed = house.Ask([&](auto done) {
    house.office.ChangeOwnPassword({id, "10.0.0.5"}, 0, kPassword, "another good phrase", here->opened.session.id,
                                   done);
  });

  EXPECT_EQ(wrong.error().reason, "session.wrong_password");
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_TRUE(house.On<bool>(0, [&](auto say) { say(house.sessions.IsLive(here->opened.session.id)); }));
  EXPECT_FALSE(house.On<bool>(0, [&](auto say) { say(house.sessions.IsLive(there->opened.session.id)); }));
  EXPECT_FALSE(house.Enter("kim", kPassword));
  EXPECT_TRUE(house.Enter("kim", "another good phrase"));
}

TEST(Sessions, EndWhenIdleAndAtTheLatestAfterAShift) {
  FakeHouse house;
  house.AddUser("kim", Role::kOperator, kPassword);
  const std::string secret = house.Enter("kim", kPassword)->opened.secret;
  const auto is_known = [&](std::size_t shard) {
    return house.On<bool>(shard, [&](auto say) { say(house.sessions.Find(secret) != nullptr); });
  };

  for (int hours = 1; hours < 12; ++hours) {
    house.clock.Advance(1h);
    EXPECT_TRUE(is_known(1)) << "used on one shard, it lives on the other too: " << hours;
    house.Settle();
  }
  EXPECT_TRUE(is_known(0));
  house.clock.Advance(1h);
  EXPECT_FALSE(is_known(0));

  const std::string idle = house.Enter("kim", kPassword)->opened.secret;
  house.clock.Advance(2h);
  EXPECT_FALSE(house.On<bool>(1, [&](auto say) { say(house.sessions.Find(idle) != nullptr); }));
}

TEST(Sessions, OneUserHoldsABoundedNumber) {
  FakeHouse house;
  house.AddUser("kim", Role::kOperator, kPassword);

  for (int i = 0; i < 25; ++i) ASSERT_TRUE(house.Enter("kim", kPassword));

  EXPECT_EQ(house.On<std::size_t>(1, [&](auto say) { say(house.sessions.Of(0).size()); }), 20U);
}

TEST(FirstAdministrator, IsMadeOnceWithAPasswordThatMustBeChanged) {
  FakeHouse house;
  std::string password;
  const auto make = [&] {
    return house.Ask([&](auto done) {
      house.office.EnsureFirstAdministrator(
          [&](const std::string& made) -> Result<void> {
            password = made;
            return {};
          },
          done);
    });
  };

  ASSERT_TRUE(make());
  const std::string first = password;
  password.clear();
  ASSERT_TRUE(make());

  EXPECT_EQ(first.size(), 19U) << first;
  EXPECT_TRUE(password.empty()) << "one administrator is enough";
  const auto done = house.Enter("admin", first);
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->user.must_change);
  for (const model::Record& record : house.DeskOf(0).desk.records())
    EXPECT_EQ(record.payload.find(first), std::string::npos);
}

}  // namespace
}  // namespace bongsu::guard
