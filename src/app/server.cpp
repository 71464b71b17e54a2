// SPDX-License-Identifier: Apache-2.0
#include "app/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <future>

#include "app/commands.hpp"
#include "app/server_parts.hpp"
#include "app/tenant_house.hpp"

namespace bongsu::app {

namespace fs = std::filesystem;

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
  BONGSU_CHECK(parts->ReadTenants());
  BONGSU_CHECK(parts->OpenStages());
  parts->OpenGuard();
  std::unique_ptr<Server> server{
      new Server(std::move(parts))};  // NOLINT: private constructor; from here on Stop cleans up
  Parts& p = *server->parts_;
  BONGSU_CHECK(p.OpenSenses());
  BONGSU_TRY(const store::Recovered recovered, p.context->Recover());
  BONGSU_CHECK(p.stages->Recover([&](const model::Record& record) { p.senses->Fold(record); }));
  log.Info("server.recovered", {{"entities", static_cast<std::int64_t>(recovered.entities)},
                                {"folded", static_cast<std::int64_t>(recovered.records)},
                                {"seconds", recovered.seconds}});
  p.context->set_on_held([&p](std::int64_t more) { p.committer->CountHeld(more); });
  p.committer->SetSink([&p](std::size_t shard, std::span<const model::Record* const> records) {
    p.context->WhenWhole(shard, records, [&p, shard](std::span<const model::Record* const> whole) {
      p.stages->OnCommitted(shard, whole);
      p.notifier->OnCommitted(shard, whole);
    });
  });
  p.stages->set_on_findings([&p](std::uint16_t tenant, std::vector<model::Finding> findings) {
    p.houses->Tell(tenant, std::move(findings));
  });
  BONGSU_CHECK(p.committer->Start());
  p.shards->Start();
  p.running = true;
  BONGSU_CHECK(p.OpenTenants());
  p.guard->EndOfStart();
  if (!p.options.open) BONGSU_CHECK(p.FirstAdministrator());
  p.sessions->Start();
  p.context->Start();
  BONGSU_CHECK(p.notifier->Recover());
  p.notifier->Start();
  p.stages->Start();
  p.TellPoison();
  BONGSU_CHECK(p.senses->Start());
  p.shards->Post(0, [&p] {
    p.CountConnectors();
    p.VerifyChains();
    p.MakeCheckpoints();
    p.WatchDisk();
    p.TrimJournal();
  });
  p.OpenRuleOffice();
  p.OpenBackup();
  BONGSU_CHECK(p.OpenDoors());
  BONGSU_CHECK(p.AnnounceReady());
  return server;
}

void Server::ReloadRules() {
  Parts& p = *parts_;
  p.shards->Post(0, [&p] { p.rule_office->Reload({{}, "SIGHUP"}, [](const Result<json::Value>&) {}); });  // it logs
}

void Server::Stop() {
  Parts& p = *parts_;
  if (p.admin) p.admin->Close();
  if (p.http) p.http->Close();
  if (p.senses) p.senses->Stop();
  if (p.committer) p.committer->Stop();
  if (p.keeper) p.keeper->Stop();
  if (p.running) {
    const auto saved = std::make_shared<std::promise<void>>();  // may be told after nobody waits any more
    p.context->FlushAll([saved](const Result<void>&) { saved->set_value(); });
    saved->get_future().wait_for(std::chrono::seconds{10});  // what is not saved is folded again at the next start
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
  if (isatty(STDIN_FILENO) == 0) sigaddset(&signals, SIGHUP);  // on a terminal it says that the terminal is gone
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const Log log;
  auto options = ParseServe(args);
  auto server = options ? Server::Open(std::move(*options), log)
                        : Result<std::unique_ptr<Server>>(tl::unexpected<Error>(options.error()));
  if (!server) {
    fmt::print(stderr, "bongsu: {}\n", server.error().message);
    return static_cast<int>(ExitOf(server.error()));
  }
  fmt::print("{}\n", json::ToString((*server)->ready()));
  std::fflush(stdout);
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) (*server)->ReloadRules();
  log.Info("server.stopping", {{"signal", received}});
  (*server)->Stop();
  return 0;
}

}  // namespace bongsu::app
