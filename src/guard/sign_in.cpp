// SPDX-License-Identifier: Apache-2.0
#include "guard/sign_in.hpp"

namespace bongsu::guard {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxPassword = 256;
constexpr std::string_view kHelp = "Tries to sign in, by what came of them.";

tl::unexpected<Error> Wrong() {
  return Fail(Code::kUnauthenticated, "session.wrong_password", "the name or the password is wrong");
}

tl::unexpected<Error> Throttled(Duration wait) {
  return Fail(Code::kOverloaded, "session.throttled", "too many failed tries; try again in {} s", wait / 1s + 1);
}

}  // namespace

model::Event ToEvent(const SignInOutcome& outcome) {
  model::Event event;
  event.tenant = outcome.tenant;
  event.source = "bongsu";
  event.type = outcome.ok ? "account.login" : "account.login_failed";
  event.log_source = {"authentication", "bongsu", {}};
  event.at = outcome.at;
  const std::string& key = outcome.user.empty() ? outcome.name : outcome.user;
  event.fields = {{"user_id", key},
                  {"user", outcome.name},
                  {"address", outcome.address},
                  {"outcome", outcome.ok ? "success" : "failure"}};
  if (!outcome.ok) event.fields.emplace_back("why", outcome.why);
  return event;
}

SignIn::SignIn(Parts parts, ThrottleConfig by_account, ThrottleConfig by_address)
    : parts_{std::move(parts)},
      by_account_{by_account},
      by_address_{by_address},
      accepted_{parts_.metrics.Counter("bongsu_guard_sign_in_total", kHelp, "outcome=\"accepted\"")},
      refused_{parts_.metrics.Counter("bongsu_guard_sign_in_total", kHelp, "outcome=\"refused\"")},
      throttled_{parts_.metrics.Counter("bongsu_guard_sign_in_total", kHelp, "outcome=\"throttled\"")} {
  if (auto hash = parts_.crypto.PasswordHash(crypto::MakeSecret(parts_.crypto), parts_.cost))
    nobody_hash_ = std::move(*hash);
}

void SignIn::Try(Attempt attempt, Answer answer) {
  if (attempt.name.empty() || attempt.name.size() > kMaxName || attempt.password.empty() ||
      attempt.password.size() > kMaxPassword) {
    return answer(Fail(Code::kInvalidArgument, "session.bad_input", "user has 1 to {} bytes and password 1 to {}",
                       kMaxName, kMaxPassword));
  }
  const std::size_t here = parts_.shards.Current();
  BONGSU_ASSERT(here < parts_.shards.size());
  answer = [this, here, answer = std::move(answer)](Result<Done> result) {
    parts_.shards.Post(here, [answer, result = std::move(result)]() mutable { answer(std::move(result)); });
  };
  parts_.shards.Post(Sessions::kOwner,
                     [this, attempt = std::move(attempt), answer = std::move(answer)] { OnOwner(attempt, answer); });
}

std::string SignIn::AccountKey(const Attempt& attempt) const {
  return attempt.tenant.value_or("") + "/" + attempt.name;
}

std::string SignIn::SurrogateName(const Attempt& attempt) const {
  // People type passwords into the name field: what nobody is called is never kept as it was typed.
  return crypto::SurrogateOf(parts_.crypto, parts_.keys, "sign-in name", attempt.name);
}

Result<SignIn::Candidate> SignIn::Find(const Attempt& attempt) const {
  Candidate candidate;
  std::size_t found = 0;
  for (const auto& [ordinal, entry] : parts_.directory.All()) {
    if (attempt.tenant && entry.tenant.id != *attempt.tenant) continue;
    if (const User* user = entry.accounts->UserByName(attempt.name)) {
      candidate = {ordinal, user->id, user->password_hash, user->locked};
      ++found;
    }
  }
  if (found > 1)
    return Fail(Code::kInvalidArgument, "session.tenant_needed", "say the tenant too: this name exists in several");
  return candidate;
}

void SignIn::OnOwner(const Attempt& attempt, const Answer& answer) {
  auto candidate = Find(attempt);
  if (!candidate) return answer(tl::unexpected<Error>(candidate.error()));
  const std::string account = AccountKey(attempt);
  const TimePoint now = parts_.real_clock.Now();
  const Duration wait = std::max(by_account_.Wait(account, now), by_address_.Wait(attempt.address, now));
  if (wait > Duration::zero()) {
    throttled_.Add();
    Tell(attempt, *candidate, false, "throttled");
    return answer(Throttled(wait));
  }
  // Counted as failed until it proves right, so that tries sent at the same time do not all get through.
  by_account_.Failed(account, now);
  by_address_.Failed(attempt.address, now);
  const std::string hash = candidate->id.empty() ? nobody_hash_ : candidate->hash;
  const bool queued = parts_.pool.Run([this, attempt, candidate = *candidate, hash, answer] {
    const bool right = parts_.crypto.PasswordVerify(hash, attempt.password) && !candidate.id.empty();
    parts_.shards.Post(Sessions::kOwner,
                       [this, attempt, candidate, right, answer] { Checked(attempt, candidate, right, answer); });
  });
  if (!queued)
    answer(Fail(Code::kOverloaded, "guard.busy", "too many passwords are being checked; try again in a few seconds"));
}

void SignIn::Checked(const Attempt& attempt, const Candidate& candidate, bool right, const Answer& answer) {
  if (candidate.id.empty()) return Refuse(attempt, candidate, "unknown_user", answer);
  if (!right) return Refuse(attempt, candidate, "wrong_password", answer);
  if (candidate.locked) return Refuse(attempt, candidate, "locked", answer);
  Accept(attempt, candidate, answer);
}

void SignIn::ChangePassword(const Who& who, std::uint16_t tenant, std::string current, std::string next,
                            std::string session, AccountOffice::Answer answer) {
  const std::size_t here = parts_.shards.Current();
  BONGSU_ASSERT(here < parts_.shards.size());
  answer = [this, here, answer = std::move(answer)](Result<json::Value> result) {
    parts_.shards.Post(here, [answer, result = std::move(result)]() mutable { answer(std::move(result)); });
  };
  parts_.shards.Post(Sessions::kOwner, [this, who, tenant, current = std::move(current), next = std::move(next),
                                        session = std::move(session), answer = std::move(answer)]() mutable {
    const std::string key = "password of " + who.actor;
    const TimePoint now = parts_.real_clock.Now();
    if (const Duration wait = by_account_.Wait(key, now); wait > Duration::zero()) return answer(Throttled(wait));
    by_account_.Failed(key, now);
    parts_.office.ChangeOwnPassword(who, tenant, std::move(current), std::move(next), std::move(session),
                                    [this, key, answer](Result<json::Value> result) {
                                      // Only a wrong current password counts.
                                      if (result || result.error().reason != "session.wrong_password")
                                        by_account_.Forgive(key);
                                      answer(std::move(result));
                                    });
  });
}

void SignIn::Refuse(const Attempt& attempt, const Candidate& candidate, std::string why, const Answer& answer) {
  refused_.Add();
  Tell(attempt, candidate, false, why);
  const std::string tried = candidate.id.empty() ? SurrogateName(attempt) : std::string{};
  const auto propose = [candidate, tried, why](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
    place.book->RecordRefusal(batch, candidate.id, tried, why);
    return json::Value{};
  };
  parts_.office.OnDesk(candidate.tenant, ActorOf({{}, attempt.address}), false, propose,
                       [answer](const Result<json::Value>&) { answer(Wrong()); });
}

void SignIn::Accept(const Attempt& attempt, const Candidate& candidate, const Answer& answer) {
  const auto before = std::make_shared<User>();
  const std::string session = parts_.office.MakeId();
  const auto propose = [candidate, before, session](desk::DeskBatch& batch,
                                                    const TenantDesk& place) -> Result<json::Value> {
    BONGSU_TRY(*before, place.book->RecordSignIn(batch, candidate.id, candidate.hash, session));
    return json::Value{};
  };
  parts_.office.OnDesk(
      candidate.tenant, ActorOf({candidate.id, attempt.address}), false, propose,
      [this, attempt, candidate, before, session, answer](const Result<json::Value>& recorded) {
        if (!recorded) return answer(tl::unexpected<Error>(recorded.error()));
        by_account_.Succeeded(AccountKey(attempt));
        by_address_.Forgive(attempt.address);  // one good account must not buy an address fresh guesses
        accepted_.Add();
        Tell(attempt, candidate, true, {});
        Session fresh;
        fresh.id = session;
        fresh.tenant = candidate.tenant;
        fresh.user = candidate.id;
        fresh.address = attempt.address;
        fresh.agent = attempt.agent;
        if (before->last_login)
          fresh.last_login = ToJson(LastLogin{before->last_login->at, before->last_login->from, before->failed});
        auto opened = parts_.sessions.Open(std::move(fresh));
        if (!opened) return answer(tl::unexpected<Error>(opened.error()));
        answer(Done{std::move(*opened), *before});
      });
}

void SignIn::Tell(const Attempt& attempt, const Candidate& candidate, bool ok, std::string why) {
  if (!parts_.on_outcome) return;
  const std::string name = candidate.id.empty() ? SurrogateName(attempt) : attempt.name;
  parts_.on_outcome({ok, candidate.tenant, candidate.id, name, std::move(why), attempt.address, parts_.clock.Now()});
}

}  // namespace bongsu::guard
