// SPDX-License-Identifier: Apache-2.0
// The doors of a server: HTTP with all routes, the live socket, the administrator's socket, the ready line.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "app/commands.hpp"
#include "app/private_file.hpp"
#include "app/server_parts.hpp"
#include "app/tenant_house.hpp"
#include "guard/credentials.hpp"
#include "serve/alarms/alarm_routes.hpp"
#include "serve/assets/asset_routes.hpp"
#include "serve/cameras/camera_routes.hpp"
#include "serve/connectors/routes.hpp"
#include "serve/files/embedded_console.hpp"
#include "serve/incidents/incident_routes.hpp"
#include "serve/ngsi/queue_routes.hpp"
#include "serve/ngsi/referrer_routes.hpp"
#include "serve/notices/notice_routes.hpp"
#include "serve/rules/rule_routes.hpp"
#include "serve/temporal/routes.hpp"

namespace bongsu::app {

namespace fs = std::filesystem;

Result<void> Server::Parts::OpenDoors() {
  const auto authenticate = [this](const http::Request& request, std::function<void(Result<guard::Principal>)> done) {
    authenticator->Authenticate(request, std::move(done));
  };
  watch->set_unready([this] {
    std::vector<std::string> reasons;
    if (const auto health = committer->Health(); !health) reasons.push_back(health.error().message);
    if (const double seconds = committer->SyncSeconds(); seconds >= DiskWatch::kStuckSeconds)
      reasons.push_back(fmt::format("a synced write takes {:.1f} s: the disk does not keep up", seconds));
    return reasons;
  });
  const auto post_to = [this](std::size_t shard) -> api::Idempotency::Post {
    return [this, shard](std::function<void()> work) { shards->Post(shard, std::move(work)); };
  };
  idempotency = std::make_shared<api::Idempotency>(
      *clock, post_to(0), [this, post_to] { return post_to(shards->Current()); }, metrics);
  unsealer = std::make_unique<api::Unsealer>(api::Unsealer::Parts{*shards, *keyring, *directory, metrics});
  erasure_house = std::make_unique<api::ErasureHouse>(
      api::ErasureHouse{*shards, *keyring, *directory, [this](std::uint16_t tenant) -> const sealing::ErasureBook* {
                          const auto house = houses->Find(tenant);
                          return house ? &house->erasures() : nullptr;
                        }});
  front = std::make_unique<Front>(
      AllRoutes(), authenticate,
      [this](const http::Request& request, const guard::Principal& caller) { return AcceptLive(request, caller); },
      *unsealer, metrics);
  BONGSU_TRY(http, runtime::HttpServer::Open(
                       *shards, {.host = options.host, .port = options.port},
                       [this](http::Request request, http::Respond respond) {
                         front->OnRequest(std::move(request), std::move(respond));
                       },
                       [this](const http::Request& request, std::function<void(runtime::UpgradeAnswer)> answer) {
                         front->OnUpgrade(request, std::move(answer));
                       },
                       metrics, log));
  BONGSU_TRY(admin, AdminSocket::Open(fs::path(options.data) / "run" / "admin.sock", *shards, MakeAdminHouse(), log));
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
  return WritePrivateFile(fs::path(options.data) / "run" / "ready.json", json::ToString(line) + "\n");
}

AdminHouse Server::Parts::MakeAdminHouse() {
  AdminHouse house{*office, *directory, *clock,
                   [this](const guard::Who& who, guard::AccountOffice::Answer answer) {
                     rule_office->Reload(who, std::move(answer));
                   },
                   [this] { return front->ListRoutes(); }};
  house.start_backup = [this](const guard::Who& who, const std::string& to, guard::AccountOffice::Answer answer) {
    if (const auto started = backup->Start(to); !started) return answer(tl::unexpected<Error>(started.error()));
    office->OnDesk(
        guard::kPlatformTenant, guard::ActorOf(who), false,
        [to](desk::DeskBatch& batch, const guard::TenantDesk&) -> Result<json::Value> {
          batch.Audit("backup.make", "backup", json::Object{{"to", to}});
          return json::Value{};
        },
        [this, answer = std::move(answer)](const Result<json::Value>& recorded) {
          answer(recorded ? Result<json::Value>{backup->Status()} : recorded);
        });
  };
  house.backup_status = [this] { return backup->Status(); };
  house.release_outbox = [this](const guard::Who& who, std::uint16_t tenant, guard::AccountOffice::Answer answer) {
    const auto propose = [of_tenant = houses->Find(tenant)](desk::DeskBatch& batch,
                                                            const guard::TenantDesk&) -> Result<json::Value> {
      json::Value released = of_tenant->outbox().Release(batch);
      batch.Audit("outbox.release", "outbox", released);
      return released;
    };
    office->OnDesk(tenant, guard::ActorOf(who), false, propose, std::move(answer));
  };
  const auto home = [this](const guard::AccountOffice::Answer& answer) -> guard::AccountOffice::Answer {
    return [this, answer, shard = shards->Current()](const Result<json::Value>& done) {
      shards->Post(shard, [answer, done] { answer(done); });
    };
  };
  house.erase = [this, home](const guard::Who& who, std::uint16_t tenant, const json::Value& body,
                             const guard::AccountOffice::Answer& answer) {
    api::ErasePersonal(*erasure_house, tenant, guard::ActorOf(who), body, home(answer));
  };
  house.place_hold = [this, home](const guard::Who& who, std::uint16_t tenant, const json::Value& body,
                                  const guard::AccountOffice::Answer& answer) {
    api::PlaceHold(*erasure_house, tenant, guard::ActorOf(who), body, home(answer));
  };
  house.lift_hold = [this, home](const guard::Who& who, std::uint16_t tenant, const std::string& id,
                                 const std::string& reason, const guard::AccountOffice::Answer& answer) {
    api::LiftHold(*erasure_house, tenant, guard::ActorOf(who), id, reason, home(answer));
  };
  house.list_holds = [this, home](std::uint16_t tenant, const guard::AccountOffice::Answer& answer) {
    api::ListHolds(*erasure_house, tenant, home(answer));
  };
  house.outbox_status = [this](std::uint16_t tenant, guard::AccountOffice::Answer answer) {
    const auto of_tenant = houses->Find(tenant);
    shards->Post(of_tenant->shard(), [this, of_tenant, home = shards->Current(), answer = std::move(answer)] {
      json::Value status = json::Object{{"held", of_tenant->outbox().held()},
                                        {"waiting", static_cast<std::int64_t>(of_tenant->outbox().waiting())}};
      shards->Post(home, [answer, status = std::move(status)] { answer(status); });
    });
  };
  return house;
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
  add(api::RuleRoutes(
      {.rules = [this] { return stages->rules(shards->Current()); },
       .matches = {},
       .reload = [this](const guard::Who& who, RuleOffice::Answer done) { rule_office->Reload(who, std::move(done)); },
       .findings =
           [this](const api::FindingQuery& query, std::function<void(std::vector<model::Finding>)> done) {
             const auto house = houses->Find(query.tenant);
             if (!house) return done({});
             shards->Post(house->shard(),
                          [house, query, done = std::move(done)] { done(house->findings().Find(query)); });
           }}));
  add(temporal::TemporalRoutes(
      {*ngsi, *context, static_cast<std::size_t>(std::max<std::int64_t>(options.config.temporal_instances, 1))}));
  add(ngsi::NgsiRoutes(*ngsi));
  add(ngsi::QueueRoutes(*ngsi));
  add(ngsi::ReferrerRoutes(*ngsi));
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
  add(api::ErasureRoutes(*erasure_house));
  add({{"*", "/api/**", guard::Permission::kNone, [](const api::Call& call, const http::Respond& respond) {
          respond(
              http::ProblemResponse({Code::kNotSupported, "http.not_built",
                                     fmt::format("{} {} is not built yet", call.request.method, call.request.path)}));
        }}});
  add(files::ConsoleRoutes());
  return idempotency->Wrap(std::move(all));
}

runtime::UpgradeAnswer Server::Parts::AcceptLive(const http::Request& request, const guard::Principal& caller) const {
  runtime::UpgradeAnswer answer;
  const auto house = houses->Find(caller.tenant);
  if (!house || !house->hub()) {
    answer.refusal = http::ProblemResponse(
        {Code::kNotFound, "guard.no_tenant", fmt::format("there is no tenant '{}'", caller.tenant_name)});
    return answer;
  }
  answer.accept = true;
  const std::string_view token = guard::SubProtocolBearerOf(request.Header("Sec-WebSocket-Protocol"));
  if (!token.empty()) answer.protocol = "bearer." + std::string(token);
  answer.handlers = house->hub()->Accept(caller, kVersion);
  return answer;
}

}  // namespace bongsu::app
