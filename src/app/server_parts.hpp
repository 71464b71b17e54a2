// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything a running server is made of, in the order it is opened: opening.cpp opens, rounds.cpp looks after it from
/// time to time, doors.cpp lets people in. Only these and server.cpp know it.

#include <functional>
#include <future>
#include <memory>

#include "app/admin_socket.hpp"
#include "app/backup.hpp"
#include "app/disk_watch.hpp"
#include "app/front.hpp"
#include "app/houses.hpp"
#include "app/keeper.hpp"
#include "app/notifier.hpp"
#include "app/packs.hpp"
#include "app/rule_office.hpp"
#include "app/server.hpp"
#include "app/stages.hpp"
#include "app/watch.hpp"
#include "guard/authenticator.hpp"
#include "guard/crypto/crypto_port.hpp"
#include "guard/sealing/keyring.hpp"
#include "guard/sign_in.hpp"
#include "guard/tenants.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/fold_guard.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/committer.hpp"
#include "sense/senses.hpp"
#include "serve/api/idempotency.hpp"
#include "serve/audit/audit_routes.hpp"
#include "serve/map/city.hpp"
#include "serve/ngsi/routes.hpp"
#include "serve/personal/erasure_routes.hpp"
#include "serve/personal/unsealer.hpp"
#include "serve/session/session_routes.hpp"
#include "serve/users/user_routes.hpp"

namespace bongsu::app {

/// Runs `work` on a shard and waits for its answer; from the main thread only.
template <class T>
Result<T> WaitFor(runtime::Shards& shards, std::size_t shard,
                  std::function<void(std::function<void(Result<T>)>)> work) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  shards.Post(shard, [promise, work = std::move(work)] {
    work([promise](Result<T> result) { promise->set_value(std::move(result)); });
  });
  return future.get();
}

struct Server::Parts {
  Parts(ServeOptions serve, const Log& sink) : options{std::move(serve)}, log{sink} {}

  ServeOptions options;
  const Log& log;
  Metrics metrics;
  WallClock real_clock;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<crypto::CryptoPort> crypto;
  crypto::Keys keys;
  Packs packs;
  std::shared_ptr<const map::City> city;

  std::unique_ptr<journal::EmbeddedJournal> journal;
  std::unique_ptr<journal::FoldGuard> guard;
  std::unique_ptr<journal::GuardedJournal> folded;  ///< What is folded reads through it.
  std::unique_ptr<desk::CheckpointStore> checkpoints;
  guard::TenantBook recorded_tenants;  ///< As the journal had them at the start; read only before the shards run.
  std::unique_ptr<runtime::Shards> shards;
  std::unique_ptr<audit::Seals> seals;        // outlives the pool that writes for it
  std::unique_ptr<sealing::Keyring> keyring;  // likewise
  std::string erased_outside;                 ///< List of erased keys on another machine; empty: none that can be read.
  std::unique_ptr<runtime::BlockingPool> pool;
  std::unique_ptr<runtime::Committer> committer;
  std::unique_ptr<store::RocksState> state;
  std::unique_ptr<Keeper> keeper;
  std::shared_ptr<Backup> backup;
  std::unique_ptr<store::LiveContext> context;
  std::unique_ptr<Stages> stages;
  std::unique_ptr<ngsi::ContextService> ngsi;
  std::unique_ptr<Notifier> notifier;

  std::unique_ptr<guard::Directory> directory;
  std::unique_ptr<guard::Sessions> sessions;
  std::unique_ptr<guard::AccountOffice> office;
  std::unique_ptr<guard::Authenticator> authenticator;
  std::unique_ptr<guard::SignIn> sign_in;
  std::unique_ptr<RuleOffice> rule_office;
  std::unique_ptr<Houses> houses;
  std::unique_ptr<api::SessionHouse> session_house;
  std::unique_ptr<api::PeopleHouse> people_house;
  std::unique_ptr<api::AuditHouse> audit_house;

  std::unique_ptr<sense::Senses> senses;
  std::unique_ptr<Watch> watch;
  std::unique_ptr<DiskWatch> disk_watch;  ///< Of shard 0.
  std::shared_ptr<api::Idempotency> idempotency;
  std::unique_ptr<api::Unsealer> unsealer;
  std::unique_ptr<api::ErasureHouse> erasure_house;
  std::unique_ptr<Front> front;
  std::unique_ptr<runtime::HttpServer> http;
  std::unique_ptr<AdminSocket> admin;
  json::Value ready;
  bool running = false;  ///< The shards run.

  Result<void> OpenStorage();
  Result<void> ReadTenants();
  Result<void> OpenStages();
  void OpenNotifier();
  /// Personal attributes of entities: sealed when they are written, found by equality by who may see them.
  void OpenPersonal();
  void ReloadContext(std::uint16_t tenant, const std::string& url, const std::function<void(Result<void>)>& done);
  void OnSubscription(std::uint16_t tenant, const std::string& id, const notifications::Subscription* now);
  void OpenGuard();
  void OpenTenant(guard::Tenant tenant, std::function<void(Result<void>)> done);
  Result<void> OpenSeals();
  Result<sealing::KeyFile> OpenKeyFile();
  Result<void> RecordErasures(const std::vector<std::uint16_t>& tenants);
  Result<void> ApplyErasures(const std::vector<std::uint16_t>& tenants);
  Result<void> OpenTenants();
  Result<void> OpenSenses();
  void OpenBackup();
  /// After a restore: once every held outbox is on record the mark goes.
  Result<void> ForgetRestore();
  AdminHouse MakeAdminHouse();
  void OpenRuleOffice();
  /// Makes `admin` with a one-time password: on the terminal, else in run/first-password (0600), never in a log.
  Result<void> FirstAdministrator();
  void CountConnectors();
  void VerifyChains();
  void MakeCheckpoints();
  void WatchDisk();
  void TrimJournal();
  void AskHeld(const std::function<void(const Result<std::set<sealing::KeyId>>& keys)>& answer);
  /// An alarm of severity 1 for each record that is left out because folding it aborts.
  void TellPoison();
  Result<void> OpenDoors();
  Result<void> AnnounceReady();
  api::Routes AllRoutes();
  runtime::UpgradeAnswer AcceptLive(const http::Request& request, const guard::Principal& caller) const;
};

}  // namespace bongsu::app
