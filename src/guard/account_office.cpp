// SPDX-License-Identifier: Apache-2.0
#include "guard/account_office.hpp"

#include "guard/crypto/bytes_text.hpp"

namespace bongsu::guard {
namespace {

constexpr std::size_t kMaxWaiting = 1'000;

tl::unexpected<Error> NoTenant(std::uint16_t tenant) {
  return Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant number {}", tenant);
}

json::Value WithPassword(const User& user, const std::string& password) {
  json::Value value;
  value.Set("user", ToJson(user));
  if (!password.empty()) value.Set("password", password);
  return value;
}

}  // namespace

std::string AccountOffice::MakeId() const {
  const std::string bytes = parts_.crypto.RandomBytes(16);
  Hash128 id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high = (id.high << 8U) | static_cast<unsigned char>(bytes[i]);
    id.low = (id.low << 8U) | static_cast<unsigned char>(bytes[i + 8]);
  }
  return ToText(id);
}

std::string AccountOffice::MakePassword() const {
  // 80 random bits in groups that can be read out over a telephone.
  const std::string letters = MakeId().substr(10);
  return fmt::format("{}-{}-{}-{}", letters.substr(0, 4), letters.substr(4, 4), letters.substr(8, 4),
                     letters.substr(12, 4));
}

/// A way back to the calling shard; on a thread that is none, work runs where it is.
std::function<void(std::function<void()>)> AccountOffice::Home() const {
  const std::size_t here = parts_.shards.Current();
  return [this, here](std::function<void()> work) {
    if (here >= parts_.shards.size() || here == parts_.shards.Current()) return work();
    parts_.shards.Post(here, std::move(work));
  };
}

void AccountOffice::OnDesk(std::uint16_t tenant, std::string actor, bool accounts_change, Propose propose,
                           Answer answer) {
  answer = [home = Home(), answer = std::move(answer)](Result<json::Value> result) {
    home([answer, result = std::move(result)]() mutable { answer(std::move(result)); });
  };
  const Directory::Entry* entry = parts_.directory.Find(tenant);
  if (entry == nullptr) return answer(NoTenant(tenant));
  const TenantDesk place = entry->desk;
  parts_.shards.Post(place.shard, [this, place, tenant, accounts_change, actor = std::move(actor),
                                   propose = std::move(propose), answer = std::move(answer)]() mutable {
    const auto run = [place, propose = std::move(propose)](desk::DeskBatch& batch) { return propose(batch, place); };
    place.desk->Act(std::move(actor), run, [this, place, tenant, accounts_change, answer](Result<json::Value> result) {
      if (!result || !accounts_change) return answer(std::move(result));
      // What the book holds when nothing is pending is what is on disk: that, and no earlier state, is shown to the
      // shards.
      place.desk->Read([this, place, tenant, answer, result = std::move(result)]() mutable {
        parts_.directory.Publish(tenant, std::make_shared<const Accounts>(place.book->accounts()));
        answer(std::move(result));
      });
    });
  });
}

void AccountOffice::Hash(std::string password, std::function<void(Result<std::string>)> done) {
  auto home = Home();
  const bool queued = parts_.pool.Run([this, home, password = std::move(password), done] {
    auto hash = parts_.crypto.PasswordHash(password, parts_.cost);
    home([done, hash = std::move(hash)]() mutable { done(std::move(hash)); });
  });
  if (!queued)
    done(Fail(Code::kOverloaded, "guard.busy", "too many passwords are being checked; try again in a few seconds"));
}

void AccountOffice::AddUser(const Who& who, std::uint16_t tenant, UserRequest request, Answer answer) {
  const std::string shown = request.password ? std::string{} : MakePassword();
  const std::string password = request.password.value_or(shown);
  if (const auto fine = CheckPassword(password, request.name); !fine)
    return answer(tl::unexpected<Error>(fine.error()));
  Hash(password,
       [this, who, tenant, shown, request = std::move(request), answer = std::move(answer)](Result<std::string> hash) {
         if (!hash) return answer(tl::unexpected<Error>(hash.error()));
         NewUser fresh{MakeId(), request.name, request.display, request.role, std::move(*hash), true};
         OnDesk(
             tenant, ActorOf(who), true,
             [fresh, shown](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
               BONGSU_TRY(const User user, place.book->AddUser(batch, fresh));
               return WithPassword(user, shown);
             },
             answer);
       });
}

void AccountOffice::ChangeUser(const Who& who, std::uint16_t tenant, std::string id, UserChange change, Answer answer) {
  const auto propose = [id, change](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
    BONGSU_TRY(const User user, place.book->ChangeUser(batch, id, change));
    return ToJson(user);
  };
  const bool locks = change.locked.value_or(false);
  OnDesk(tenant, ActorOf(who), true, propose,
         [this, tenant, id, locks, answer = std::move(answer)](Result<json::Value> result) {
           if (result && locks) parts_.sessions.EndOf(tenant, id);
           answer(std::move(result));
         });
}

void AccountOffice::ResetPassword(const Who& who, std::uint16_t tenant, std::string id, Answer answer) {
  const std::string password = MakePassword();
  Hash(password,
       [this, who, tenant, id = std::move(id), password, answer = std::move(answer)](Result<std::string> hash) {
         if (!hash) return answer(tl::unexpected<Error>(hash.error()));
         const auto propose = [id, hash = *hash, password](desk::DeskBatch& batch,
                                                           const TenantDesk& place) -> Result<json::Value> {
           BONGSU_TRY(const User user, place.book->SetPassword(batch, id, hash, false));
           return WithPassword(user, password);
         };
         OnDesk(tenant, ActorOf(who), true, propose, [this, tenant, id, answer](Result<json::Value> result) {
           if (result) parts_.sessions.EndOf(tenant, id);
           answer(std::move(result));
         });
       });
}

void AccountOffice::RemoveUser(const Who& who, std::uint16_t tenant, std::string id, Answer answer) {
  const auto propose = [id](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
    BONGSU_CHECK(place.book->RemoveUser(batch, id));
    return json::Value{};
  };
  OnDesk(tenant, ActorOf(who), true, propose,
         [this, tenant, id, answer = std::move(answer)](Result<json::Value> result) {
           if (result) parts_.sessions.EndOf(tenant, id);
           answer(std::move(result));
         });
}

void AccountOffice::ChangeOwnPassword(const Who& who, std::uint16_t tenant, std::string current, std::string next,
                                      std::string session, Answer answer) {
  const Directory::Entry* entry = parts_.directory.Find(tenant);
  const User* user = entry == nullptr ? nullptr : entry->accounts->UserOf(who.actor);
  if (user == nullptr)
    return answer(Fail(Code::kPermissionDenied, "session.no_user", "only a signed-in user has a password to change"));
  if (const auto fine = CheckPassword(next, user->name); !fine) return answer(tl::unexpected<Error>(fine.error()));
  if (next == current)
    return answer(Fail(Code::kInvalidArgument, "user.weak_password", "the new password is the old one"));
  auto home = Home();
  const bool queued = parts_.pool.Run([this, home, who, tenant, session, checked = user->password_hash,
                                       current = std::move(current), next = std::move(next), answer] {
    Result<std::string> hash = Fail(Code::kPermissionDenied, "session.wrong_password", "the current password is wrong");
    if (parts_.crypto.PasswordVerify(checked, current)) hash = parts_.crypto.PasswordHash(next, parts_.cost);
    home([this, who, tenant, session, checked, hash = std::move(hash), answer] {
      if (!hash) return answer(tl::unexpected<Error>(hash.error()));
      const auto propose = [who, checked, hash = *hash](desk::DeskBatch& batch,
                                                        const TenantDesk& place) -> Result<json::Value> {
        const User* now = place.book->accounts().UserOf(who.actor);
        if (now == nullptr || now->password_hash != checked)
          return Fail(Code::kConflict, "user.changed", "the account was changed meanwhile; sign in again");
        BONGSU_CHECK(place.book->SetPassword(batch, who.actor, hash, true));
        return json::Value{};
      };
      OnDesk(tenant, ActorOf(who), true, propose, [this, who, tenant, session, answer](Result<json::Value> result) {
        if (result) parts_.sessions.EndOf(tenant, who.actor, session);
        answer(std::move(result));
      });
    });
  });
  if (!queued)
    answer(Fail(Code::kOverloaded, "guard.busy", "too many passwords are being checked; try again in a few seconds"));
}

void AccountOffice::EndSession(const Who& who, std::uint16_t tenant, std::string user, std::string session,
                               Answer answer) {
  const auto propose = [user = std::move(user), session](desk::DeskBatch& batch,
                                                         const TenantDesk&) -> Result<json::Value> {
    json::Value details;
    details.Set("session", session);
    batch.Audit("session.end", user, details);
    return json::Value{};
  };
  OnDesk(tenant, ActorOf(who), false, propose, [this, session, answer = std::move(answer)](Result<json::Value> result) {
    if (result) parts_.sessions.End(session);
    answer(std::move(result));
  });
}

void AccountOffice::ListUsers(std::uint16_t tenant, Answer answer) {
  const Directory::Entry* entry = parts_.directory.Find(tenant);
  if (entry == nullptr) return answer(NoTenant(tenant));
  const TenantDesk place = entry->desk;
  parts_.shards.Post(place.shard, [place, home = Home(), answer = std::move(answer)] {
    place.desk->Read([place, home, answer] {
      json::Array items;
      for (const auto& [id, user] : place.book->accounts().users) {
        if (!user.removed) items.push_back(ToJson(user));
      }
      json::Value list;
      list.Set("items", std::move(items));
      home([answer, list = std::move(list)]() mutable { answer(std::move(list)); });
    });
  });
}

void AccountOffice::CreateToken(const Who& who, std::uint16_t tenant, std::string name, Role role, TimePoint expires_at,
                                Answer answer) {
  const std::string secret = "bgs_" + crypto::MakeSecret(parts_.crypto);
  const NewToken fresh{MakeId(), std::move(name), role, crypto::ToHex(parts_.crypto.Hash(secret)), expires_at};
  OnDesk(
      tenant, ActorOf(who), true,
      [fresh, secret](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
        BONGSU_TRY(const Token token, place.book->AddToken(batch, fresh));
        json::Value value;
        value.Set("id", token.id);
        value.Set("token", secret);
        return value;
      },
      std::move(answer));
}

void AccountOffice::RevokeToken(const Who& who, std::uint16_t tenant, std::string id, Answer answer) {
  OnDesk(
      tenant, ActorOf(who), true,
      [id = std::move(id)](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
        BONGSU_CHECK(place.book->RevokeToken(batch, id));
        return json::Value{};
      },
      std::move(answer));
}

void AccountOffice::CreateTenant(const Who& who, Tenant tenant, Answer answer) {
  const auto made = std::make_shared<Tenant>();
  const auto propose = [tenant = std::move(tenant), made](desk::DeskBatch& batch,
                                                          const TenantDesk& place) -> Result<json::Value> {
    if (place.tenants == nullptr)
      return Fail(Code::kInternal, "tenant.no_book", "the platform tenant's desk keeps no book of tenants");
    BONGSU_TRY(*made, place.tenants->Add(batch, tenant));
    return ToJson(*made);
  };
  OnDesk(kPlatformTenant, ActorOf(who), false, propose,
         [this, made, home = Home(), answer = std::move(answer)](Result<json::Value> result) {
           if (!result) return answer(std::move(result));
           parts_.open_tenant(*made, [home, answer, result = std::move(result)](Result<void> opened) {
             home([answer, result, opened = std::move(opened)]() mutable {
               if (!opened) return answer(tl::unexpected<Error>(opened.error()));
               answer(std::move(result));
             });
           });
         });
}

void AccountOffice::EnsureTenant(const std::string& id, std::function<void(Result<void>)> done) {
  if (parts_.directory.Find(id) != nullptr) return done({});
  const Directory::Entry* platform = parts_.directory.Find(kPlatformTenant);
  if (platform == nullptr) return done(NoTenant(kPlatformTenant));
  done = [home = Home(), done = std::move(done)](Result<void> result) {
    home([done, result = std::move(result)]() mutable { done(std::move(result)); });
  };
  // Requests for one new tenant meet on the platform desk's shard: the first makes it, the others wait for that.
  parts_.shards.Post(platform->desk.shard, [this, id, done = std::move(done)] {
    if (parts_.directory.Find(id) != nullptr) return done({});
    auto [waiting, first] = waiting_.try_emplace(id);
    if (waiting->second.size() >= kMaxWaiting)
      return done(Fail(Code::kOverloaded, "guard.busy", "tenant '{}' is being made; try again", id));
    waiting->second.push_back(done);
    if (!first) return;
    Tenant tenant;
    tenant.id = id;
    tenant.name = {id, {}};
    CreateTenant({{}, {}}, std::move(tenant), [this, id](const Result<json::Value>& made) {
      Result<void> result;
      if (!made) result = tl::unexpected<Error>(made.error());
      auto waiters = std::move(waiting_[id]);
      waiting_.erase(id);
      for (const auto& waiter : waiters) waiter(result);
    });
  });
}

void AccountOffice::EnsureFirstAdministrator(std::function<Result<void>(const std::string& password)> made,
                                             Answer answer) {
  const Directory::Entry* platform = parts_.directory.Find(kPlatformTenant);
  if (platform == nullptr) return answer(NoTenant(kPlatformTenant));
  if (platform->accounts->Administrators() > 0) return answer(json::Value{});
  if (platform->accounts->UserByName("admin") != nullptr) {
    return answer(Fail(Code::kConflict, "user.no_administrator",
                       "nobody can administer; unlock or promote somebody: bongsu user add NAME --role administrator"));
  }
  const std::string password = MakePassword();
  if (const auto written = made(password); !written) return answer(tl::unexpected<Error>(written.error()));
  UserRequest request{"admin", {"관리자", "Administrator"}, Role::kAdministrator, password};
  AddUser({{}, {}}, kPlatformTenant, std::move(request), std::move(answer));
}

}  // namespace bongsu::guard
