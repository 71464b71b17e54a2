// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Signing in: throttle, password check off the shards, audit record on disk, session, answer.
///
///   request's shard ──▶ shard 0: throttle ──▶ pool: argon2id ──▶ desk: audit record ──▶ shard 0: session ──▶ request's
///   shard
///
/// A wrong name, a wrong password, a locked account and a throttled right password look the same from outside.

#include <functional>
#include <optional>
#include <string>

#include "guard/account_office.hpp"
#include "guard/crypto/keys.hpp"
#include "guard/throttle.hpp"
#include "model/event.hpp"

namespace bongsu::guard {

/// What came of one try; rules see it as an event (rule 37: success after ten failures).
struct SignInOutcome {
  bool ok = false;
  std::uint16_t tenant = 0;
  std::string user;  ///< User id; empty when nobody has that name.
  std::string name;  ///< Name of a known user, else a surrogate of what was tried.
  std::string why;   ///< wrong_password, unknown_user, locked, throttled; empty when ok.
  std::string address;
  TimePoint at{};  ///< Platform time.
};

/// Event "account.login" or "account.login_failed" of source "bongsu", log source {authentication, bongsu}; fields
/// user_id, user, address, outcome, why. Keyed by user_id or, for nobody, by the surrogate.
model::Event ToEvent(const SignInOutcome& outcome);

class SignIn {
 public:
  struct Attempt {
    std::string name;
    std::string password;
    std::optional<std::string> tenant;  ///< Needed only where one name exists in several.
    std::string address;
    std::string agent;
  };
  struct Done {
    Sessions::Opened opened;
    User user;  ///< As it was before: last_login is the previous one.
  };
  using Answer = std::function<void(Result<Done>)>;
  using OnOutcome = std::function<void(const SignInOutcome&)>;

  struct Parts {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    const crypto::CryptoPort& crypto;
    const crypto::Keys& keys;
    Directory& directory;
    Sessions& sessions;
    AccountOffice& office;
    const Clock& clock;       ///< Platform time, for the outcomes.
    const Clock& real_clock;  ///< For the throttle.
    crypto::PasswordCost cost;
    Metrics& metrics;
    OnOutcome on_outcome;  ///< On shard 0; may be empty.
  };
  explicit SignIn(Parts parts, ThrottleConfig by_account = {},
                  ThrottleConfig by_address = {.free_failures = 20, .longest_delay = 15min});

  /// From any shard; answers there.
  /// @errors kUnauthenticated session.wrong_password   kOverloaded session.throttled (message says how long),
  /// guard.busy
  ///         kInvalidArgument session.tenant_needed
  void Try(Attempt attempt, Answer answer);

  /// A signed-in user's new password; guessing the current one is throttled as sign-in is.
  /// @errors those of AccountOffice::ChangeOwnPassword, kOverloaded session.throttled
  void ChangePassword(const Who& who, std::uint16_t tenant, std::string current, std::string next, std::string session,
                      AccountOffice::Answer answer);

 private:
  struct Candidate {
    std::uint16_t tenant = kPlatformTenant;
    std::string id;
    std::string hash;
    bool locked = false;
  };
  Result<Candidate> Find(const Attempt& attempt) const;
  void OnOwner(const Attempt& attempt, const Answer& answer);
  void Checked(const Attempt& attempt, const Candidate& candidate, bool right, const Answer& answer);
  void Refuse(const Attempt& attempt, const Candidate& candidate, std::string why, const Answer& answer);
  void Accept(const Attempt& attempt, const Candidate& candidate, const Answer& answer);
  void Tell(const Attempt& attempt, const Candidate& candidate, bool ok, std::string why);
  std::string AccountKey(const Attempt& attempt) const;
  std::string SurrogateName(const Attempt& attempt) const;

  Parts parts_;
  Throttle by_account_;
  Throttle by_address_;
  std::string nobody_hash_;  ///< Checked for names nobody has, so that they take as long.
  Counter& accepted_;
  Counter& refused_;
  Counter& throttled_;
};

}  // namespace bongsu::guard
