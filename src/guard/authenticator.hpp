// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Says who is asking. On whatever shard the request came in, from that shard's copies of sessions and accounts.
///
///   Authorization: Bearer TOKEN, or sub-protocol bearer.TOKEN on /live   -> the token's role
///   cookie bongsu_session                                              -> the user's role; other sites are refused:
///        a request that is not GET or HEAD carries X-CSRF-Token, and an Origin, where there is one, is our own
///   neither                                                            -> Principal{known = false}
///
/// `--open` takes everybody for operator and application at once, on loopback, and makes tenants that are named.

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "guard/account_office.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::guard {

struct AuthenticatorConfig {
  bool open = false;
  std::string public_host;  ///< "host:port" browsers use when a proxy stands in front; empty: the Host header is it.
};

class Authenticator {
 public:
  struct Parts {
    runtime::Shards& shards;
    const crypto::CryptoPort& crypto;
    Directory& directory;
    Sessions& sessions;
    AccountOffice& office;
    const Clock& clock;  ///< Platform time, against which tokens expire.
    Metrics& metrics;
  };
  Authenticator(Parts parts, AuthenticatorConfig config);

  /// `done` runs on this shard, at once unless `--open` has to make a tenant.
  /// @errors kUnauthenticated guard.bad_token, guard.bad_session
  ///         kPermissionDenied session.csrf, guard.cross_site, session.must_change_password
  ///         kNotFound guard.no_tenant
  void Authenticate(const http::Request& request, std::function<void(Result<Principal>)> done);

  /// True while what `caller` was let in by still holds: sockets that outlive a request ask from time to time.
  bool IsStillGood(const Principal& caller) const;
  /// When a token was last used, as far as this shard knows; epoch 0 for never since the start.
  TimePoint LastUsed(const std::string& token) const;
  /// True when the request's Origin is this server's own.
  bool IsOwnOrigin(const http::Request& request) const;
  bool is_open() const { return config_.open; }

 private:
  Result<Principal> ByToken(std::string_view token);
  Result<Principal> ByCookie(const http::Request& request, std::string_view secret);
  Result<Principal> ForTenant(Principal principal, const http::Request& request) const;
  void Open(const http::Request& request, std::function<void(Result<Principal>)> done);
  Result<void> CheckSite(const http::Request& request) const;
  void TouchToken(const std::string& id);

  Parts parts_;
  AuthenticatorConfig config_;
  Counter& refused_;
  std::vector<std::unordered_map<std::string, TimePoint>> token_used_;  ///< A map a shard.
};

}  // namespace bongsu::guard
