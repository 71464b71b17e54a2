// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A small house for tests: two shards, a desk in memory for each tenant, accounts with cheap password hashes, real
/// time by hand.

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "guard/audit/audited_desk_fake.hpp"
#include "guard/authenticator.hpp"
#include "guard/sign_in.hpp"

namespace bongsu::guard {

class FakeHouse {
 public:
  static constexpr crypto::PasswordCost kCheap{1, 8192};
  static constexpr TimePoint kNoon = FromMicros(1'795'300'000'000'000);

  struct Desk {
    Desk(FakeHouse& house, std::uint16_t tenant) : audit{*house.crypto, house.keys.audit}, desk{house.clock, tenant} {
      desk.Keep(audit);
      desk.Keep(book);
      desk.Keep(tenants);
      desk.LinkAudit([this](const model::Record& record) { return audit.Link(record); });
    }
    audit::AuditBook audit;
    AccountBook book;
    TenantBook tenants;
    audit::FakeAuditedDesk desk;
  };

  explicit FakeHouse(AuthenticatorConfig config = {}, ThrottleConfig throttle = {})
      : authenticator{{shards, *crypto, directory, sessions, office, clock, metrics}, std::move(config)},
        sign_in{{shards, pool, *crypto, keys, directory, sessions, office, clock, clock, kCheap, metrics,
                 [this](const SignInOutcome& outcome) { outcomes.push_back(outcome); }},
                throttle} {
    shards.Start();
    OpenDesk(Tenant{});
  }
  ~FakeHouse() {
    pool.Stop();
    shards.Stop();
  }
  FakeHouse(const FakeHouse&) = delete;
  FakeHouse& operator=(const FakeHouse&) = delete;

  /// Runs `work(done)` on a shard and waits for what it gives to `done`.
  template <class T, class F>
  T On(std::size_t shard, F work) {
    std::promise<T> promise;
    shards.Post(shard, [&] { work([&](T value) { promise.set_value(std::move(value)); }); });
    return promise.get_future().get();
  }
  /// Waits until what was posted so far has run on every shard.
  void Settle() {
    for (int round = 0; round < 2; ++round) {
      for (std::size_t shard = 0; shard < shards.size(); ++shard) On<bool>(shard, [](auto done) { done(true); });
    }
  }
  Result<json::Value> Ask(const std::function<void(AccountOffice::Answer)>& what) {
    auto result = On<Result<json::Value>>(1, what);
    Settle();
    return result;
  }
  Result<SignIn::Done> Enter(std::string name, std::string password, std::string address = "10.0.0.5") {
    auto result =
        On<Result<SignIn::Done>>(1, [&](auto done) { sign_in.Try({name, password, {}, address, "test"}, done); });
    Settle();
    return result;
  }
  Result<Principal> Who(const http::Request& request, std::size_t shard = 1) {
    return On<Result<Principal>>(shard, [&](auto done) { authenticator.Authenticate(request, done); });
  }
  /// A user who can sign in without changing the password first; gives the id.
  std::string AddUser(const std::string& name, Role role, const std::string& password, std::uint16_t tenant = 0) {
    const auto made =
        Ask([&](const auto& done) { office.AddUser({{}, "test"}, tenant, {name, {}, role, password}, done); });
    if (!made) return {};
    const std::string id{(*made)["user"]["id"].AsString()};
    const auto hash = crypto->PasswordHash(password, kCheap);
    (void)Ask([&](const auto& done) {
      office.OnDesk(
          tenant, id, true,
          [id, hash](desk::DeskBatch& batch, const TenantDesk& place) -> Result<json::Value> {
            BONGSU_CHECK(place.book->SetPassword(batch, id, *hash, true));
            return json::Value{};
          },
          done);
    });
    return id;
  }
  std::string AddToken(Role role, std::uint16_t tenant = 0) {
    const auto made =
        Ask([&](const auto& done) { office.CreateToken({{}, "test"}, tenant, "test", role, kNever, done); });
    return std::string((*made)["token"].AsString());
  }
  Desk& DeskOf(std::uint16_t tenant) { return *desks[tenant]; }

  ManualClock clock{kNoon};  ///< Set it between acts only.
  Metrics metrics;
  std::unique_ptr<crypto::CryptoPort> crypto = std::move(*crypto::MakeSodiumCrypto());
  crypto::Keys keys{crypto->MakeSigningKey(), crypto->RandomBytes(32)};
  runtime::Shards shards{2};
  runtime::BlockingPool pool{1, 16};
  std::vector<std::unique_ptr<Desk>> desks;
  Directory directory{shards};
  Sessions sessions{shards, *crypto, clock, {}, metrics};
  AccountOffice office{{shards, pool, *crypto, directory, sessions, kCheap,
                        [this](const Tenant& tenant, const std::function<void(Result<void>)>& done) {
                          OpenDesk(tenant);
                          done({});
                        }}};
  Authenticator authenticator;
  std::vector<SignInOutcome> outcomes;
  SignIn sign_in;

 private:
  void OpenDesk(const Tenant& tenant) {
    desks.push_back(std::make_unique<Desk>(*this, tenant.ordinal));
    Desk& desk = *desks.back();
    directory.Add(
        {tenant, {0, &desk.desk, &desk.book, &desk.tenants}, std::make_shared<const Accounts>(desk.book.accounts())});
    if (shards.Current() == shards.size()) Settle();
  }
};

}  // namespace bongsu::guard
