// SPDX-License-Identifier: Apache-2.0
#include "know/journal/offline/commands.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/verify.hpp"

namespace bongsu::journal {
namespace {

constexpr std::array<std::string_view, 4> kCommands{"inspect", "verify", "recover", "export"};
constexpr int kOk = 0, kFinding = 1, kUsage = 2, kLocked = 3, kCorrupt = 4;

struct Words {
  std::string command;
  std::filesystem::path data;
  std::string kind;    ///< export: only this kind; empty for all
  std::string source;  ///< export: only of this linked system; empty for all
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
    } else if (args[i] == "--kind" && i + 1 < args.size()) {
      words.kind = args[++i];
    } else if (args[i] == "--source" && i + 1 < args.size()) {
      words.source = args[++i];
    } else if (words.command.empty() && std::ranges::find(kCommands, args[i]) != kCommands.end()) {
      words.command = args[i];
    } else {
      return std::nullopt;
    }
  }
  if (words.command.empty() || words.data.empty() || (words.accept_loss && words.command != "recover"))
    return std::nullopt;
  if (!(words.kind + words.source).empty() && words.command != "export") return std::nullopt;
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
    w.Object()
        .Key("partition")
        .Int(problem.position.partition)
        .Key("seq")
        .Int(static_cast<std::int64_t>(problem.position.seq));
    w.Key("reason").String(problem.reason).Key("message").String(problem.message).End();
    if (!words.json)
      fmt::print(out, "{} in partition {}: {}\n", problem.reason, problem.position.partition, problem.message);
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

/// One record as a line; the payload as it lies there.
std::string LineOf(const model::Record& record) {
  json::Writer w;
  w.Object()
      .Key("partition")
      .Int(record.position.partition)
      .Key("seq")
      .Int(static_cast<std::int64_t>(record.position.seq));
  w.Key("kind").String(KindName(record.kind)).Key("tenant").Int(record.tenant).Key("source").String(record.source);
  w.Key("event_time").String(FormatUtc(record.event_time)).Key("ingest_time").String(FormatUtc(record.ingest_time));
  if (!record.subject.empty()) w.Key("subject").String(record.subject);
  if (!record.actor.empty()) w.Key("actor").String(record.actor);
  if (record.cause.seq != 0) {
    w.Key("cause").Object().Key("partition").Int(record.cause.partition);
    w.Key("seq").Int(static_cast<std::int64_t>(record.cause.seq)).End();
  }
  w.Key("payload");
  if (record.key_id == 0 && !record.payload.empty()) {
    w.Raw(record.payload);
  } else {
    w.Null();
  }
  return std::move(w.End()).text();
}

int Export(const JournalPort& journal, const Words& words, std::FILE* out) {
  for (const std::uint16_t partition : journal.Partitions()) {
    const auto end = journal.Read(partition, journal.RangeOf(partition).first_seq, [&](const model::Record& record) {
      if (!words.kind.empty() && KindName(record.kind) != words.kind) return true;
      if (!words.source.empty() && record.source != words.source) return true;
      return fmt::print(out, "{}\n", LineOf(record)), std::ferror(out) == 0;
    });
    if (!end) return Complain(end.error());
    if (std::ferror(out) != 0) return kFinding;  // the reader of a pipe went away
  }
  return kOk;
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
  w.End()
      .Key("lost_records")
      .Int(static_cast<std::int64_t>(lost))
      .Key("records")
      .Int(static_cast<std::int64_t>(report.records));
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
    fmt::print(stderr,
               "usage: bongsu journal inspect|verify --data DIR [--json]\n"
               "       bongsu journal export --data DIR [--kind event|finding|alarm|...] [--source ID]   NDJSON, a "
               "record a line\n"
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
  if (words->command == "export") return Export(**journal, *words, out);
  return words->command == "inspect" ? Inspect(**journal, *words, insight, out)
                                     : Verify(**journal, *words, insight, out);
}

}  // namespace bongsu::journal
