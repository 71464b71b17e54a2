// SPDX-License-Identifier: Apache-2.0
#include "know/journal/offline/commands.hpp"

#include <optional>
#include <utility>

#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/verify.hpp"

namespace bongsu::journal {
namespace {

constexpr int kOk = 0, kFinding = 1, kUsage = 2, kLocked = 3, kCorrupt = 4;

struct Words {
  std::string command;
  std::filesystem::path data;
  bool json = false;
  bool accept_loss = false;
};

std::optional<Words> ReadWords(std::span<const std::string> args) {
  Words words;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json") {
      words.json = true;
    } else if (args[i] == "--accept-loss") {
      words.accept_loss = true;
    } else if (args[i] == "--data" && i + 1 < args.size()) {
      words.data = args[++i];
    } else if (words.command.empty() && (args[i] == "inspect" || args[i] == "verify" || args[i] == "recover")) {
      words.command = args[i];
    } else {
      return std::nullopt;
    }
  }
  if (words.command.empty() || words.data.empty() || (words.accept_loss && words.command != "recover")) return std::nullopt;
  return words;
}

int Complain(const Error& error) {
  fmt::print(stderr, "bongsu: {}: {}\n", error.reason, error.message);
  return ExitCodeOf(error);
}

void Print(std::FILE* out, const std::string& text) { fmt::print(out, "{}\n", text); }

int Inspect(const JournalPort& journal, const Words& words, const StateInsight& insight, std::FILE* out) {
  const JournalReport report = VerifyJournal(journal);
  const auto applied = insight.applied ? insight.applied(words.data) : std::map<std::uint16_t, StateInsight::Applied>{};
  json::Writer w;
  w.Object().Key("partitions").Array();
  for (const PartitionReport& one : report.partitions) {
    w.Object().Key("id").Int(one.partition);
    w.Key("first_seq").Int(static_cast<std::int64_t>(one.range.first_seq));
    w.Key("last_seq").Int(static_cast<std::int64_t>(one.range.last_seq));
    if (const auto state = applied.find(one.partition); state != applied.end()) {
      w.Key("checkpoint_seq").Int(static_cast<std::int64_t>(state->second.checkpoint_seq));
      w.Key("applied_seq").Int(static_cast<std::int64_t>(state->second.applied_seq));
    } else {
      w.Key("checkpoint_seq").Null().Key("applied_seq").Null();
    }
    w.Key("bytes").Int(static_cast<std::int64_t>(one.bytes)).Key("records_by_kind").Object();
    for (const auto& [kind, count] : one.records_by_kind) {
      w.Key(KindName(static_cast<model::Kind>(kind))).Int(static_cast<std::int64_t>(count));
    }
    w.End().End();
    if (!words.json) {
      fmt::print(out, "partition {:#06x}: seq {} to {}, {} records, {} bytes\n", one.partition, one.range.first_seq,
                 one.range.last_seq, one.records, one.bytes);
    }
  }
  w.End().Key("records").Int(static_cast<std::int64_t>(report.records));
  w.Key("problems").Int(static_cast<std::int64_t>(report.problems.size())).End();
  if (words.json) Print(out, w.text());
  return report.problems.empty() ? kOk : kCorrupt;
}

int Verify(const JournalPort& journal, const Words& words, const StateInsight& insight, std::FILE* out) {
  const JournalReport report = VerifyJournal(journal);
  std::optional<StateInsight::Hashes> hashes;
  if (insight.hashes && report.problems.empty()) {
    auto computed = insight.hashes(journal, words.data);
    if (!computed) return Complain(computed.error());
    hashes = *computed;
  }
  json::Writer w;
  w.Object();
  if (hashes) {
    w.Key("state_hash").String(ToText(hashes->state)).Key("fold_hash").String(ToText(hashes->fold));
    w.Key("equal").Bool(hashes->state == hashes->fold);
  } else {  // no state is kept beside this journal, or it cannot be folded
    w.Key("state_hash").Null().Key("fold_hash").Null().Key("equal").Null();
  }
  w.Key("ok").Bool(report.problems.empty()).Key("records").Int(static_cast<std::int64_t>(report.records));
  w.Key("journal_hash").String(ToText(report.hash)).Key("problems").Array();
  for (const Problem& problem : report.problems) {
    w.Object().Key("partition").Int(problem.position.partition).Key("seq").Int(static_cast<std::int64_t>(problem.position.seq));
    w.Key("reason").String(problem.reason).Key("message").String(problem.message).End();
    if (!words.json) fmt::print(out, "{} in partition {}: {}\n", problem.reason, problem.position.partition, problem.message);
  }
  w.End().End();
  if (words.json) {
    Print(out, w.text());
  } else {
    fmt::print(out, "{} records, {} problems{}\n", report.records, report.problems.size(),
               !hashes ? "" : (hashes->state == hashes->fold ? ", state equals fold" : ", state differs from fold"));
  }
  if (!report.problems.empty()) return kCorrupt;
  return hashes && hashes->state != hashes->fold ? kFinding : kOk;
}

int Recover(const Words& words, std::FILE* out) {
  EmbeddedOptions options;
  options.folder = words.data / "journal";
  options.must_exist = true;
  options.accept_loss = words.accept_loss;
  auto journal = EmbeddedJournal::Open(options);
  if (!journal) return Complain(journal.error());
  const JournalReport report = VerifyJournal(**journal);
  std::uint64_t lost = 0;
  json::Writer w;
  w.Object().Key("lost").Array();
  for (const auto& [partition, count] : (*journal)->accepted_loss()) {
    lost += count;
    w.Object().Key("partition").Int(partition).Key("records").Int(static_cast<std::int64_t>(count)).End();
    if (!words.json) fmt::print(out, "partition {}: {} acknowledged records are gone\n", partition, count);
  }
  w.End().Key("lost_records").Int(static_cast<std::int64_t>(lost)).Key("records").Int(static_cast<std::int64_t>(report.records));
  w.Key("problems").Int(static_cast<std::int64_t>(report.problems.size())).End();
  if (words.json) {
    Print(out, w.text());
  } else {
    fmt::print(out, "{} records are there, {} acknowledged ones are gone, {} problems\n", report.records, lost,
               report.problems.size());
  }
  return report.problems.empty() ? kOk : kCorrupt;
}

}  // namespace

int ExitCodeOf(const Error& error) {
  if (error.reason == "journal.locked") return kLocked;
  if (error.code == Code::kCorrupt) return kCorrupt;
  return kFinding;
}

int RunJournalCommand(std::span<const std::string> args, const StateInsight& insight, std::FILE* out) {
  const auto words = ReadWords(args);
  if (!words) {
    fmt::print(stderr, "usage: bongsu journal inspect|verify --data DIR [--json]\n"
                       "       bongsu recover --data DIR [--accept-loss] [--json]\n");
    return kUsage;
  }
  if (words->command == "recover") return Recover(*words, out);
  EmbeddedOptions options;
  options.folder = words->data / "journal";
  options.read_only = true;
  options.must_exist = true;
  auto journal = EmbeddedJournal::Open(options);
  if (!journal) return Complain(journal.error());
  return words->command == "inspect" ? Inspect(**journal, *words, insight, out) : Verify(**journal, *words, insight, out);
}

}  // namespace bongsu::journal
