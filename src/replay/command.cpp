// SPDX-License-Identifier: Apache-2.0
#include "replay/command.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>

#include "replay/own_server.hpp"
#include "replay/player.hpp"

namespace bongsu::replay {
namespace {

constexpr double kOwnSpeed = 1440;  // a day in a minute

/// Value of PREFIX_TENANT, else of PREFIX; empty when neither is set.
std::string FromEnvironment(const std::string& prefix, std::string_view tenant) {
  std::string name = prefix + "_";
  for (const char letter : tenant) {
    const auto code = static_cast<unsigned char>(letter);
    name += std::isalnum(code) != 0 ? static_cast<char>(std::toupper(code)) : '_';
  }
  for (const std::string& variable : {name, prefix}) {
    if (const char* const value = std::getenv(variable.c_str()))
      return value;  // NOLINT(concurrency-mt-unsafe): nobody sets it
  }
  return {};
}

std::string TokenFor(std::string_view tenant) { return FromEnvironment("BONGSU_TOKEN", tenant); }

std::string WatchTokenFor(std::string_view tenant) {
  const std::string token = FromEnvironment("BONGSU_WATCH_TOKEN", tenant);
  return token.empty() ? TokenFor(tenant) : token;
}

/// A line on standard error from time to time: how far it is.
void TellProgress(runtime::Shards& shards, std::shared_ptr<const std::vector<std::shared_ptr<Player>>> players) {
  constexpr std::chrono::milliseconds kEvery{30'000};
  shards.After(0, kEvery, [&shards, players = std::move(players)] {
    std::size_t sent = 0, all = 0;
    for (const auto& player : *players) {
      sent += player->sent();
      all += player->tally().rows_in;
    }
    fmt::print(stderr, "bongsu replay: {} of {} rows\n", sent, all);
    TellProgress(shards, players);
  });
}

Result<ServerClock> AskClock(runtime::Shards& shards, const std::string& server) {
  auto promise = std::make_shared<std::promise<Result<http::Response>>>();
  shards.Post(0, [&shards, server, promise] {
    runtime::HttpSend(shards, 0, {.method = "GET", .url = server + "/health", .headers = {}, .body = {}},
                      [promise](Result<http::Response> response) { promise->set_value(std::move(response)); });
  });
  BONGSU_TRY(const http::Response response, promise->get_future().get());
  const auto body = json::Parse(response.body);
  if (!body || !(*body)["clock"].IsObject())
    return Fail(Code::kUnavailable, "replay.no_server", "{}/health is no answer of this server", server);
  ServerClock clock;
  BONGSU_TRY(clock.now, ParseTime((*body)["clock"]["now"].AsString()));
  clock.scale = (*body)["clock"]["scale"].AsDouble(1);
  clock.seen = std::chrono::steady_clock::now();
  return clock;
}

struct Window {
  TimePoint from{};
  TimePoint until{};
};

Result<Window> WindowOf(const Options& options, const Dataset& set) {
  Window window{set.from, set.from + set.window};
  if (options.all && options.from.empty() && !set.rows.empty()) window.from = set.rows.front().at;
  if (!options.from.empty()) {
    Result<TimePoint> local = Fail(Code::kInvalidArgument, "app.usage",
                                   "--from '{}' is no local time such as 2017-03-20T06:00", options.from);
    for (const std::string_view format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
      if (auto read = ParseLocal(options.from, format, std::chrono::minutes{0})) local = *read;
    }
    BONGSU_CHECK(local);
    window.from = set.zone->ToUtc(*local);
    window.until = window.from + set.window;
  }
  if (options.length) window.until = window.from + *options.length;
  if (options.all) window.until = kNever;
  return window;
}

json::Value Report(const std::vector<std::shared_ptr<Player>>& players, double seconds) {
  Tally sum;
  json::Value sources{json::Object{}};
  const auto put = [](json::Value& into, const Tally& tally) {
    into.Set("rows_in", tally.rows_in);
    into.Set("accepted", tally.accepted);
    into.Set("refused", tally.refused);
    into.Set("duplicate", tally.duplicate);
    into.Set("quarantined", tally.quarantined);
  };
  for (const auto& player : players) {
    const Tally& tally = player->tally();
    sum.rows_in += tally.rows_in;
    sum.accepted += tally.accepted;
    sum.refused += tally.refused;
    sum.duplicate += tally.duplicate;
    sum.quarantined += tally.quarantined;
    json::Value one;
    put(one, tally);
    one.Set("tenant", player->set().tenant);
    one.Set("source", player->set().source);
    one.Set("file", tally.file);
    one.Set("shift_s", static_cast<double>(tally.shift.count()) / 1e6);
    if (tally.sent_again > 0) one.Set("sent_again", tally.sent_again);
    if (!tally.error.empty()) one.Set("error", tally.error);
    sources.Set(player->set().name, std::move(one));
  }
  json::Value report;
  put(report, sum);
  report.Set("seconds", std::round(seconds * 1000) / 1000);
  report.Set("sources", std::move(sources));
  return report;
}

void PrintForPeople(const json::Value& report) {
  for (const auto& [name, one] : report["sources"].AsObject()) {
    std::printf("%-20s %8lld rows: %lld accepted, %lld duplicate, %lld quarantined, %lld refused%s\n", name.c_str(),
                static_cast<long long>(one["rows_in"].AsInt()), static_cast<long long>(one["accepted"].AsInt()),
                static_cast<long long>(one["duplicate"].AsInt()), static_cast<long long>(one["quarantined"].AsInt()),
                static_cast<long long>(one["refused"].AsInt()),
                one["error"].IsString() ? fmt::format(" ({})", one["error"].AsString()).c_str() : "");
  }
}

Result<double> Number(std::string_view flag, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0))
    return Fail(Code::kInvalidArgument, "app.usage", "{} wants a number above 0, not '{}'", flag, text);
  return value;
}

}  // namespace

Result<json::Value> Play(const Options& options, const std::string& server) {
  BONGSU_TRY(std::vector<Dataset> sets, FindDatasets(options.data, options.only));
  if (sets.empty())
    return Fail(Code::kInvalidArgument, "replay.nothing", "{} holds nothing that can be played", options.data);
  runtime::Shards shards{1};
  shards.Start();
  Target target{.server = server, .clock = {}, .token = TokenFor, .watch_token = WatchTokenFor};
  BONGSU_TRY(target.clock, AskClock(shards, server));
  if (options.speed && std::abs(*options.speed - target.clock.scale) > 1e-9) {
    return Fail(Code::kInvalidArgument, "app.usage",
                "--speed {} but the server's clock runs at {}: they must be the same", *options.speed,
                target.clock.scale);
  }
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Player>> players;
  for (Dataset& set : sets) {
    BONGSU_TRY(const Window window, WindowOf(options, set));
    players.push_back(Player::Make(shards, target, std::move(set), window.from, window.until, target.clock.now));
  }
  TellProgress(shards, std::make_shared<const std::vector<std::shared_ptr<Player>>>(players));
  std::promise<void> all;
  std::size_t left = players.size();
  shards.Post(0, [&] {
    for (const auto& player : players) {
      player->Play([&] {
        if (--left == 0) all.set_value();
      });
    }
  });
  all.get_future().wait();
  shards.Stop();
  return Report(players, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

Result<Options> ParseOptions(std::span<const std::string> args) {
  Options options;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& flag = args[i];
    if (flag == "--json") {
      options.json = true;
      continue;
    }
    if (flag != "--data" && flag != "--server" && flag != "--speed" && flag != "--from" && flag != "--for" &&
        flag != "--only") {
      return Fail(Code::kInvalidArgument, "app.usage", "'{}' is not known; see bongsu replay --help", flag);
    }
    if (i + 1 == args.size()) return Fail(Code::kInvalidArgument, "app.usage", "{} wants a value", flag);
    const std::string& value = args[++i];
    if (flag == "--data") options.data = value;
    if (flag == "--from") options.from = value;
    if (flag == "--server") options.server = value.ends_with('/') ? value.substr(0, value.size() - 1) : value;
    if (flag == "--speed") {
      BONGSU_TRY(options.speed, Number(flag, value));
    }
    if (flag == "--for" && value == "all") {
      options.all = true;
    } else if (flag == "--for") {
      BONGSU_TRY(options.length, ParseDuration(value));
    }
    if (flag != "--only") continue;
    const std::vector<std::string> names = DatasetNames();
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t comma = std::min(value.find(',', at), value.size());
      const std::string name = value.substr(at, comma - at);
      if (std::ranges::find(names, name) == names.end())
        return Fail(Code::kInvalidArgument, "app.usage", "--only: there is no set '{}'", name);
      options.only.push_back(name);
      at = comma + 1;
    }
  }
  if (options.data.empty()) return Fail(Code::kInvalidArgument, "app.usage", "--data DIR is missing");
  return options;
}

std::string Help() {
  std::string names;
  for (const std::string& name : DatasetNames()) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  return fmt::format(
      "usage: bongsu replay --data DIR [--server URL] [--speed S] [--from T --for D] [--only NAME,...] [--json]\n"
      "Plays recorded files to a server as protocol traffic; times of each file are moved by one constant, which the "
      "report names.\n\n"
      "  --data DIR    folder with the recorded files, found by name and header\n"
      "  --server URL  server to play to; without it one is started in a temporary folder\n"
      "  --speed S     must be the scale of the server's clock; for a server of its own the scale it gets (default "
      "{})\n"
      "  --from T      begin at this local time of the files (2017-03-20T06:00) instead of each set's own window\n"
      "  --for D       how much of the file (24h); all: to its end\n"
      "  --only NAMES  of {}\n"
      "  --json        one line of JSON\n"
      "A server with sign-in: BONGSU_TOKEN_<TENANT> or BONGSU_TOKEN in the environment (role application); for syslog, "
      "of\n"
      "which nothing but the link's counters tells what became, BONGSU_WATCH_TOKEN_<TENANT> too (role operator).\n",
      kOwnSpeed, names);
}

int Run(std::span<const std::string> args, const std::string& program) {
  if (std::ranges::find(args, "--help") != args.end()) {
    std::fputs(Help().c_str(), stdout);
    return 0;
  }
  const auto options = ParseOptions(args);
  const auto complain = [](const Error& error) {
    std::fprintf(stderr, "bongsu replay: %s\n", error.message.c_str());
    return error.reason == "app.usage" ? 2 : 1;
  };
  if (!options) return complain(options.error());
  std::unique_ptr<OwnServer> own;
  std::string server = options->server;
  if (server.empty()) {
    auto started = OwnServer::Start(program, options->speed.value_or(kOwnSpeed));
    if (!started) return complain(started.error());
    own = *std::move(started);
    server = own->url();
  }
  const auto report = Play(*options, server);
  if (!report) return complain(report.error());
  if (options->json) {
    std::printf("%s\n", json::ToString(*report).c_str());
  } else {
    PrintForPeople(*report);
  }
  const auto number = [&](std::string_view name) { return (*report)[name].AsInt(); };
  const bool adds_up =
      number("rows_in") == number("accepted") + number("refused") + number("duplicate") + number("quarantined");
  return adds_up && number("refused") == 0 ? 0 : 1;
}

}  // namespace bongsu::replay
