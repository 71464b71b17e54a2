// SPDX-License-Identifier: Apache-2.0
#include "serve/session/session_routes.hpp"

#include <algorithm>
#include <memory>

#include "guard/credentials.hpp"
#include "serve/api/body.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMaxPassword = 256;

json::Value UserJson(std::string_view id, std::string_view name, guard::Role role, const model::LText& display) {
  json::Value user;
  user.Set("id", id);
  user.Set("name", name);
  user.Set("role", guard::RoleName(role));
  user.Set("display", model::ToJson(display));
  return user;
}

/// Platform time at which the session ends if nobody uses it again.
TimePoint EndsAt(const SessionHouse& house, const guard::Session& session) {
  const Duration left = house.sessions.EndsAt(session) - house.real_clock.Now();
  const double scaled = static_cast<double>(left.count()) * house.clock.scale();
  return house.clock.Now() + Duration{static_cast<std::int64_t>(scaled)};
}

json::Value SessionJson(const SessionHouse& house, const guard::User& user, const guard::Session& session,
                        const guard::Directory::Entry& entry) {
  json::Value value;
  value.Set("user", UserJson(user.id, user.name, user.role, user.display));
  value.Set("tenant", entry.tenant.id);
  value.Set("csrf", session.csrf);
  value.Set("last_login", session.last_login);
  value.Set("must_change_password", user.must_change);
  value.Set("expires_at", FormatUtc(EndsAt(house, session)));
  return value;
}

/// What a token or `--open` is: no session, but the console asks all the same who it is.
json::Value SessionlessJson(const guard::Principal& caller) {
  json::Value value;
  const model::LText display = caller.open ? model::LText{"열린 모드", "Open mode"} : model::LText{caller.name, {}};
  value.Set("user", UserJson(caller.id, caller.name, caller.role, display));
  value.Set("tenant", caller.tenant_name);
  value.Set("csrf", "");
  value.Set("last_login", nullptr);
  value.Set("must_change_password", false);
  return value;
}

http::Response Uncached(http::Response response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// 429 of the throttle says after how many seconds; the message holds them.
http::Response Refusal(const Error& error) {
  http::Response response = http::ProblemResponse(error);
  if (error.code == Code::kUnauthenticated)
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"bongsu\"");
  if (error.code == Code::kOverloaded) {
    const std::size_t digits = error.message.find_first_of("0123456789");
    const std::string seconds =
        digits == std::string::npos ? "5" : error.message.substr(digits, error.message.find(' ', digits) - digits);
    response.headers.emplace_back("Retry-After", seconds);
  }
  return Uncached(std::move(response));
}

void SignIn(const SessionHouse& house, const Call& call, http::Respond respond) {
  // A page of another site must not sign a browser in under its own account (login CSRF).
  const std::string_view origin = call.request.Header("Origin");
  if (!origin.empty() && !house.authenticator.IsOwnOrigin(call.request)) {
    return respond(Refusal({Code::kPermissionDenied, "guard.cross_site", "sign in from the console's own page"}));
  }
  const auto read = [&]() -> Result<guard::SignIn::Attempt> {
    guard::SignIn::Attempt attempt;
    BONGSU_TRY(const json::Value body, ObjectOf(call.request));
    BONGSU_TRY(attempt.name, TextOf(body, "user", 64));
    BONGSU_TRY(attempt.password, TextOf(body, "password", kMaxPassword));
    BONGSU_TRY(attempt.tenant, OptionalTextOf(body, "tenant", 64));
    return attempt;
  };
  auto attempt = read();
  if (!attempt) return respond(Refusal(attempt.error()));
  attempt->address = call.request.peer;
  attempt->agent = call.request.Header("User-Agent");
  house.sign_in.Try(std::move(*attempt), [&house, respond = std::move(respond)](Result<guard::SignIn::Done> done) {
    if (!done) return respond(Refusal(done.error()));
    const guard::Session& session = done->opened.session;
    const guard::Directory::Entry* entry = house.directory.Find(session.tenant);
    if (entry == nullptr) return respond(Refusal({Code::kInternal, "session.no_tenant", "the tenant is gone"}));
    http::Response response = http::JsonResponse(200, SessionJson(house, done->user, session, *entry));
    const std::int64_t lifetime_s = house.sessions.config().absolute / 1s;
    response.headers.emplace_back("Set-Cookie",
                                  guard::SessionCookie(done->opened.secret, lifetime_s, house.secure_cookie));
    respond(Uncached(std::move(response)));
  });
}

/// Answers the session of a caller with a cookie.
void Show(const SessionHouse& house, const guard::Principal& caller, const std::string& secret,
          const http::Respond& respond) {
  if (caller.session.empty()) return respond(Uncached(http::JsonResponse(200, SessionlessJson(caller))));
  const guard::Session* session = house.sessions.Find(secret);
  const guard::Directory::Entry* entry = house.directory.Find(caller.tenant);
  const guard::User* user = entry == nullptr ? nullptr : entry->accounts->UserOf(caller.id);
  if (session == nullptr || user == nullptr) {
    return respond(Refusal({Code::kUnauthenticated, "guard.bad_session", "the session has ended; sign in again"}));
  }
  respond(Uncached(http::JsonResponse(200, SessionJson(house, *user, *session, *entry))));
}

std::string SecretOf(const http::Request& request) {
  return std::string(guard::CookieOf(request.Header("Cookie"), guard::kSessionCookie));
}

void SignOut(const SessionHouse& house, const Call& call, http::Respond respond) {
  const auto answer = [&house, respond = std::move(respond)](const Result<json::Value>& done) {
    if (!done) return respond(Refusal(done.error()));
    http::Response response{204, {}, {}, {}};
    response.headers.emplace_back("Set-Cookie", guard::SessionCookie({}, 0, house.secure_cookie));
    respond(Uncached(std::move(response)));
  };
  if (call.caller.session.empty()) return answer(json::Value{});
  house.office.EndSession({call.caller.id, call.caller.address}, call.caller.tenant, call.caller.id,
                          call.caller.session, answer);
}

void ChangePassword(const SessionHouse& house, const Call& call, http::Respond respond) {
  const auto run = [&]() -> Result<void> {
    BONGSU_TRY(const json::Value body, ObjectOf(call.request));
    BONGSU_TRY(std::string current, TextOf(body, "current", kMaxPassword));
    BONGSU_TRY(std::string next, TextOf(body, "next", kMaxPassword));
    const guard::Principal& caller = call.caller;
    if (caller.session.empty())
      return Fail(Code::kPermissionDenied, "session.no_user", "only a signed-in user has a password to change");
    house.sign_in.ChangePassword(
        {caller.id, caller.address}, caller.tenant, std::move(current), std::move(next), caller.session,
        [&house, caller, secret = SecretOf(call.request), respond](const Result<json::Value>& done) {
          if (!done) return respond(Refusal(done.error()));
          if (house.on_password_changed) {
            const guard::Directory::Entry* entry = house.directory.Find(caller.tenant);
            const guard::User* user = entry == nullptr ? nullptr : entry->accounts->UserOf(caller.id);
            if (user != nullptr) house.on_password_changed(user->name);
          }
          Show(house, caller, secret, respond);
        });
    return {};
  };
  if (const auto started = run(); !started) respond(Refusal(started.error()));
}

}  // namespace

Routes SessionRoutes(SessionHouse parts) {
  using guard::Permission;
  const auto house = std::make_shared<const SessionHouse>(std::move(parts));
  return {
      {"POST", "/api/v1/session", Permission::kNone,
       [house](const Call& call, http::Respond respond) { SignIn(*house, call, std::move(respond)); }},
      {"GET", "/api/v1/session", Permission::kSignedIn,
       [house](const Call& call, const http::Respond& respond) {
         Show(*house, call.caller, SecretOf(call.request), respond);
       }},
      {"DELETE", "/api/v1/session", Permission::kSignedIn,
       [house](const Call& call, http::Respond respond) { SignOut(*house, call, std::move(respond)); }},
      {"POST", "/api/v1/session/password", Permission::kSignedIn,
       [house](const Call& call, http::Respond respond) { ChangePassword(*house, call, std::move(respond)); }},
  };
}

}  // namespace bongsu::api
