// SPDX-License-Identifier: Apache-2.0
#include "scenario/run.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>

#include "scenario/stage.hpp"

namespace bongsu::scenario {
namespace {

constexpr Duration kLocal = 9h;  // Asia/Seoul
constexpr Duration kCalm = 10min;  // how long "no alarm" looks when it does not say

TimePoint Midnight() { return *ParseTime("2026-11-22T00:00:00+09:00"); }

std::string Digits(TimePoint local) {
  std::string out;
  for (const char letter : FormatUtc(std::chrono::floor<std::chrono::seconds>(local))) {
    if (letter >= '0' && letter <= '9') out += letter;
  }
  return out;
}

/// {utc} {kst} {local} (14 digits) {local12} {date} {hm} {n}; other braces are the message's own.
std::string Fill(std::string text, TimePoint now, int n) {
  const TimePoint local = now + kLocal;
  const std::string clock = FormatUtc(std::chrono::floor<std::chrono::seconds>(local));
  std::string utc = FormatUtc(now);
  const std::pair<std::string_view, std::string> values[]{
      {"{utc}", utc},           {"{kst}", clock.substr(0, 19) + "+09:00"}, {"{local}", Digits(local)}, {"{local12}", Digits(local).substr(0, 12)},
      {"{date}", clock.substr(0, 10)}, {"{hm}", clock.substr(11, 5)},      {"{n}", std::to_string(n)},
  };
  for (const auto& [name, value] : values) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
  }
  return text;
}

class Player {
 public:
  Player(Stage& stage, Report& report) : stage_{stage}, report_{report} {}

  void Play(const Step& step) {
    ++report_.steps;
    switch (step.kind) {
      case Step::Kind::kGiven: stage_.Give(step.entity); break;
      case Step::Kind::kWatch:
        if (auto watched = stage_.Watch(step.source); !watched) Fails(step, watched.error().message);
        break;
      case Step::Kind::kWait: stage_.PassTo(last_ = Midnight() + step.at); break;
      case Step::Kind::kSend: Send(step); break;
      case Step::Kind::kAlarm: Expect(step, false); break;
      case Step::Kind::kClear: Expect(step, true); break;
      case Step::Kind::kNoAlarm: ExpectNone(step); break;
    }
  }

  void Finish() {
    for (const Stage::Told* told : Unexpected()) {
      report_.failed.push_back(fmt::format("end: alarm {} ({}) was not expected", told->finding.rule, told->finding.title.en));
    }
  }

 private:
  void Fails(const Step& step, std::string why) { report_.failed.push_back(fmt::format("{}: {} — {}", step.line, step.text, why)); }

  void Send(const Step& step) {
    for (int n = 0; n < step.times; ++n) {
      last_ = Midnight() + step.at + n * step.every;
      stage_.PassTo(last_);
      const auto sent = stage_.Send(step.source, Fill(step.topic, last_, n + 1), Fill(step.body, last_, n + 1));
      if (!sent) Fails(step, sent.error().message);
    }
  }

  /// Alarms nobody claimed: the first telling of a finding with a severity.
  std::vector<const Stage::Told*> Unexpected() const {
    std::vector<const Stage::Told*> out;
    for (const Stage::Told& told : stage_.told()) {
      const bool alarm = told.finding.revision == 1 && told.finding.severity > 0 && !told.finding.clears;
      if (alarm && !claimed_.contains(told.finding.id)) out.push_back(&told);
    }
    return out;
  }

  void Expect(const Step& step, bool clears) {
    const TimePoint until = last_ + step.within;
    stage_.PassTo(std::max(until, stage_.now()));
    for (const Stage::Told& told : stage_.told()) {
      const model::Finding& finding = told.finding;
      if (finding.rule != step.rule || finding.clears != clears || told.at > until || told.at < last_) continue;
      if (step.severity != 0 && finding.severity != step.severity) continue;
      if (!clears && (finding.revision != 1 || !claimed_.insert(finding.id).second)) continue;
      ClaimRepeats(finding, until);
      return;
    }
    Fails(step, clears ? "it did not clear in time" : "it did not come in time");
  }

  /// Further findings of the same alarm only count in its row.
  void ClaimRepeats(const model::Finding& finding, TimePoint until) {
    for (const Stage::Told& told : stage_.told()) {
      if (told.finding.rule == finding.rule && told.finding.key == finding.key && told.finding.severity == finding.severity && told.at <= until) {
        claimed_.insert(told.finding.id);
      }
    }
  }

  void ExpectNone(const Step& step) {
    stage_.PassTo(std::max(last_ + (step.within == Duration{0} ? kCalm : step.within), stage_.now()));
    for (const Stage::Told* told : Unexpected()) {
      Fails(step, fmt::format("alarm {} came at {}: {}", told->finding.rule, FormatUtc(told->at), told->finding.title.en));
      claimed_.insert(told->finding.id);
    }
  }

  Stage& stage_;
  Report& report_;
  TimePoint last_ = Midnight();
  std::set<Hash128> claimed_;
};

std::string ToLine(const Report& report) {
  json::Writer w;
  w.Object().Key("ok").Bool(report.ok()).Key("steps").Int(static_cast<std::int64_t>(report.steps)).Key("failed").Array();
  for (const std::string& failed : report.failed) w.String(failed);
  w.End().End();
  return w.Take();
}

}  // namespace

Result<Report> RunScript(const Script& script, const std::string& packs) {
  BONGSU_TRY(const std::unique_ptr<Stage> stage, Stage::Make(packs, Midnight()));
  Report report;
  Player player{*stage, report};
  for (const Step& step : script.steps) player.Play(step);
  player.Finish();
  return report;
}

int RunScenarioCommand(const std::vector<std::string>& args) {
  std::vector<std::string> files;
  std::string packs = "packs";
  bool as_json = false;
  bool bad = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json") as_json = true;
    else if (args[i] == "--packs" && i + 1 < args.size()) packs = args[++i];
    else if (args[i].starts_with("--")) bad = true;
    else files.push_back(args[i]);
  }
  if (bad || files.empty()) {
    fmt::print(stderr, "usage: bongsu scenario FILE.city... [--packs DIR] [--json]\n");
    return 2;
  }
  bool ok = true;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto script = in ? ReadScript(text, file) : Result<Script>{Fail(Code::kNotFound, "scenario.no_file", "{} cannot be read", file)};
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
