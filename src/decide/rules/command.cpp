// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/command.hpp"

#include <chrono>
#include <cstdio>
#include <map>

#include "decide/rules/engine.hpp"
#include "decide/rules/event_file.hpp"

namespace bongsu::rules {
namespace {

constexpr std::string_view kUsage =
    "usage: bongsu rules check PATH... [--var NAME=VALUE] [--json]\n"
    "       bongsu rules run --rules PATH --events FILE.ndjson[.gz] [--var NAME=VALUE] [--json]\n"
    "check reads rules and says what is wrong with them and how much memory each may take.\n"
    "run counts how often each rule fires over recorded events.\n";

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> events;
  Variables variables;
  bool json = false;
  bool bad = false;
};

Options ReadOptions(const std::vector<std::string>& args, bool check) {
  Options out;
  for (std::size_t i = 1; i < args.size(); ++i) {
    const std::string& arg = args[i];
    const auto next = [&]() -> std::string {
      if (i + 1 < args.size()) return args[++i];
      out.bad = true;
      return {};
    };
    if (arg == "--json")
      out.json = true;
    else if (arg == "--rules" && !check)
      out.paths.push_back(next());
    else if (arg == "--events" && !check)
      out.events.push_back(next());
    else if (arg == "--var") {
      const std::string pair = next();
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos)
        out.bad = true;
      else
        out.variables[pair.substr(0, equals)].push_back(pair.substr(equals + 1));
    } else if (check && !arg.starts_with("--"))
      out.paths.push_back(arg);
    else
      out.bad = true;
  }
  out.bad = out.bad || out.paths.empty() || (!check && out.events.empty());
  return out;
}

void Print(const std::string& text) { fmt::print("{}\n", text); }

void PrintComplaint(const Complaint& complaint, bool as_json) {
  if (!as_json)
    return Print(fmt::format("{}:{}:{}: {} [{}]", complaint.file, complaint.line, complaint.column, complaint.message,
                             complaint.code));
  json::Writer w;
  w.Object().Key("file").String(complaint.file).Key("line").Int(complaint.line).Key("column").Int(complaint.column);
  w.Key("code").String(complaint.code).Key("message").String(complaint.message).Key("bytes_bound").Int(0).End();
  Print(w.text());
}

int Check(const Options& options) {
  auto loaded = RuleSet::Load(options.paths, options.variables);
  const std::size_t files = loaded.files;
  auto built = RuleSet::Build(std::move(loaded.rules));
  std::uint64_t bound = 0;
  for (const RulePtr& rule : built.set->rules()) {
    // A single-event rule without dedupe has no window: its hits leave with the watermark, but the bound holds too.
    bound += rule->BytesBound();
    if (!options.json) {
      Print(fmt::format("{}:{}: {} ok, {} operator, at most {} bytes", rule->file, rule->line, rule->id,
                        OperatorName(rule->op), rule->BytesBound()));
      continue;
    }
    json::Writer w;
    w.Object().Key("file").String(rule->file).Key("line").Int(rule->line).Key("column").Int(1).Key("code").String("ok");
    w.Key("message").String(rule->id).Key("bytes_bound").Int(static_cast<std::int64_t>(rule->BytesBound())).End();
    Print(w.text());
  }
  std::vector<Complaint> complaints = std::move(loaded.complaints);
  complaints.insert(complaints.end(), built.complaints.begin(), built.complaints.end());
  for (const Complaint& complaint : complaints) PrintComplaint(complaint, options.json);
  json::Writer w;
  w.Object().Key("total").Object().Key("files").Int(static_cast<std::int64_t>(files));
  w.Key("rules").Int(static_cast<std::int64_t>(built.set->rules().size()));
  w.Key("complaints").Int(static_cast<std::int64_t>(complaints.size()));
  w.Key("bytes_bound").Int(static_cast<std::int64_t>(bound));
  w.Key("index_bytes").Int(static_cast<std::int64_t>(built.set->bytes())).End().End();
  Print(w.text());
  return complaints.empty() ? 0 : 1;
}

/// Counts per rule: hits of plain rules, findings of the others.
class FileRun {
 public:
  explicit FileRun(const std::shared_ptr<const RuleSet>& set)
      : set_{set}, detector_{set, context_}, engine_{set, context_}, hits_(set->rules().size()) {}

  void Line(std::string_view line) {
    ++events;
    const auto read = reader_.Read(line, set_->names(), view_);
    if (!read) {
      ++refused;
      return;
    }
    probes_.clear();
    detector_.MatchView(view_, read->log_source, read->unrouted, probes_);
    bool deeper = false;
    for (const ProbeHit& probe : probes_) {
      const Rule& rule = *set_->rules()[probe.rule];
      const bool plain = rule.op == OperatorKind::kEach;
      if (plain && rule.Tells()) ++hits_[probe.rule];
      deeper = deeper || !plain || !rule.feeds.empty();
    }
    if (deeper) Deep(*read);
  }

  std::map<std::string, std::uint64_t> Finish() {
    Count(engine_.OnTick(last_ + 24h * 32));
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      if (hits_[i] != 0) counts_[set_->rules()[i]->id] += hits_[i];
    }
    return counts_;
  }

  std::uint64_t events = 0;
  std::uint64_t refused = 0;

 private:
  void Deep(const ReadEvent& read) {
    auto event = EventLineReader::ToEvent(read);
    if (!event) return;
    event->position = {0, events};
    if (event->at == TimePoint{}) event->at = event->received_at = last_ + Duration{1};
    last_ = std::max(last_, event->at);
    event->received_at = last_;
    for (Hit& hit : engine_.OnEvent(*event)) {
      if (hit.rule->op != OperatorKind::kEach) Count(engine_.OnHit(std::move(hit)));
    }
    Count(engine_.OnTick(last_));
  }

  void Count(RuleEngine::Output out) {
    for (const model::Finding& finding : out.findings) {
      if (finding.revision == 1) ++counts_[finding.rule];
    }
    for (Hit& hit : out.hits) Count(engine_.OnHit(std::move(hit)));
  }

  std::shared_ptr<const RuleSet> set_;
  NoContext context_;
  Detector detector_;
  RuleEngine engine_;
  EventLineReader reader_;
  EventView view_;
  std::vector<ProbeHit> probes_;
  std::vector<std::uint64_t> hits_;
  std::map<std::string, std::uint64_t> counts_;
  TimePoint last_{};
};

int Run(const Options& options) {
  auto loaded = RuleSet::Load(options.paths, options.variables);
  auto built = RuleSet::Build(std::move(loaded.rules));
  FileRun run{built.set};
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& file : options.events) {
    const auto read = ForEachLine(file, [&](std::string_view line) { run.Line(line); });
    if (!read) {
      fmt::print(stderr, "{}\n", read.error().message);
      return 1;
    }
  }
  const auto counts = run.Finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  json::Writer w;
  w.Object()
      .Key("events")
      .Int(static_cast<std::int64_t>(run.events))
      .Key("seconds")
      .Double(seconds)
      .Key("matches")
      .Object();
  for (const auto& [id, count] : counts) w.Key(id).Int(static_cast<std::int64_t>(count));
  w.End().Key("rules").Int(static_cast<std::int64_t>(built.set->rules().size()));
  w.Key("rules_left_out").Int(static_cast<std::int64_t>(loaded.complaints.size() + built.complaints.size()));
  w.Key("refused").Int(static_cast<std::int64_t>(run.refused)).End();
  Print(w.text());
  return run.refused == 0 ? 0 : 1;
}

}  // namespace

int RunRulesCommand(const std::vector<std::string>& args) {
  const bool check = !args.empty() && args[0] == "check";
  const bool run = !args.empty() && args[0] == "run";
  if (!args.empty() && (args[0] == "--help" || args[0] == "-h")) {
    fmt::print("{}", kUsage);
    return 0;
  }
  const Options options = check || run ? ReadOptions(args, check) : Options{};
  if ((!check && !run) || options.bad) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  return check ? Check(options) : Run(options);
}

}  // namespace bongsu::rules
