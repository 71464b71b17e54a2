// SPDX-License-Identifier: Apache-2.0
// Opens the parts of a server, one on the other.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/private_file.hpp"
#include "app/restore.hpp"
#include "app/server_parts.hpp"
#include "app/tenant_house.hpp"
#include "guard/audit/chain_watch.hpp"
#include "guard/audit/seal_file.hpp"
#include "guard/audit/seal_syslog.hpp"
#include "model/core_context.hpp"
#include "model/subscription_record.hpp"
#include "serve/desk/live_frames.hpp"
#include "serve/live/object_feed.hpp"

namespace bongsu::app {
namespace {

constexpr double kBytesAnEntry = 24;  // of an index of values, measured 21 with half-full nodes

context::IndexOptions IndexesOf(const ServerConfig& config) {
  context::IndexOptions options;
  for (const auto& name : config.query_indexes) options.declared.push_back(model::ExpandCore(name));
  options.max_entries = static_cast<std::size_t>(config.query_index_mb * (1 << 20U) / kBytesAnEntry);
  return options;
}

context::ColdOptions ColdOf(const ServerConfig& config) {
  context::ColdOptions options;
  if (config.context_memory_mb > 0)
    options.memory_bytes = std::max<std::size_t>(static_cast<std::size_t>(config.context_memory_mb * (1 << 20U)), 1);
  return options;
}

namespace fs = std::filesystem;

constexpr std::size_t kBlockingThreads = 3;  // one may be merging files for minutes
constexpr std::size_t kBlockingJobs = 1'000;

/// Ingest time of the newest record of all partitions.
TimePoint NewestIn(const journal::JournalPort& journal) {
  TimePoint newest{};
  for (const std::uint16_t partition : journal.Partitions()) {
    const auto record = journal.At({partition, journal.RangeOf(partition).last_seq});
    if (record) newest = std::max(newest, record->ingest_time);
  }
  return newest;
}

}  // namespace

Result<void> Server::Parts::OpenStorage() {
  std::error_code error;
  fs::create_directories(fs::path(options.data) / "run", error);
  if (error)
    return Fail(Code::kUnavailable, "app.no_data", "data directory '{}' cannot be made: {}", options.data,
                error.message());
  journal::EmbeddedOptions engine;
  engine.folder = fs::path(options.data) / "journal";
  engine.partitions = static_cast<std::uint16_t>(options.config.partitions);
  engine.disk.reserve_bytes = static_cast<std::uint64_t>(options.config.reserve_mb * 1024 * 1024);
  BONGSU_TRY(journal, journal::EmbeddedJournal::Open(std::move(engine), log));
  BONGSU_TRY(guard, journal::FoldGuard::Open(fs::path(options.data) / "journal", log));
  folded = std::make_unique<journal::GuardedJournal>(*journal, guard.get(), guard->poisoned());
  checkpoints = std::make_unique<desk::CheckpointStore>(fs::path(options.data) / "checkpoints", log);
  BONGSU_TRY(crypto, crypto::MakeSodiumCrypto());
  BONGSU_TRY(keys, crypto::OpenKeys(options.keys, *crypto));
  // A virtual clock goes on where the journal ends: platform time never runs backwards.
  if (options.clock) {
    clock = std::make_unique<ScaledClock>(std::max(options.clock->epoch, NewestIn(*journal)), options.clock->scale);
  } else {
    clock = std::make_unique<WallClock>();
  }
  shards = std::make_unique<runtime::Shards>(static_cast<std::size_t>(options.config.shards));
  pool = std::make_unique<runtime::BlockingPool>(kBlockingThreads, kBlockingJobs);
  BONGSU_TRY(sealing::KeyFile key_file, OpenKeyFile());
  BONGSU_TRY(keyring,
             sealing::Keyring::Make({*shards, *pool, *crypto, keys.surrogate, metrics, log}, std::move(key_file)));
  keyring->set_outside(erased_outside);
  runtime::CommitterOptions admission;
  admission.class_records[1] = static_cast<std::size_t>(options.config.waiting_events);
  admission.class_records[2] = static_cast<std::size_t>(options.config.waiting_observations);
  for (const std::size_t number : {1U, 2U}) admission.tenant_records[number] = admission.class_records[number] / 2;
  committer = std::make_unique<runtime::Committer>(*journal, *shards, *clock, metrics, log, admission);
  return {};
}

/// The keys of personal values, without those that any list of erasures at hand names.
Result<sealing::KeyFile> Server::Parts::OpenKeyFile() {
  const std::string installation = sealing::InstallationOf(*crypto, keys.surrogate);
  BONGSU_TRY(sealing::KeyFile file,
             sealing::KeyFile::Open((fs::path(options.keys) / "sealing").string(), *crypto, installation));
  const auto take = [&](const std::string& path) -> Result<void> {
    BONGSU_TRY(const auto list, sealing::ReadErasedFile(path, installation));
    BONGSU_TRY(const std::size_t fresh, file.Take(list));
    if (fresh > 0) log.Warn("sealing.erased_elsewhere", {{"list", path}, {"keys", static_cast<std::int64_t>(fresh)}});
    return {};
  };
  BONGSU_CHECK(take(ErasedListOf(options.data).string()));
  if (options.config.seal_folder.empty()) return file;
  const std::string outside = (fs::path(options.config.seal_folder) / "erased.ndjson").string();
  // Another machine that is away must not keep the house closed; a list that cannot be read is left as it is.
  if (const auto taken = take(outside); !taken) {
    log.Failure("sealing.list_not_read", taken.error());
    return file;
  }
  erased_outside = outside;
  if (const auto told = sealing::MergeErasedFile(outside, file.erased(), installation); !told)
    log.Failure("sealing.list_not_outside", told.error());
  return file;
}

/// Folding needs them: what a source of theirs sent is known by the tenant's ordinal.
Result<void> Server::Parts::ReadTenants() {
  const std::uint16_t desk = model::DeskPartition(guard::kPlatformTenant);
  const std::array<desk::Book*, 1> books{&recorded_tenants};
  BONGSU_TRY(const desk::Restored from, desk::Restore(*checkpoints, *folded, desk, books));
  BONGSU_CHECK(folded->Read(desk, from.seq + 1, [this](const model::Record& record) {
    recorded_tenants.Fold(record);
    return true;
  }));
  return {};
}

Result<void> Server::Parts::OpenStages() {
  BONGSU_TRY(packs, LoadPacks(options.config, options.config_file, log));
  if (options.config.city.empty()) {
    city = std::make_shared<const map::City>(map::EmptyCity());
  } else {
    BONGSU_TRY(map::City loaded, map::LoadCity(options.config.city));
    city = std::make_shared<const map::City>(std::move(loaded));
  }
  BONGSU_TRY(state, OpenWholeState(options.data, *journal, log));
  keeper =
      std::make_unique<Keeper>(Keeper::House{*journal, *state, *checkpoints, *clock, metrics, log, options.data, *pool},
                               PolicyOf(options.config));
  keeper->set_held([this](const auto& answer) { shards->Post(0, [this, answer] { AskHeld(answer); }); });
  context = std::make_unique<store::LiveContext>(*shards, *pool, *folded, *state, metrics, log,
                                                 store::LiveOptions{.replica = ReplicaOf(packs, *city),
                                                                    .saver = {},
                                                                    .indexes = IndexesOf(options.config),
                                                                    .cold = ColdOf(options.config)});
  keeper->set_history(*context);
  stages = std::make_unique<Stages>(Stages::House{*shards, *committer, *folded, *context, *clock, metrics, log},
                                    packs.rules, std::move(packs.lateness));
  ngsi::LdContexts known;
  if (!options.config.ld_contexts.empty()) {
    BONGSU_TRY(known, ngsi::LdContexts::Load(options.config.ld_contexts, clock->Now()));
  }
  ngsi = std::make_unique<ngsi::ContextService>(*shards, *committer, *clock, std::move(known), context->contexts());
  ngsi->set_query_limits({static_cast<std::size_t>(options.config.query_entities),
                          static_cast<std::size_t>(options.config.query_memory_mb * (1 << 20U))});
  OpenPersonal();
  OpenNotifier();
  return {};
}

void Server::Parts::OpenNotifier() {
  Notifier::House house{*shards, *pool, *committer, *journal, *state, *context, *clock, metrics, log, {}, {}, {}};
  house.limits.behind_records = static_cast<std::uint64_t>(options.config.subscription_records);
  house.limits.behind_time = options.config.subscription_time;
  house.keep = [this](std::uint16_t tenant, const json::Value& payload, const std::function<void(bool)>& done) {
    const auto found = houses->Find(tenant);
    if (!found) return done(false);
    shards->Post(found->shard(), [found, payload, done] {
      found->desk().Act(
          {},
          [payload](desk::DeskBatch& batch) -> Result<json::Value> {
            batch.Add(model::kSubscriptionState, "subscriptions", json::ToString(payload));
            return json::Value{};
          },
          [done](const Result<json::Value>& kept) { done(kept.has_value()); });
    });
  };
  house.alarm = [this](std::uint16_t tenant, model::Finding finding) { houses->Tell(tenant, {std::move(finding)}); };
  notifier = std::make_unique<Notifier>(std::move(house));
  ngsi::SubscriptionHouse subscriptions;
  subscriptions.find = [this](std::uint16_t tenant) {
    const auto found = houses->Find(tenant);
    return found ? found->subscriptions() : nullptr;
  };
  subscriptions.counters = [this](std::uint16_t tenant, std::vector<std::string> ids,
                                  const std::function<void(ngsi::SubscriptionHouse::Counters)>& done) {
    notifier->Counters(tenant, std::move(ids), done);
  };
  subscriptions.queues = [this](std::uint16_t tenant,
                                const std::function<void(std::vector<ngsi::SubscriptionHouse::Queue>)>& done) {
    notifier->Queues(tenant, done);
  };
  subscriptions.settled = [this](const std::function<void()>& then) { notifier->WhenSettled(then); };
  subscriptions.reload_context = [this](std::uint16_t tenant, const std::string& url,
                                        const std::function<void(Result<void>)>& done) {
    ReloadContext(tenant, url, done);
  };
  subscriptions.public_url = options.config.public_url;
  ngsi->set_subscriptions(std::move(subscriptions));
}

/// From the disk on the blocking pool; the tenant's desk takes the new one over.
void Server::Parts::ReloadContext(std::uint16_t tenant, const std::string& url,
                                  const std::function<void(Result<void>)>& done) {
  const auto gone = [url] {
    return Fail(Code::kUnavailable, "ngsi.LdContextNotAvailable", "@context {} cannot be read again", url);
  };
  const auto house = houses->Find(tenant);
  const bool taken = house && pool->Run([this, tenant, url, done, gone, shard = house->shard()] {
    auto loaded = ngsi::LdContexts::Load(options.config.ld_contexts, clock->Now());
    shards->Post(shard, [this, tenant, url, done, gone, loaded = std::move(loaded)] {
      ngsi::LdContexts contexts = *ngsi->ld_contexts(tenant);
      if (!loaded || !contexts.Replace(url, *loaded)) return done(gone());
      ngsi->set_ld_contexts(tenant, std::move(contexts));
      done({});
    });
  });
  if (!taken) done(gone());
}

void Server::Parts::OnSubscription(std::uint16_t tenant, const std::string& id,
                                   const notifications::Subscription* now) {
  if (now == nullptr) return notifier->Remove(tenant, id);
  const auto compiled = ngsi::Compile(*now, *ngsi->ld_contexts(tenant), tenant);
  if (compiled) return notifier->Put(*compiled, now->statistics);
  log.Failure("notifier.subscription_not_understood", compiled.error());  // its @context is gone
  notifier->Remove(tenant, id);
}

void Server::Parts::OpenGuard() {
  directory = std::make_unique<guard::Directory>(*shards);
  sessions = std::make_unique<guard::Sessions>(*shards, *crypto, real_clock, guard::SessionConfig{}, metrics);
  const auto open_tenant = [this](guard::Tenant tenant, std::function<void(Result<void>)> done) {
    OpenTenant(std::move(tenant), std::move(done));
  };
  office = std::make_unique<guard::AccountOffice>(
      guard::AccountOffice::Parts{*shards, *pool, *crypto, *directory, *sessions, crypto::PasswordCost{}, open_tenant});
  authenticator = std::make_unique<guard::Authenticator>(
      guard::Authenticator::Parts{*shards, *crypto, *directory, *sessions, *office, *clock, metrics},
      guard::AuthenticatorConfig{options.open, options.config.public_url});
  sign_in = std::make_unique<guard::SignIn>(guard::SignIn::Parts{
      *shards, *pool, *crypto, keys, *directory, *sessions, *office, *clock, real_clock, crypto::PasswordCost{},
      metrics, [this](const guard::SignInOutcome& outcome) { stages->Take(guard::ToEvent(outcome)); }});
}

void Server::Parts::OpenRuleOffice() {
  rule_office = std::make_unique<RuleOffice>(
      RuleOffice::House{*shards, *pool, *committer, *context, *stages, *office, log, options.config.packs});
}

void Server::Parts::OpenTenant(guard::Tenant tenant, std::function<void(Result<void>)> done) {
  stages->OnTenant(tenant);
  houses->Open(std::move(tenant), std::move(done));
}

Result<void> Server::Parts::OpenSeals() {
  constexpr std::string_view kFile = "audit-seals.ndjson";
  seals = std::make_unique<audit::Seals>();
  const auto add_file = [&](const std::string& folder) {
    seals->Add(std::make_unique<audit::SealFile>((fs::path(folder) / kFile).string(), *pool, metrics, log));
  };
  add_file(options.keys);
  if (!options.config.seal_folder.empty()) add_file(options.config.seal_folder);
  if (options.config.seal_syslog.empty()) return {};
  BONGSU_TRY(audit::SyslogTarget target, audit::ReadSyslogTarget(options.config.seal_syslog));
  seals->Add(std::make_unique<audit::SealSyslog>(std::move(target), *shards, *pool, metrics, log));
  return {};
}

/// Keys whose erasure is on record but whose destruction was interrupted, or came back with an old keys folder.
Result<void> Server::Parts::ApplyErasures(const std::vector<std::uint16_t>& tenants) {
  std::set<sealing::KeyId> erased;
  for (const std::uint16_t ordinal : tenants) {
    const std::size_t shard = shards->ShardOf(model::DeskPartition(ordinal));
    BONGSU_CHECK(WaitFor<json::Value>(*shards, shard, [&](const std::function<void(Result<json::Value>)>& done) {
      erased.merge(houses->Find(ordinal)->erasures().Keys());
      done(json::Value{});
    }));
  }
  BONGSU_CHECK(RecordErasures(tenants));
  if (erased.empty()) return {};
  const auto destroyed = WaitFor<json::Value>(*shards, 0, [&](const std::function<void(Result<json::Value>)>& done) {
    keyring->Ensure(erased, [done](const Result<void>& result) {
      if (!result) return done(tl::unexpected<Error>(result.error()));
      done(json::Value{});
    });
  });
  if (!destroyed) return tl::unexpected<Error>(destroyed.error());
  return {};
}

/// Erasures that this copy of the journal is older than are put on record again.
Result<void> Server::Parts::RecordErasures(const std::vector<std::uint16_t>& tenants) {
  for (const std::uint16_t ordinal : tenants) {
    const auto scopes = keyring->ErasedOf(ordinal);
    const std::size_t shard = shards->ShardOf(model::DeskPartition(ordinal));
    BONGSU_CHECK(WaitFor<json::Value>(*shards, shard, [&](const std::function<void(Result<json::Value>)>& done) {
      const auto house = houses->Find(ordinal);
      const auto known = house->erasures().Keys();
      const bool missing =
          std::ranges::any_of(scopes, [&](const auto& scope) { return !std::ranges::includes(known, scope.second); });
      if (!missing) return done(json::Value{});
      house->desk().Act(
          {},
          [house, scopes](desk::DeskBatch& batch) -> Result<json::Value> {
            for (const auto& [scope, keys] : scopes) house->erasures().EraseAgain(batch, scope, keys);
            return json::Value{};
          },
          done);
    }));
  }
  return {};
}

Result<void> Server::Parts::OpenTenants() {
  session_house = std::make_unique<api::SessionHouse>(
      api::SessionHouse{*shards, *sign_in, *office, *sessions, *directory, *authenticator, *clock, real_clock, false,
                        [this](const std::string& user) {
                          if (user != "admin") return;
                          std::error_code ignored;
                          fs::remove(fs::path(options.data) / "run" / "first-password", ignored);
                        }});
  people_house = std::make_unique<api::PeopleHouse>(api::PeopleHouse{*office, *directory, *authenticator});
  audit_house = std::make_unique<api::AuditHouse>(
      api::AuditHouse{*shards, *pool, *journal, *directory, [this](std::uint16_t tenant) {
                        const auto house = houses->Find(tenant);
                        return house ? house->chain_watch() : nullptr;
                      }});
  BONGSU_CHECK(OpenSeals());
  Ground ground{
      *shards,
      *pool,
      *committer,
      *journal,
      *folded,
      *clock,
      metrics,
      log,
      *crypto,
      keys.audit,
      *seals,
      *directory,
      packs.procedures,
      packs.peers,
      *checkpoints,
      [this](std::size_t shard) -> const context::Replica& { return context->replica(shard); },
      fs::exists(RestoredMarkOf(options.data)) ? "restored from a backup: it may have gone out since" : "",
      [this](std::uint16_t tenant, const std::string& id, const notifications::Subscription* now) {
        OnSubscription(tenant, id, now);
      },
      [this](std::uint16_t tenant, const std::string& id, const ngsi::LdContextBook::Hosted& now) {
        ngsi::LdContexts contexts = *ngsi->ld_contexts(tenant);
        contexts.Host(id, now);
        ngsi->set_ld_contexts(tenant, std::move(contexts));
      },
      [this](std::uint16_t tenant) { ngsi->set_ld_contexts(tenant, ngsi->ld_contexts(tenant)->ForTenant()); }};
  const auto make_sources = [this](TenantHouse& house) {
    return live::Sources{
        .frame = [](const model::Record& record) { return api::LiveFrame(record); },
        .snapshot = [&house] { return api::DeskSnapshot(house.alarms(), house.incidents()); },
        .counters = [this, &house, rate = std::make_shared<Watch::Rate>()] { return watch->Counters(house, *rate); },
        .may_stay = [this](const guard::Principal& caller) { return authenticator->IsStillGood(caller); }};
  };
  const auto make_feed = [this](const guard::Principal& caller, std::size_t shard) {
    return live::MakeReplicaFeed(context->replica(shard), *clock, caller.tenant);
  };
  houses = std::make_unique<Houses>(std::move(ground), make_sources, make_feed);
  watch = std::make_unique<Watch>(Watch::House{*shards, *context, *journal, *clock, metrics, options.data});
  const auto open = [this](guard::Tenant tenant) {
    return WaitFor<json::Value>(
        *shards, 0, [this, tenant = std::move(tenant)](const std::function<void(Result<json::Value>)>& done) {
          OpenTenant(tenant, [done](const Result<void>& opened) {
            if (!opened) return done(tl::unexpected<Error>(opened.error()));
            done(json::Value{});
          });
        });
  };
  BONGSU_CHECK(open(guard::Tenant{}));
  std::vector<guard::Tenant> others;
  const std::size_t platform = shards->ShardOf(model::DeskPartition(guard::kPlatformTenant));
  BONGSU_CHECK(WaitFor<json::Value>(*shards, platform, [&](const std::function<void(Result<json::Value>)>& done) {
    for (const auto& [ordinal, tenant] : houses->Find(guard::kPlatformTenant)->tenants()->tenants()) {
      if (ordinal != guard::kPlatformTenant) others.push_back(tenant);
    }
    const std::string& recorded = houses->Find(guard::kPlatformTenant)->rule_book().version();
    if (!recorded.empty() && recorded != packs.rules->version()) {
      log.Info("rules.other_than_recorded", {{"recorded", recorded}, {"on_disk", packs.rules->version()}});
    }
    done(json::Value{});
  }));
  std::vector<std::uint16_t> all{guard::kPlatformTenant};
  for (const guard::Tenant& tenant : others) {
    BONGSU_CHECK(open(tenant));
    all.push_back(tenant.ordinal);
  }
  BONGSU_CHECK(ApplyErasures(all));
  return ForgetRestore();
}

Result<void> Server::Parts::ForgetRestore() {
  const fs::path mark = RestoredMarkOf(options.data);
  if (!fs::exists(mark)) return {};
  for (const std::uint16_t partition : journal->Partitions()) {
    if (partition < model::kDeskBase) continue;
    const std::size_t shard = shards->ShardOf(partition);
    const auto tenant = static_cast<std::uint16_t>(partition - model::kDeskBase);
    BONGSU_CHECK(WaitFor<json::Value>(*shards, shard, [&](const std::function<void(Result<json::Value>)>& done) {
      const auto house = houses->Find(tenant);
      if (!house) return done(json::Value{});
      house->desk().Read([this, house, done] {
        if (!house->outbox().held())
          return done(Fail(Code::kUnavailable, "app.outbox_not_held", "tenant {}: the outbox could not be held",
                           house->tenant().id));
        log.Warn("outbox.held", {{"tenant", house->tenant().id}, {"why", "restored from a backup"}});
        done(json::Value{});
      });
    }));
  }
  std::error_code error;
  fs::remove(ErasedListOf(options.data), error);  // its keys are destroyed and on record
  fs::remove(mark, error);
  return {};
}

void Server::Parts::OpenBackup() {
  std::error_code ignored;
  fs::remove_all(StagingOf(options.data), ignored);  // of a backup that was cut off
  backup = std::make_shared<Backup>(Backup::House{*shards, *pool, *journal, *clock, log, options.data, *keeper});
  backup->AddPart("state", [this](const fs::path& folder) { return state->CopyTo(folder.string()); });
  backup->AddPart("checkpoints", [this](const fs::path& folder) -> Result<void> {
    std::error_code error;
    fs::create_directories(folder, error);
    for (const std::uint16_t partition : checkpoints->Partitions()) {
      for (const auto& found : checkpoints->List(partition))
        fs::create_hard_link(found.path, folder / found.path.filename(), error);
    }
    // One that left in between is replaced by a newer one; what is missing only makes the first start longer.
    const fs::path copy = StateCopyOf(options.data);
    error.clear();
    if (fs::exists(copy))
      fs::copy(copy, folder / copy.filename(), fs::copy_options::recursive | fs::copy_options::create_hard_links,
               error);
    if (error) return Fail(Code::kUnavailable, "backup.io", "{}: {}", copy.string(), error.message());
    return {};
  });
}

Result<void> Server::Parts::OpenSenses() {
  ingest::GateDeps deps{.shards = *shards,
                        .append = *committer,
                        .clock = *clock,
                        .metrics = metrics,
                        .log = log,
                        .tenant_ordinal = {},
                        .place_of = {},
                        .sealing = keyring.get(),
                        .personal = &packs.personal,
                        .read_record = {}};
  deps.tenant_ordinal = [this](std::string_view name) -> std::optional<std::uint16_t> {
    if (shards->Current() >= shards->size()) {  // the journal is being folded, the directory is empty
      const guard::Tenant* tenant = recorded_tenants.Find(name);
      return tenant == nullptr ? std::nullopt : std::optional{tenant->ordinal};
    }
    const guard::Directory::Entry* entry = directory->Find(name);
    if (entry == nullptr) return std::nullopt;
    return entry->tenant.ordinal;
  };
  deps.place_of = [this](std::uint16_t tenant, std::string_view entity) -> std::optional<model::Place> {
    const context::ReplicaEntity* found = context->replica(shards->Current()).Find(tenant, entity);
    return found == nullptr ? std::nullopt : found->place();
  };
  deps.read_record = [this](model::Position position, const std::function<void(Result<model::Record>)>& done) {
    if (!pool->Run([this, position, done] { done(journal->At(position)); })) {
      done(Fail(Code::kOverloaded, "app.busy", "too many records are being read; come again later"));
    }
  };
  BONGSU_TRY(senses, sense::Senses::Make(std::move(deps), std::move(packs.senses)));
  const json::Value& boundary = city->description["boundary"];
  if (boundary.IsObject()) BONGSU_CHECK(senses->SetBoundary(std::string(guard::kPlatformTenantName), boundary));
  return {};
}

Result<void> Server::Parts::FirstAdministrator() {
  const fs::path file = fs::path(options.data) / "run" / "first-password";
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const auto made = [file, terminal](const std::string& password) -> Result<void> {
    if (!terminal) return WritePrivateFile(file, password + "\n");
    fmt::print("The first administrator is admin, with the one-time password {}\n", password);
    return {};
  };
  const auto done = WaitFor<json::Value>(*shards, 0, [&](const std::function<void(Result<json::Value>)>& answer) {
    office->EnsureFirstAdministrator(made, answer);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return {};
}

}  // namespace bongsu::app
