// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where accounts, tokens and tenants are changed: the same acts for the HTTP handlers and for the admin socket. Every
/// call may be made on any shard and answers there, after the change is on disk and every shard has been told.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guard/directory.hpp"
#include "guard/sessions.hpp"

namespace bongsu::guard {

/// Who does it and from where; both go into the audit record.
struct Who {
  std::string actor;  ///< User or token id; empty for the machine itself.
  std::string from;   ///< Address of the peer, or "host" for the admin socket.
};
inline std::string ActorOf(const Who& who) { return ActorText(who.actor, who.from); }

/// Opens the desk of a tenant that has just been made and adds it to the directory; `done` on any shard.
using OpenTenant = std::function<void(Tenant tenant, std::function<void(Result<void>)> done)>;

class AccountOffice {
 public:
  using Answer = std::function<void(Result<json::Value>)>;
  using Propose = std::function<Result<json::Value>(desk::DeskBatch&, const TenantDesk&)>;

  struct Parts {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;  ///< Password hashing runs here, never on a shard.
    const crypto::CryptoPort& crypto;
    Directory& directory;
    Sessions& sessions;
    crypto::PasswordCost cost;
    OpenTenant open_tenant;
  };
  explicit AccountOffice(Parts parts) : parts_{std::move(parts)} {}

  struct UserRequest {
    std::string name;
    model::LText display;
    Role role = Role::kOperator;
    std::optional<std::string> password;  ///< One-time; made here when absent.
  };
  /// {"user":{…},"password"?} @errors kOverloaded guard.busy and those of AccountBook
  void AddUser(const Who& who, std::uint16_t tenant, UserRequest request, Answer answer);
  /// The user.
  void ChangeUser(const Who& who, std::uint16_t tenant, std::string id, UserChange change, Answer answer);
  /// {"user":{…},"password"}: a new one-time password; ends the user's sessions.
  void ResetPassword(const Who& who, std::uint16_t tenant, std::string id, Answer answer);
  /// null; ends the user's sessions.
  void RemoveUser(const Who& who, std::uint16_t tenant, std::string id, Answer answer);
  /// null; ends the user's other sessions. @errors kPermissionDenied session.wrong_password, kInvalidArgument
  /// user.weak_password
  void ChangeOwnPassword(const Who& who, std::uint16_t tenant, std::string current, std::string next,
                         std::string session, Answer answer);
  /// null: signed out, or an administrator ended it. @errors kNotFound session.none
  void EndSession(const Who& who, std::uint16_t tenant, std::string user, std::string session, Answer answer);
  /// {"items":[…]} with last sign-ins.
  void ListUsers(std::uint16_t tenant, Answer answer);

  /// {"id","token"}: the only time the token is seen.
  void CreateToken(const Who& who, std::uint16_t tenant, std::string name, Role role, TimePoint expires_at,
                   Answer answer);
  void RevokeToken(const Who& who, std::uint16_t tenant, std::string id, Answer answer);

  /// The tenant, its desk open. @errors kInvalidArgument tenant.bad_id, kConflict tenant.exists
  void CreateTenant(const Who& who, Tenant tenant, Answer answer);
  /// The tenant, made when there is none (`--open`).
  void EnsureTenant(const std::string& id, std::function<void(Result<void>)> done);

  /// Makes `admin` on the platform tenant unless somebody can administer it. `made` gets its one-time password before
  /// the account is on disk, so that it can be written down first; it is not called when nothing is made.
  void EnsureFirstAdministrator(std::function<Result<void>(const std::string& password)> made, Answer answer);

  /// Runs `propose` on the tenant's desk; `answer` runs on the calling shard. @param accounts_change  publish them
  /// after
  void OnDesk(std::uint16_t tenant, std::string actor, bool accounts_change, Propose propose, Answer answer);
  /// Fresh random id of 26 characters.
  std::string MakeId() const;

 private:
  void Hash(std::string password, std::function<void(Result<std::string>)> done);
  std::function<void(std::function<void()>)> Home() const;
  std::string MakePassword() const;

  Parts parts_;
  std::map<std::string, std::vector<std::function<void(Result<void>)>>, std::less<>>
      waiting_;  ///< EnsureTenant; platform desk's shard
};

}  // namespace bongsu::guard
