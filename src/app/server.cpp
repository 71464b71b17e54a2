// SPDX-License-Identifier: Apache-2.0
#include "app/server.hpp"

#include <csignal>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>

#include "app/admin_socket.hpp"
#include "app/commands.hpp"
#include "app/front.hpp"
#include "app/houses.hpp"
#include "app/packs.hpp"
#include "app/stages.hpp"
#include "app/tenant_house.hpp"
#include "app/watch.hpp"
#include "guard/authenticator.hpp"
#include "guard/credentials.hpp"
#include "guard/audit/chain_watch.hpp"
#include "guard/crypto/crypto_port.hpp"
#include "guard/sign_in.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/committer.hpp"
#include "sense/senses.hpp"
#include "serve/alarms/alarm_routes.hpp"
#include "serve/api/idempotency.hpp"
#include "serve/assets/asset_routes.hpp"
#include "serve/audit/audit_routes.hpp"
#include "serve/cameras/camera_routes.hpp"
#include "serve/connectors/routes.hpp"
#include "serve/desk/live_frames.hpp"
#include "serve/files/embedded_console.hpp"
#include "serve/incidents/incident_routes.hpp"
#include "serve/live/object_feed.hpp"
#include "serve/map/city.hpp"
#include "serve/ngsi/routes.hpp"
#include "serve/notices/notice_routes.hpp"
#include "serve/rules/rule_routes.hpp"
#include "serve/session/session_routes.hpp"
#include "serve/users/user_routes.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockingThreads = 2;
constexpr std::size_t kBlockingJobs = 1'000;

/// Runs `work` on a shard and waits for its answer; from the main thread only.
template <class T>
Result<T> WaitFor(runtime::Shards& shards, std::size_t shard, std::function<void(std::function<void(Result<T>)>)> work) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  shards.Post(shard, [promise, work = std::move(work)] { work([promise](Result<T> result) { promise->set_value(std::move(result)); }); });
  return future.get();
}

Result<void> WriteFile(const fs::path& path, const std::string& text, fs::perms perms) {
  const fs::path fresh = path.string() + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    fs::permissions(fresh, perms);
    file << text;
    if (!file.flush()) return Fail(Code::kUnavailable, "app.cannot_write", "'{}' cannot be written", path.string());
  }
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) return Fail(Code::kUnavailable, "app.cannot_write", "'{}' cannot be written: {}", path.string(), error.message());
  return {};
}

/// Ingest time of the newest record of all partitions.
TimePoint NewestIn(const journal::JournalPort& journal) {
  TimePoint newest{};
  for (const std::uint16_t partition : journal.Partitions()) {
    const auto record = journal.At({partition, journal.RangeOf(partition).last_seq});
    if (record) newest = std::max(newest, record->ingest_time);
  }
  return newest;
}

/// The state is a copy that the journal can make again: when it is broken it is thrown away.
Result<std::unique_ptr<store::RocksState>> OpenState(const fs::path& folder, const Log& log) {
  store::RocksStateOptions options;
  options.folder = folder;
  auto state = store::RocksState::Open(options);
  if (state || state.error().code != Code::kCorrupt) return state;
  log.Failure("server.state_thrown_away", state.error());
  BONGSU_CHECK(store::RocksState::Destroy(folder));
  return store::RocksState::Open(options);
}

}  // namespace

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
  std::unique_ptr<runtime::Shards> shards;
  std::unique_ptr<audit::SealFile> seals;  // outlives the pool that writes for it
  std::unique_ptr<runtime::BlockingPool> pool;
  std::unique_ptr<runtime::Committer> committer;
  std::unique_ptr<store::RocksState> state;
  std::unique_ptr<store::LiveContext> context;
  std::unique_ptr<Stages> stages;
  std::unique_ptr<ngsi::ContextService> ngsi;

  std::unique_ptr<guard::Directory> directory;
  std::unique_ptr<guard::Sessions> sessions;
  std::unique_ptr<guard::AccountOffice> office;
  std::unique_ptr<guard::Authenticator> authenticator;
  std::unique_ptr<guard::SignIn> sign_in;
  std::unique_ptr<Houses> houses;
  std::unique_ptr<api::SessionHouse> session_house;
  std::unique_ptr<api::PeopleHouse> people_house;
  std::unique_ptr<api::AuditHouse> audit_house;

  std::unique_ptr<sense::Senses> senses;
  std::unique_ptr<Watch> watch;
  std::shared_ptr<api::Idempotency> idempotency;
  std::unique_ptr<Front> front;
  std::unique_ptr<runtime::HttpServer> http;
  std::unique_ptr<AdminSocket> admin;
  json::Value ready;
  bool running = false;  ///< The shards run.

  Result<void> OpenStorage();
  Result<void> OpenStages();
  void OpenGuard();
  Result<void> OpenTenants();
  Result<void> OpenSenses();
  void CountConnectors();
  Result<void> OpenDoors();
  Result<void> AnnounceReady();
  api::Routes AllRoutes();
  runtime::UpgradeAnswer AcceptLive(const http::Request& request, const guard::Principal& caller) const;
};

Result<void> Server::Parts::OpenStorage() {
  std::error_code error;
  fs::create_directories(fs::path(options.data) / "run", error);
  if (error) return Fail(Code::kUnavailable, "app.no_data", "data directory '{}' cannot be made: {}", options.data, error.message());
  journal::EmbeddedOptions engine;
  engine.folder = fs::path(options.data) / "journal";
  engine.partitions = static_cast<std::uint16_t>(options.config.partitions);
  engine.disk.reserve_bytes = static_cast<std::uint64_t>(options.config.reserve_mb * 1024 * 1024);
  BONGSU_TRY(journal, journal::EmbeddedJournal::Open(std::move(engine), log));
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
  committer = std::make_unique<runtime::Committer>(*journal, *shards, *clock, metrics, log);
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
  BONGSU_TRY(state, OpenState(fs::path(options.data) / "state", log));
  context = std::make_unique<store::LiveContext>(*shards, *pool, *journal, *state, metrics, log, store::LiveOptions{.replica = ReplicaOf(packs, *city), .saver = {}});
  stages = std::make_unique<Stages>(Stages::House{*shards, *committer, *journal, *context, *clock, metrics, log}, packs.rules);
  ngsi = std::make_unique<ngsi::ContextService>(*shards, *committer, *clock, ngsi::LdContexts{}, context->contexts());
  return {};
}

void Server::Parts::OpenGuard() {
  directory = std::make_unique<guard::Directory>(*shards);
  sessions = std::make_unique<guard::Sessions>(*shards, *crypto, real_clock, guard::SessionConfig{}, metrics);
  const auto open_tenant = [this](guard::Tenant tenant, std::function<void(Result<void>)> done) { houses->Open(std::move(tenant), std::move(done)); };
  office = std::make_unique<guard::AccountOffice>(
      guard::AccountOffice::Parts{*shards, *pool, *crypto, *directory, *sessions, crypto::PasswordCost{}, open_tenant});
  authenticator = std::make_unique<guard::Authenticator>(guard::Authenticator::Parts{*shards, *crypto, *directory, *sessions, *office, *clock, metrics},
                                                         guard::AuthenticatorConfig{options.open, options.config.public_url});
  sign_in = std::make_unique<guard::SignIn>(guard::SignIn::Parts{
      *shards, *pool, *crypto, keys, *directory, *sessions, *office, *clock, real_clock, crypto::PasswordCost{}, metrics,
      [this](const guard::SignInOutcome& outcome) { stages->Take(guard::ToEvent(outcome)); }});
}

Result<void> Server::Parts::OpenTenants() {
  session_house = std::make_unique<api::SessionHouse>(api::SessionHouse{*shards, *sign_in, *office, *sessions, *directory, *authenticator, *clock, real_clock, false,
                                                                        [this](const std::string& user) {
                                                                          if (user != "admin") return;
                                                                          std::error_code ignored;
                                                                          fs::remove(fs::path(options.data) / "run" / "first-password", ignored);
                                                                        }});
  people_house = std::make_unique<api::PeopleHouse>(api::PeopleHouse{*office, *directory, *authenticator});
  audit_house = std::make_unique<api::AuditHouse>(api::AuditHouse{*shards, *pool, *journal, *directory, [this](std::uint16_t tenant) {
                                                                    const auto house = houses->Find(tenant);
                                                                    return house ? house->chain_watch() : nullptr;
                                                                  }});
  seals = std::make_unique<audit::SealFile>((fs::path(options.keys) / "audit-seals.ndjson").string(), *pool, metrics, log);
  Ground ground{*shards,     *pool,     *committer, *journal,         *clock,      metrics, log, *crypto, keys.audit, *seals,
                *directory, packs.procedures, packs.peers, [this](std::size_t shard) -> const context::Replica& { return context->replica(shard); }};
  const auto make_sources = [this](TenantHouse& house) {
    return live::Sources{.frame = [](const model::Record& record) { return api::LiveFrame(record); },
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
    return WaitFor<json::Value>(*shards, 0, [this, tenant = std::move(tenant)](const std::function<void(Result<json::Value>)>& done) {
      houses->Open(tenant, [done](const Result<void>& opened) {
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
    done(json::Value{});
  }));
  for (const guard::Tenant& tenant : others) BONGSU_CHECK(open(tenant));
  return {};
}

Result<void> Server::Parts::OpenSenses() {
  ingest::GateDeps deps{.shards = *shards, .append = *committer, .clock = *clock, .metrics = metrics, .log = log, .tenant_ordinal = {}, .place_of = {}, .read_record = {}};
  deps.tenant_ordinal = [this](std::string_view name) -> std::optional<std::uint16_t> {
    if (name == guard::kPlatformTenantName) return guard::kPlatformTenant;
    if (shards->Current() >= shards->size()) return std::nullopt;  // before the shards run only the platform tenant is known
    const guard::Directory::Entry* entry = directory->Find(name);
    if (entry == nullptr) return std::nullopt;
    return entry->tenant.ordinal;
  };
  deps.place_of = [this](std::uint16_t tenant, std::string_view entity) -> std::optional<model::Place> {
    const context::ReplicaEntity* found = context->replica(shards->Current()).Find(tenant, entity);
    return found == nullptr ? std::nullopt : found->place;
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

/// Every two seconds: how many connectors of each tenant are in which state, for the console's footer.
void Server::Parts::CountConnectors() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const auto house = houses->Find(ordinal);
    if (!house) continue;
    senses->Statuses(entry.tenant.id, [this, house](const std::vector<ingest::ConnectorStatus>& statuses) {
      json::Value counts{json::Object{}};
      for (const ingest::ConnectorStatus& status : statuses) counts.Set(status.state, counts[status.state].AsInt() + 1);
      shards->Post(house->shard(), [house, counts] { house->set_connectors(counts); });
    });
  }
  shards->After(0, std::chrono::milliseconds{2000}, [this] { CountConnectors(); });
}

Result<void> Server::Parts::OpenDoors() {
  const auto authenticate = [this](const http::Request& request, std::function<void(Result<guard::Principal>)> done) {
    authenticator->Authenticate(request, std::move(done));
  };
  watch->set_unready([this] {
    std::vector<std::string> reasons;
    if (const auto health = committer->Health(); !health) reasons.push_back(health.error().message);
    return reasons;
  });
  const auto post_to = [this](std::size_t shard) -> api::Idempotency::Post {
    return [this, shard](std::function<void()> work) { shards->Post(shard, std::move(work)); };
  };
  idempotency = std::make_shared<api::Idempotency>(*clock, post_to(0), [this, post_to] { return post_to(shards->Current()); }, metrics);
  front = std::make_unique<Front>(
      AllRoutes(), authenticate, [this](const http::Request& request, const guard::Principal& caller) { return AcceptLive(request, caller); }, metrics);
  BONGSU_TRY(http, runtime::HttpServer::Open(
                       *shards, {.host = options.host, .port = options.port},
                       [this](http::Request request, http::Respond respond) { front->OnRequest(std::move(request), std::move(respond)); },
                       [this](http::Request request, std::function<void(runtime::UpgradeAnswer)> answer) {
                         front->OnUpgrade(std::move(request), std::move(answer));
                       },
                       metrics, log));
  BONGSU_TRY(admin, AdminSocket::Open(fs::path(options.data) / "run" / "admin.sock", *shards, AdminHouse{*office, *directory, *clock}, log));
  return {};
}

Result<void> Server::Parts::AnnounceReady() {
  const bool six = options.host.find(':') != std::string::npos;
  json::Value line;
  line.Set("event", "ready");
  line.Set("http", fmt::format("http://{}:{}", six ? "[" + options.host + "]" : options.host, http->port()));
  line.Set("pid", static_cast<std::int64_t>(getpid()));
  line.Set("connectors", senses->Ports());
  ready = line;
  return WriteFile(fs::path(options.data) / "run" / "ready.json", json::ToString(line) + "\n", fs::perms::owner_read | fs::perms::owner_write);
}

api::Routes Server::Parts::AllRoutes() {
  const api::FindDesk find = [this](const guard::Principal& caller) -> std::shared_ptr<api::TenantDesk> {
    const auto house = houses->Find(caller.tenant);
    return house ? house->desk_view() : nullptr;
  };
  api::Routes all = watch->Routes();
  const auto add = [&](api::Routes routes) { std::ranges::move(routes, std::back_inserter(all)); };
  add(api::AlarmRoutes(find));
  add(api::IncidentRoutes(find));
  add(api::NoticeRoutes(find));
  add(api::CameraRoutes([this]() -> const context::Replica* { return &context->replica(shards->Current()); }));
  add(api::SessionRoutes(*session_house));
  add(api::UserRoutes(*people_house));
  add(api::TokenRoutes(*people_house));
  add(api::TenantRoutes(*people_house));
  add(api::AuditRoutes(*audit_house));
  add(connectors::ConnectorRoutes(*senses));
  add(api::RuleRoutes({.rules = [this] { return packs.rules; }, .matches = {}, .findings = [this](const api::FindingQuery& query, std::function<void(std::vector<model::Finding>)> done) {
                         const auto house = houses->Find(query.tenant);
                         if (!house) return done({});
                         shards->Post(house->shard(), [house, query, done = std::move(done)] { done(house->findings().Find(query)); });
                       }}));
  add(ngsi::NgsiRoutes(*ngsi));
  const auto replica_here = [this]() -> const context::Replica* { return &context->replica(shards->Current()); };
  add(api::AssetRoutes(replica_here, *ngsi));
  std::vector<api::SearchSource> searched{api::EntitySource(replica_here)};
  const std::string addresses = options.config.city + "/addresses.ndjson";
  auto places = api::CitySource(city->description, fs::exists(addresses) ? addresses : std::string());
  if (places) {
    searched.push_back(std::move(*places));
  } else {
    log.Failure("server.addresses_left_out", places.error());
  }
  add(api::SearchRoutes(std::move(searched)));
  add(api::PastRoutes(*context, *ngsi));
  add(map::CityRoutes(city));
  add({{"*", "/api/**", guard::Permission::kNone, [](const api::Call& call, const http::Respond& respond) {
          respond(http::ProblemResponse({Code::kNotSupported, "http.not_built", fmt::format("{} {} is not built yet", call.request.method, call.request.path)}));
        }}});
  add(files::ConsoleRoutes());
  return idempotency->Wrap(std::move(all));
}

runtime::UpgradeAnswer Server::Parts::AcceptLive(const http::Request& request, const guard::Principal& caller) const {
  runtime::UpgradeAnswer answer;
  const auto house = houses->Find(caller.tenant);
  if (!house || !house->hub()) {
    answer.refusal = http::ProblemResponse({Code::kNotFound, "guard.no_tenant", fmt::format("there is no tenant '{}'", caller.tenant_name)});
    return answer;
  }
  answer.accept = true;
  const std::string_view token = guard::SubProtocolBearerOf(request.Header("Sec-WebSocket-Protocol"));
  if (!token.empty()) answer.protocol = "bearer." + std::string(token);
  answer.handlers = house->hub()->Accept(caller, kVersion);
  return answer;
}

Exit ExitOf(const Error& error) {
  if (error.reason == "journal.locked") return Exit::kLocked;
  if (error.code == Code::kCorrupt) return Exit::kCorrupt;
  return error.code == Code::kInvalidArgument || error.code == Code::kNotFound ? Exit::kUsage : Exit::kFinding;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Server::~Server() { Stop(); }
const json::Value& Server::ready() const { return parts_->ready; }

Result<std::unique_ptr<Server>> Server::Open(ServeOptions options, const Log& log) {
  auto parts = std::make_unique<Parts>(std::move(options), log);
  BONGSU_CHECK(parts->OpenStorage());
  BONGSU_CHECK(parts->OpenStages());
  parts->OpenGuard();
  std::unique_ptr<Server> server{new Server(std::move(parts))};  // NOLINT: private constructor; from here on Stop cleans up
  Parts& p = *server->parts_;
  BONGSU_CHECK(p.OpenSenses());
  BONGSU_TRY(const store::Recovered recovered, p.context->Recover());
  BONGSU_CHECK(p.stages->Recover([&](const model::Record& record) { p.senses->Fold(record); }));
  log.Info("server.recovered", {{"entities", static_cast<std::int64_t>(recovered.entities)},
                                {"folded", static_cast<std::int64_t>(recovered.records)},
                                {"seconds", recovered.seconds}});
  p.committer->SetSink([&p](std::size_t shard, std::span<const model::Record* const> records) { p.stages->OnCommitted(shard, records); });
  p.stages->set_on_findings([&p](std::uint16_t tenant, std::vector<model::Finding> findings) { p.houses->Tell(tenant, std::move(findings)); });
  BONGSU_CHECK(p.committer->Start());
  p.shards->Start();
  p.running = true;
  BONGSU_CHECK(p.OpenTenants());
  if (!p.options.open) BONGSU_CHECK(FirstAdministrator(p));
  p.sessions->Start();
  p.context->Start();
  p.stages->Start();
  BONGSU_CHECK(p.senses->Start());
  p.shards->Post(0, [&p] { p.CountConnectors(); });
  BONGSU_CHECK(p.OpenDoors());
  BONGSU_CHECK(p.AnnounceReady());
  return server;
}

/// Makes `admin` with a one-time password: on the terminal, else in run/first-password (0600), never in a log.
Result<void> Server::FirstAdministrator(Parts& parts) {
  const fs::path file = fs::path(parts.options.data) / "run" / "first-password";
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const auto made = [file, terminal](const std::string& password) -> Result<void> {
    if (!terminal) return WriteFile(file, password + "\n", fs::perms::owner_read | fs::perms::owner_write);
    fmt::print("The first administrator is admin, with the one-time password {}\n", password);
    return {};
  };
  const auto done = WaitFor<json::Value>(*parts.shards, 0, [&](const std::function<void(Result<json::Value>)>& answer) {
    parts.office->EnsureFirstAdministrator(made, answer);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return {};
}

void Server::Stop() {
  Parts& p = *parts_;
  if (p.admin) p.admin->Close();
  if (p.http) p.http->Close();
  if (p.senses) p.senses->Stop();
  if (p.committer) p.committer->Stop();
  if (p.running) {
    std::promise<void> saved;
    p.context->FlushAll([&saved] { saved.set_value(); });
    saved.get_future().wait_for(std::chrono::seconds{10});  // what is not saved is folded again at the next start
  }
  p.running = false;
  if (p.shards) p.shards->Stop();
  if (p.pool) p.pool->Stop();
  std::error_code ignored;
  fs::remove(fs::path(p.options.data) / "run" / "ready.json", ignored);
}

int RunServe(std::span<const std::string> args) {
  if (std::ranges::find(args, "--help") != args.end()) {
    fmt::print("{}", ServeHelp());
    return 0;
  }
  // Before any thread is made, so that every thread leaves the signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const Log log;
  auto options = ParseServe(args);
  auto server = options ? Server::Open(std::move(*options), log) : Result<std::unique_ptr<Server>>(tl::unexpected<Error>(options.error()));
  if (!server) {
    fmt::print(stderr, "bongsu: {}\n", server.error().message);
    return static_cast<int>(ExitOf(server.error()));
  }
  fmt::print("{}\n", json::ToString((*server)->ready()));
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  log.Info("server.stopping", {{"signal", received}});
  (*server)->Stop();
  return 0;
}

}  // namespace bongsu::app
