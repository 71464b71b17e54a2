// SPDX-License-Identifier: Apache-2.0
#include "app/audit_command.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "guard/audit/verify.hpp"
#include "guard/crypto/keys.hpp"
#include "know/journal/embedded/embedded_journal.hpp"

namespace bongsu::app {
namespace {

constexpr std::string_view kHelp =
    "usage: bongsu audit verify [--data DIR] [--keys DIR] [--seal FILE] [--json]\n\n"
    "Checks every audit record of a data directory against the chain of hashes and the signed seals in it and outside, "
    "without\n"
    "the server (which may not be running). Finds a changed byte and, with seals that were kept outside, a cut "
    "tail.\n\n"
    "  --data DIR    data directory (default $BONGSU_DATA, else build/run/demo)\n"
    "  --keys DIR    keys folder with audit.pub (default DATA.keys)\n"
    "  --seal FILE   seals kept outside: a seal file, or the file of the syslog collector that got them\n"
    "                (default KEYS/audit-seals.ndjson where it exists)\n"
    "  --json        one line "
    "{\"ok\",\"records\",\"first_bad\":{\"seq\",\"reason\",\"partition\"},\"cut_tail\",\"seals\"}\n\n"
    "Exit codes: 0 the chains hold, 1 they do not, 2 usage, 3 a server has the data directory, 4 the journal cannot be "
    "opened.\n";

struct Options {
  std::string data;
  std::string keys;
  std::string seal;
  bool json = false;
};

tl::unexpected<Error> Usage(std::string_view what) {
  return Fail(Code::kInvalidArgument, "app.usage", "{} (see bongsu audit --help)", what);
}

Result<Options> ParseOptions(std::span<const std::string> args) {
  Options options;
  const char* data = std::getenv("BONGSU_DATA");  // NOLINT(concurrency-mt-unsafe): before any thread
  options.data = data != nullptr ? data : "build/run/demo";
  if (args.empty() || args.front() != "verify") return Usage("bongsu audit has the one verb 'verify'");
  for (std::size_t i = 1; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "--json") {
      options.json = true;
      continue;
    }
    if (word != "--data" && word != "--keys" && word != "--seal")
      return Usage(fmt::format("unknown option '{}'", word));
    if (i + 1 >= args.size()) return Usage(fmt::format("{} needs a value", word));
    const std::string& value = args[++i];
    if (word == "--data") options.data = value;
    if (word == "--keys") options.keys = value;
    if (word == "--seal") options.seal = value;
  }
  if (options.keys.empty()) options.keys = options.data + ".keys";
  return options;
}

Result<std::vector<audit::Seal>> SealsOf(const Options& options) {
  if (!options.seal.empty()) {
    BONGSU_TRY(auto given, audit::ReadSealFile(options.seal));
    if (given.empty()) {
      return Fail(Code::kInvalidArgument, "audit.no_seals", "'{}' holds no seal: nothing would be verified against it",
                  options.seal);
    }
    return given;
  }
  std::vector<audit::Seal> seals;
  for (const std::string_view end : {".1", ""}) {
    const std::string path = fmt::format("{}/audit-seals.ndjson{}", options.keys, end);
    if (!std::filesystem::exists(path)) continue;
    BONGSU_TRY(auto some, audit::ReadSealFile(path));
    seals.insert(seals.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return seals;
}

/// What an engine that refuses to open says about the tail: fewer records than were acknowledged is a cut.
Result<audit::Report> WithoutJournal(const Error& error) {
  if (error.code != Code::kCorrupt) return tl::unexpected<Error>(error);
  audit::Report report;
  report.cut_tail = error.reason == "journal.lost_tail";
  if (!report.cut_tail) report.first_bad = audit::Bad{{}, error.reason};
  return report;
}

Result<audit::Report> Run(const Options& options) {
  BONGSU_TRY(const auto crypto, crypto::MakeSodiumCrypto());
  BONGSU_TRY(const std::string open_key, crypto::ReadAuditPublicKey(options.keys));
  BONGSU_TRY(const auto seals, SealsOf(options));
  journal::EmbeddedOptions engine;
  engine.folder = std::filesystem::path(options.data) / "journal";
  engine.read_only = true;
  engine.must_exist = true;
  const auto journal = journal::EmbeddedJournal::Open(std::move(engine), Log{Log::Level::kError});
  if (!journal) return WithoutJournal(journal.error());
  return audit::Verify(**journal, *crypto, open_key, seals);
}

int ExitOf(const Error& error) {
  if (error.reason == "app.usage") return 2;
  if (error.reason == "journal.locked") return 3;
  return error.code == Code::kCorrupt ? 4 : 1;
}

void PrintPlain(const audit::Report& report) {
  fmt::print("{}: {} audit records, {} seals checked\n", report.IsOk() ? "the chains hold" : "THE CHAINS DO NOT HOLD",
             report.records, report.seals);
  if (report.first_bad) {
    fmt::print("first bad record: partition {} seq {}: {}\n", report.first_bad->position.partition,
               report.first_bad->position.seq, report.first_bad->reason);
  }
  if (report.cut_tail) fmt::print("records that were sealed or acknowledged are no longer there\n");
}

}  // namespace

int RunAuditCommand(std::span<const std::string> args) {
  for (const std::string& word : args) {
    if (word != "--help" && word != "-h") continue;
    fmt::print("{}", kHelp);
    return 0;
  }
  const auto options = ParseOptions(args);
  const auto report = options ? Run(*options) : Result<audit::Report>(tl::unexpected<Error>(options.error()));
  if (!report) {
    fmt::print(stderr, "bongsu: {}\n", report.error().message);
    return ExitOf(report.error());
  }
  if (options->json) {
    fmt::print("{}\n", json::ToString(ToJson(*report)));
  } else {
    PrintPlain(*report);
  }
  return report->IsOk() ? 0 : 1;
}

}  // namespace bongsu::app
