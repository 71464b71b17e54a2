// SPDX-License-Identifier: Apache-2.0
#include "guard/authenticator.hpp"

#include "guard/credentials.hpp"
#include "guard/crypto/bytes_text.hpp"

namespace bongsu::guard {
namespace {

constexpr Duration kTouchTokenEvery = 30s;
constexpr std::string_view kOpenId = "open";

bool Changes(const http::Request& request) { return request.method != "GET" && request.method != "HEAD"; }
bool IsLive(const http::Request& request) { return request.path == "/live"; }
bool IsOfSession(const http::Request& request) {
  return request.path == "/api/v1/session" || request.path.starts_with("/api/v1/session/");
}

/// Name of the tenant the request is for; empty when it names none.
std::string WantedTenant(const http::Request& request) {
  if (IsLive(request)) {
    if (const auto query = request.Query("tenant")) return std::string(*query);
  }
  return std::string(request.Header("NGSILD-Tenant"));
}

tl::unexpected<Error> NoTenant(std::string_view name) {
  return Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant '{}'", name.substr(0, 64));
}

}  // namespace

Authenticator::Authenticator(Parts parts, AuthenticatorConfig config)
    : parts_{parts},
      config_{std::move(config)},
      refused_{parts.metrics.Counter("bongsu_guard_refused_total", "Requests with credentials that did not hold.")},
      token_used_(parts.shards.size()) {}

void Authenticator::Authenticate(const http::Request& request, std::function<void(Result<Principal>)> done) {
  std::string_view token = BearerOf(request.Header("Authorization"));
  if (token.empty() && IsLive(request)) token = SubProtocolBearerOf(request.Header("Sec-WebSocket-Protocol"));
  const std::string_view cookie = CookieOf(request.Header("Cookie"), kSessionCookie);
  Result<Principal> principal = Principal{};
  if (!token.empty()) {
    principal = ByToken(token);
  } else if (config_.open) {
    return Open(request, std::move(done));
  } else if (!request.Header("Authorization").empty()) {
    principal = Fail(Code::kUnauthenticated, "guard.bad_token", "Authorization is not 'Bearer TOKEN'");
  } else if (!cookie.empty()) {
    principal = ByCookie(request, cookie);
  }
  if (principal && principal->known) principal = ForTenant(std::move(*principal), request);
  if (!principal) refused_.Add();
  if (principal) principal->address = request.peer;
  done(std::move(principal));
}

Result<Principal> Authenticator::ByToken(std::string_view text) {
  const std::string hash = crypto::ToHex(parts_.crypto.Hash(text));
  for (const auto& [ordinal, entry] : parts_.directory.All()) {
    const Token* token = entry.accounts->TokenBySecret(hash);
    if (token == nullptr) continue;
    if (parts_.clock.Now() >= token->expires_at) break;
    TouchToken(token->id);
    Principal principal;
    principal.known = true;
    principal.tenant = ordinal;
    principal.id = token->id;
    principal.name = token->name.empty() ? token->id : token->name;
    principal.role = token->role;
    principal.by_token = true;
    return principal;
  }
  return Fail(Code::kUnauthenticated, "guard.bad_token", "the token is unknown, revoked or expired");
}

Result<Principal> Authenticator::ByCookie(const http::Request& request, std::string_view secret) {
  const Session* session = parts_.sessions.Find(secret);
  const Directory::Entry* entry = session == nullptr ? nullptr : parts_.directory.Find(session->tenant);
  const User* user = entry == nullptr ? nullptr : entry->accounts->UserOf(session->user);
  if (user == nullptr || user->locked) {
    return Fail(Code::kUnauthenticated, "guard.bad_session", "the session has ended; sign in again");
  }
  BONGSU_CHECK(CheckSite(request));
  if (Changes(request) && !parts_.crypto.SameBytes(request.Header("X-CSRF-Token"), session->csrf)) {
    return Fail(Code::kPermissionDenied, "session.csrf",
                "send X-CSRF-Token with the csrf value of GET /api/v1/session");
  }
  if (user->must_change && !IsOfSession(request)) {
    return Fail(Code::kPermissionDenied, "session.must_change_password",
                "change the one-time password first: POST /api/v1/session/password");
  }
  Principal principal;
  principal.known = true;
  principal.tenant = session->tenant;
  principal.id = user->id;
  principal.name = user->display.ko.empty() ? user->name : user->display.ko;
  principal.role = user->role;
  principal.session = session->id;
  return principal;
}

Result<void> Authenticator::CheckSite(const http::Request& request) const {
  if (!Changes(request) && !IsLive(request)) return {};
  const std::string_view origin = request.Header("Origin");
  if (origin.empty()) return {};  // no browser, or a navigation that the cookie's SameSite has kept out already
  if (IsOwnOrigin(request)) return {};
  return Fail(Code::kPermissionDenied, "guard.cross_site", "a page of '{}' may not act here", origin.substr(0, 100));
}

bool Authenticator::IsOwnOrigin(const http::Request& request) const {
  const std::string_view host = OriginHost(request.Header("Origin"));
  return !host.empty() && (host == request.Header("Host") || host == config_.public_host);
}

Result<Principal> Authenticator::ForTenant(Principal principal, const http::Request& request) const {
  const Directory::Entry* own = parts_.directory.Find(principal.tenant);
  if (own == nullptr) return NoTenant({});
  const std::string wanted = WantedTenant(request);
  // Whether another tenant exists is none of this caller's business: both cases read the same.
  if (!wanted.empty() && wanted != own->tenant.id) return NoTenant(wanted);
  principal.tenant_name = own->tenant.id;
  return principal;
}

void Authenticator::Open(const http::Request& request, std::function<void(Result<Principal>)> done) {
  // A page of another site in a browser on this machine must not act, nor reach us through a name of its own.
  if (!request.Header("Host").empty() && !IsLoopbackHost(request.Header("Host"))) {
    return done(
        Fail(Code::kPermissionDenied, "guard.cross_site", "without sign-in the server answers on loopback names only"));
  }
  if (const auto site = CheckSite(request); !site) return done(tl::unexpected<Error>(site.error()));
  std::string wanted = WantedTenant(request);
  if (wanted.empty()) wanted = kPlatformTenantName;
  parts_.office.EnsureTenant(wanted,
                             [this, wanted, peer = request.peer, done = std::move(done)](const Result<void>& there) {
                               if (!there) return done(tl::unexpected<Error>(there.error()));
                               const Directory::Entry* entry = parts_.directory.Find(wanted);
                               if (entry == nullptr) return done(NoTenant(wanted));
                               Principal principal;
                               principal.known = true;
                               principal.open = true;
                               principal.tenant = entry->tenant.ordinal;
                               principal.tenant_name = wanted;
                               principal.id = kOpenId;
                               principal.name = kOpenId;
                               principal.role = Role::kOperator;
                               principal.address = peer;
                               done(std::move(principal));
                             });
}

bool Authenticator::IsStillGood(const Principal& caller) const {
  if (caller.open) return config_.open;
  const Directory::Entry* entry = parts_.directory.Find(caller.tenant);
  if (entry == nullptr) return false;
  if (caller.by_token) {
    const auto token = entry->accounts->tokens.find(caller.id);
    return token != entry->accounts->tokens.end() && parts_.clock.Now() < token->second.expires_at;
  }
  const User* user = entry->accounts->UserOf(caller.id);
  return user != nullptr && !user->locked && user->role == caller.role && parts_.sessions.IsLive(caller.session);
}

TimePoint Authenticator::LastUsed(const std::string& token) const {
  const auto& mine = token_used_[parts_.shards.Current()];
  const auto found = mine.find(token);
  return found == mine.end() ? TimePoint{} : found->second;
}

void Authenticator::TouchToken(const std::string& id) {
  const std::size_t here = parts_.shards.Current();
  const TimePoint now = parts_.clock.Now();
  TimePoint& last = token_used_[here][id];
  if (now - last < kTouchTokenEvery) return;
  last = now;
  for (std::size_t shard = 0; shard < token_used_.size(); ++shard) {
    if (shard != here)
      parts_.shards.Post(shard,
                         [this, shard, id, now] { token_used_[shard][id] = std::max(token_used_[shard][id], now); });
  }
}

}  // namespace bongsu::guard
