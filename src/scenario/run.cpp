// SPDX-License-Identifier: Apache-2.0
#include "scenario/run.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace bongsu::scenario {
namespace {

/// The agencies the scenario names. They are not called: the outbox is held.
dispatch::Peers PeersOf(const Script& script) {
  dispatch::Peers peers;
  for (const Step& step : script.steps) {
    if (step.kind != Step::Kind::kAgency) continue;
    dispatch::Peer peer;
    peer.id = step.peer;
    peer.name = {step.peer, step.peer};
    peer.channel = step.channel;
    if (step.channel == "safety_net") peer.source = step.peer;
    peers.insert_or_assign(peer.id, peer);
  }
  return peers;
}

std::string ToLine(const Report& report) {
  json::Writer w;
  w.Object()
      .Key("ok")
      .Bool(report.ok())
      .Key("steps")
      .Int(static_cast<std::int64_t>(report.steps))
      .Key("failed")
      .Array();
  for (const std::string& failed : report.failed) w.String(failed);
  w.End().End();
  return w.Take();
}

}  // namespace

Result<Report> RunScript(const Script& script, const std::string& packs, const std::function<void(Stage&)>& look) {
  BONGSU_TRY(const std::unique_ptr<Stage> stage, Stage::Make(packs, Player::Midnight(), PeersOf(script)));
  Report report;
  Player player{*stage, report};
  for (const Step& step : script.steps) player.Play(step);
  player.Finish();
  if (look) look(*stage);
  return report;
}

int RunScenarioCommand(const std::vector<std::string>& args) {
  std::vector<std::string> files;
  std::string packs = "packs";
  bool as_json = false;
  bool bad = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json")
      as_json = true;
    else if (args[i] == "--packs" && i + 1 < args.size())
      packs = args[++i];
    else if (args[i].starts_with("--"))
      bad = true;
    else
      files.push_back(args[i]);
  }
  if (bad || files.empty()) {
    fmt::print(stderr, "usage: bongsu scenario FILE.city... [--packs DIR] [--json]\n");
    return 2;
  }
  bool ok = true;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto script = in ? ReadScript(text, file)
                     : Result<Script>{Fail(Code::kNotFound, "scenario.no_file", "{} cannot be read", file)};
    auto report = script ? RunScript(*script, packs) : Result<Report>{tl::unexpected<Error>(script.error())};
    if (!report) report = Report{0, {report.error().message}};
    ok = ok && report->ok();
    if (as_json) {
      fmt::print("{}\n", ToLine(*report));
    } else {
      fmt::print("{} {} ({} steps)\n", report->ok() ? "ok    " : "FAILED", file, report->steps);
      for (const std::string& failed : report->failed) fmt::print("       {}\n", failed);
    }
  }
  return ok ? 0 : 1;
}

}  // namespace bongsu::scenario
