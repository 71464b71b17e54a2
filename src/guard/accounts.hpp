// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Who may come in: the users and access tokens of one tenant, folded from the kUser and kToken records of its desk.
///
///   kUser   subject = user id   {"op":"put","user":{…whole user…}} | {"op":"remove"}
///   kToken  subject = token id  {"op":"put","token":{…}}           | {"op":"revoke"}
///
/// Removed users stay as a name without a password, so that the audit chain can still say who they were.

#include <map>
#include <optional>
#include <string>

#include "guard/principal.hpp"
#include "know/desk/port.hpp"
#include "model/place.hpp"

namespace bongsu::guard {

struct LastLogin {
  TimePoint at{};
  std::string from;                ///< Address of the peer.
  std::uint64_t failed_since = 0;  ///< Failed attempts since.
};

struct User {
  std::string id;
  std::string name;  ///< What they sign in with: ^[a-z0-9][a-z0-9._-]{0,63}$
  model::LText display;
  Role role = Role::kOperator;
  std::string password_hash;
  bool must_change = false;  ///< The password is a one-time one.
  bool locked = false;
  bool removed = false;
  TimePoint created_at{};
  std::optional<LastLogin> last_login;
  std::uint64_t failed = 0;  ///< Failed attempts since the last sign-in.
};

struct Token {
  std::string id;
  std::string name;  ///< What it is for.
  Role role = Role::kApplication;
  std::string secret_hash;  ///< SHA-256 of the token, hex; the token itself is kept nowhere.
  TimePoint created_at{};
  TimePoint expires_at = kNever;
};

/// A value: copied and published whole to every shard.
struct Accounts {
  static constexpr std::size_t kMaxUsers = 10'000;
  static constexpr std::size_t kMaxTokens = 10'000;

  std::map<std::string, User, std::less<>> users;                ///< By id, removed ones too.
  std::map<std::string, std::string, std::less<>> id_of_name;    ///< Without removed ones.
  std::map<std::string, Token, std::less<>> tokens;              ///< By id, without revoked ones.
  std::map<std::string, std::string, std::less<>> id_of_secret;  ///< Token by secret_hash.

  const User* UserOf(std::string_view id) const;        ///< nullptr for nobody or removed
  const User* UserByName(std::string_view name) const;  ///< nullptr for nobody or removed
  const Token* TokenBySecret(std::string_view secret_hash) const;
  /// Administrators that can sign in, leaving out `but`.
  std::size_t Administrators(std::string_view but = {}) const;
};

json::Value ToJson(const LastLogin& login);
/// As the contract shows it (api/openapi.yaml User): no hash.
json::Value ToJson(const User& user);

struct NewUser {
  std::string id;
  std::string name;
  model::LText display;
  Role role = Role::kOperator;
  std::string password_hash;
  bool must_change = true;
};

struct UserChange {
  std::optional<model::LText> display;
  std::optional<Role> role;
  std::optional<bool> locked;
};

struct NewToken {
  std::string id;
  std::string name;
  Role role = Role::kApplication;
  std::string secret_hash;
  TimePoint expires_at = kNever;
};

/// The desk's book of accounts. The functions that take a batch propose, audit and fold.
class AccountBook final : public desk::Book {
 public:
  void Clear() override { accounts_ = {}; }
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "accounts"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  const Accounts& accounts() const { return accounts_; }

  /// @errors kInvalidArgument user.bad_name   kConflict user.exists   kTooLarge user.too_many
  Result<User> AddUser(desk::DeskBatch& batch, NewUser user);
  /// @errors kNotFound user.none   kConflict user.last_administrator
  Result<User> ChangeUser(desk::DeskBatch& batch, std::string_view id, const UserChange& change);
  /// @param own  they changed it themselves; else it was reset and must be changed at the next sign-in
  Result<User> SetPassword(desk::DeskBatch& batch, std::string_view id, std::string hash, bool own);
  /// @errors kNotFound user.none   kConflict user.last_administrator
  Result<void> RemoveUser(desk::DeskBatch& batch, std::string_view id);

  /// @errors kTooLarge token.too_many
  Result<Token> AddToken(desk::DeskBatch& batch, NewToken token);
  /// @errors kNotFound token.none
  Result<void> RevokeToken(desk::DeskBatch& batch, std::string_view id);

  /// Somebody signed in. @errors kUnauthenticated user.changed  the account is no longer what was checked
  Result<User> RecordSignIn(desk::DeskBatch& batch, std::string_view id, std::string_view checked_hash,
                            std::string_view session);
  /// Somebody tried and failed. @param id  empty when nobody has that name; `tried` is then a surrogate of the name
  void RecordRefusal(desk::DeskBatch& batch, std::string_view id, std::string_view tried, std::string_view why);

 private:
  void FoldUser(const model::Record& record);
  void FoldToken(const model::Record& record);
  void PutToken(const std::string& id, const json::Value& value);
  void FoldSignIn(const model::Record& record);
  User Put(desk::DeskBatch& batch, const User& user);
  Result<User> Need(std::string_view id) const;

  Accounts accounts_;
};

/// "supervisor" -> kSupervisor; empty for a word that is none.
std::optional<Role> RoleFromName(std::string_view name);

/// @errors kInvalidArgument user.weak_password (says the rule that is broken)
Result<void> CheckPassword(std::string_view password, std::string_view name);

}  // namespace bongsu::guard
