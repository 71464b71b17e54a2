// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "app/admin_client.hpp"
#include "app/audit_command.hpp"
#include "app/restore.hpp"
#include "app/server.hpp"
#include "app/state_insight.hpp"
#include "decide/rules/command.hpp"
#include "know/journal/offline/commands.hpp"
#include "replay/command.hpp"
#include "scenario/run.hpp"

namespace bongsu::app {
namespace {

using Args = std::span<const std::string>;

struct Command {
  std::string_view name;
  std::string_view what;
  int (*run)(Args args);  ///< Gets what follows the name.
};

int Journal(Args args) { return journal::RunJournalCommand(args, InsightOfState()); }

int Recover(Args args) {
  std::vector<std::string> words{"recover"};
  words.insert(words.end(), args.begin(), args.end());
  return journal::RunJournalCommand(words);
}

/// The replay starts a server of its own when it is given none: this same program.
int Replay(Args args) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return replay::Run(args, error ? std::string("bongsu") : program.string());
}

int Rules(Args args) {
  if (!args.empty() && args.front() == "reload") return RunAdmin("rules", args);
  return rules::RunRulesCommand({args.begin(), args.end()});
}

int Version(Args) {
  fmt::print("bongsu {}\n", kVersion);
  return 0;
}

// The commands of docs/configuration.md, in the order of its table.
constexpr std::array<Command, 17> kCommands{{
    {"serve", "run the operation centre", RunServe},
    {"user", "add, list, disable or reset accounts of the running server",
     [](Args args) { return RunAdmin("user", args); }},
    {"token", "create, list or revoke access tokens of the running server",
     [](Args args) { return RunAdmin("token", args); }},
    {"tenant", "create or list tenants of the running server", [](Args args) { return RunAdmin("tenant", args); }},
    {"routes", "list every operation of the running server's HTTP interface",
     [](Args args) { return RunAdmin("routes", args); }},
    {"audit", "verify the audit chain, without the server", RunAuditCommand},
    {"journal", "inspect, verify or export the journal, without the server", Journal},
    {"recover", "open a journal that lost acknowledged records (--accept-loss)", Recover},
    {"rules", "check rules, run them over a file of events, or reload those of the running server", Rules},
    {"scenario", "run a scenario of the whole city",
     [](Args args) { return scenario::RunScenarioCommand({args.begin(), args.end()}); }},
    {"replay", "play recorded data as protocol traffic", Replay},
    {"backup", "copy everything the running server knows into a new folder", RunBackup},
    {"restore", "make a data directory of a backup, without the server", RunRestore},
    {"outbox", "say whether notices are held after a restore, and let them go",
     [](Args args) { return RunAdmin("outbox", args); }},
    {"erase", "destroy the keys of personal values of a case, a person or a day",
     [](Args args) { return RunAdmin("erase", args); }},
    {"hold", "place, list or release legal holds, which keep a case or person from being erased",
     [](Args args) { return RunAdmin("hold", args); }},
    {"version", "print the version", Version},
}};

void PrintHelp(std::FILE* out) {
  fmt::print(out, "usage: bongsu COMMAND [options]     (every command has --help)\n\n");
  for (const Command& command : kCommands) fmt::print(out, "  {:<10} {}\n", command.name, command.what);
  fmt::print(out, "\nExit codes: 0 ok, 1 finding, 2 usage, 3 locked by another process, 4 corrupt.\n");
}

}  // namespace

int RunCommand(Args args) {
  if (args.empty() || args.front() == "--help" || args.front() == "-h" || args.front() == "help") {
    PrintHelp(args.empty() ? stderr : stdout);
    return args.empty() ? static_cast<int>(Exit::kUsage) : 0;
  }
  for (const Command& command : kCommands) {
    if (command.name == args.front()) return command.run(args.subspan(1));
  }
  fmt::print(stderr, "bongsu: there is no command '{}'\n\n", args.front());
  PrintHelp(stderr);
  return static_cast<int>(Exit::kUsage);
}

}  // namespace bongsu::app
