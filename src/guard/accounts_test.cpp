// SPDX-License-Identifier: Apache-2.0
#include "guard/accounts.hpp"

#include <gtest/gtest.h>

#include "guard/audit/audited_desk_fake.hpp"

namespace bongsu::guard {
namespace {

constexpr TimePoint kNoon = FromMicros(1'795'300'000'000'000);

class AccountBookTest : public ::testing::Test {
 protected:
  AccountBookTest() {
    desk_.Keep(audit_);
    desk_.Keep(book_);
    desk_.LinkAudit([this](const model::Record& record) { return audit_.Link(record); });
  }
  /// Reason of the refusal; empty when it was done.
  template <class F>
  std::string Act(F act) {
    std::string reason;
    desk_.Act(
        "ADMIN@10.0.0.9",
        [&](desk::DeskBatch& batch) -> Result<json::Value> {
          auto result = act(batch);
          if (!result) return tl::unexpected<Error>(result.error());
          return json::Value{};
        },
        [&](const Result<json::Value>& result) {
          if (!result) reason = result.error().reason;
        });
    return reason;
  }
  std::string Add(std::string id, std::string name, Role role) {
    return Act(
        [&](desk::DeskBatch& batch) { return book_.AddUser(batch, {id, name, {}, role, "hash-" + name, true}); });
  }

  ManualClock clock_{kNoon};
  std::unique_ptr<crypto::CryptoPort> crypto_ = std::move(*crypto::MakeSodiumCrypto());
  audit::AuditBook audit_{*crypto_, crypto_->MakeSigningKey()};
  AccountBook book_;
  audit::FakeAuditedDesk desk_{clock_, 0};
};

TEST_F(AccountBookTest, KeepsUsersThroughARestart) {
  EXPECT_EQ(Add("U1", "kim", Role::kAdministrator), "");
  EXPECT_EQ(Add("U2", "lee", Role::kOperator), "");

  desk_.Refold();

  const User* user = book_.accounts().UserByName("lee");
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->id, "U2");
  EXPECT_EQ(user->role, Role::kOperator);
  EXPECT_EQ(user->password_hash, "hash-lee");
  EXPECT_TRUE(user->must_change);
  EXPECT_EQ(user->created_at, kNoon);
  EXPECT_EQ(user->display.ko, "lee");
}

TEST_F(AccountBookTest, RefusesANameTwiceOrABadOne) {
  EXPECT_EQ(Add("U1", "kim", Role::kAdministrator), "");
  EXPECT_EQ(Add("U2", "kim", Role::kOperator), "user.exists");
  for (const char* name : {"", "Kim", "-kim", "k m", "a/b"})
    EXPECT_EQ(Add("U3", name, Role::kOperator), "user.bad_name") << name;
  EXPECT_EQ(Add("U3", std::string(65, 'a'), Role::kOperator), "user.bad_name");
}

TEST_F(AccountBookTest, TheLastAdministratorCannotBeRemovedLockedOrDemoted) {
  Add("U1", "kim", Role::kAdministrator);
  Add("U2", "lee", Role::kOperator);

  const auto remove = Act([&](desk::DeskBatch& batch) { return book_.RemoveUser(batch, "U1"); });
  const auto lock = Act([&](desk::DeskBatch& batch) { return book_.ChangeUser(batch, "U1", {{}, {}, true}); });
  const auto demote =
      Act([&](desk::DeskBatch& batch) { return book_.ChangeUser(batch, "U1", {{}, Role::kOperator, {}}); });

  for (const std::string& reason : {remove, lock, demote}) EXPECT_EQ(reason, "user.last_administrator");
  Add("U3", "park", Role::kAdministrator);
  EXPECT_EQ(Act([&](desk::DeskBatch& batch) { return book_.RemoveUser(batch, "U1"); }), "");
  EXPECT_EQ(Act([&](desk::DeskBatch& batch) { return book_.RemoveUser(batch, "U3"); }), "user.last_administrator");
}

TEST_F(AccountBookTest, ARemovedUserIsKnownByNameButCannotSignIn) {
  Add("U1", "kim", Role::kAdministrator);
  Add("U2", "lee", Role::kOperator);

  Act([&](desk::DeskBatch& batch) { return book_.RemoveUser(batch, "U2"); });

  EXPECT_EQ(book_.accounts().UserByName("lee"), nullptr);
  EXPECT_EQ(book_.accounts().users.at("U2").name, "lee");
  EXPECT_TRUE(book_.accounts().users.at("U2").password_hash.empty());
  EXPECT_EQ(Add("U4", "lee", Role::kOperator), "") << "the name is free again";
  EXPECT_EQ(book_.accounts().UserByName("lee")->id, "U4");
}

TEST_F(AccountBookTest, RemembersSignInsAndFailuresSince) {
  Add("U1", "kim", Role::kAdministrator);
  const auto start = [&] {
    return Act([&](desk::DeskBatch& batch) { return book_.RecordSignIn(batch, "U1", "hash-kim", "S1"); });
  };
  const auto refuse = [&] {
    return Act([&](desk::DeskBatch& batch) {
      book_.RecordRefusal(batch, "U1", {}, "wrong_password");
      return Result<bool>{true};
    });
  };

  start();
  refuse();
  refuse();
  desk_.Refold();

  const User& user = *book_.accounts().UserOf("U1");
  ASSERT_TRUE(user.last_login);
  EXPECT_EQ(user.last_login->from, "10.0.0.9");
  EXPECT_EQ(user.failed, 2U);
  start();
  EXPECT_EQ(book_.accounts().UserOf("U1")->failed, 0U);
}

TEST_F(AccountBookTest, ASignInFailsWhenTheAccountChangedMeanwhile) {
  Add("U1", "kim", Role::kAdministrator);

  const auto refused = Act([&](desk::DeskBatch& batch) { return book_.RecordSignIn(batch, "U1", "old hash", "S1"); });

  EXPECT_EQ(refused, "session.wrong_password");
}

TEST_F(AccountBookTest, ATokenIsFoundByItsHashUntilItIsRevoked) {
  Act([&](desk::DeskBatch& batch) {
    return book_.AddToken(batch, {"T1", "simulator", Role::kApplication, "abc", kNoon + 1h});
  });
  desk_.Refold();

  ASSERT_NE(book_.accounts().TokenBySecret("abc"), nullptr);
  EXPECT_EQ(book_.accounts().TokenBySecret("abc")->expires_at, kNoon + 1h);

  Act([&](desk::DeskBatch& batch) { return book_.RevokeToken(batch, "T1"); });
  EXPECT_EQ(book_.accounts().TokenBySecret("abc"), nullptr);
  EXPECT_EQ(Act([&](desk::DeskBatch& batch) { return book_.RevokeToken(batch, "T1"); }), "token.none");
}

TEST_F(AccountBookTest, AnActThatIsNotOnDiskIsUndone) {
  Add("U1", "kim", Role::kAdministrator);
  desk_.RefuseNext();
  Add("U2", "lee", Role::kOperator);

  EXPECT_EQ(book_.accounts().UserByName("lee"), nullptr);
}

TEST(Password, SaysWhichRuleIsBroken) {
  EXPECT_TRUE(CheckPassword("four words and a half", "kim"));
  EXPECT_EQ(CheckPassword("short", "kim").error().reason, "user.weak_password");
  EXPECT_FALSE(CheckPassword("aaaaaaaaaaaaaaa", "kim"));
  EXPECT_FALSE(CheckPassword("operator-2026!", "operator"));
  EXPECT_FALSE(CheckPassword(std::string(257, 'x') + "abc", "kim"));
}

}  // namespace
}  // namespace bongsu::guard
