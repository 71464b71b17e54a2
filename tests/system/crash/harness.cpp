// SPDX-License-Identifier: Apache-2.0
// Kills, cuts the power of, and changes bytes under crash_writer, and holds what is there afterwards against every
// acknowledgement it ever printed. One summary line; exit code 1 when anything acknowledged is missing or different.
//   crash_harness PATH_OF_CRASH_WRITER [--seed N] [--kills N] [--cuts N] [--flips N] [--json]
#include <stdlib.h>

#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <vector>

#include "child.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/verify.hpp"
#include "model/envelope.hpp"

namespace bongsu::crash {
namespace {

namespace fs = std::filesystem;
/// How often; what `./x test` does. `./x soak crash` strings many such runs together.
struct Amount {
  int kills = 20, cuts = 5, flips = 5;
  bool json = false;
};

using Acknowledged = std::map<model::Position, std::uint64_t>;  // -> hash of the envelope

class Harness {
 public:
  Harness(std::string writer, std::uint64_t seed, Amount amount)
      : writer_{std::move(writer)}, seed_{seed}, amount_{amount}, random_{seed} {
    std::string pattern = (fs::temp_directory_path() / "bongsu-crash-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~Harness() { fs::remove_all(root_); }

  int Run() {
    const auto begin = std::chrono::steady_clock::now();
    const fs::path kills = root_ / "kills", cuts = root_ / "cuts";
    Acknowledged killed, cut;
    for (int i = 0; i < amount_.kills; ++i) {
      RunWriter(kills, /*cut_after_ms=*/0, killed);
      CheckWhole(kills, killed, "kill");
    }
    for (int i = 0; i < amount_.cuts; ++i) {
      RunWriter(cuts, 40 + random_() % 150, cut);
      CheckWhole(cuts, cut, "power cut");
    }
    if (amount_.flips > 0) RunWriter(kills, 0, killed);  // leaves a write-ahead log behind that was not yet read
    for (int i = 0; i < amount_.flips; ++i) Flip(kills, killed, random_() % 5 < 3 ? ".log" : ".sst");
    Say(killed.size() + cut.size(), std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    const bool worked = (amount_.kills == 0 || !killed.empty()) && (amount_.cuts == 0 || !cut.empty());
    return wrong_ == 0 && worked ? 0 : 1;
  }

 private:
  void Say(std::size_t acknowledged, double seconds) const {
    const int kills = amount_.kills + (amount_.flips > 0 ? 1 : 0);
    if (amount_.json) {
      fmt::print(
          "{{\"kills\":{},\"cuts\":{},\"flips\":{},\"refused\":{},\"reported\":{},\"harmless\":{},\"acknowledged\":{},"
          "\"wrong\":{},\"seed\":{},\"seconds\":{:.1f}}}\n",
          kills, amount_.cuts, amount_.flips, refused_, reported_, harmless_, acknowledged, wrong_, seed_, seconds);
      return;
    }
    fmt::print(
        "crash: {} kills, {} power cuts, {} flipped bytes (refused {}, reported {}, harmless {}): "
        "{} acknowledged records, {} lost or changed; seed {}, {:.1f} s\n",
        kills, amount_.cuts, amount_.flips, refused_, reported_, harmless_, acknowledged, wrong_, seed_, seconds);
  }

  // Runs the writer until it is killed at a random moment or cuts its own power; adds what it acknowledged.
  void RunWriter(const fs::path& folder, std::uint64_t cut_after_ms, Acknowledged& acknowledged) {
    std::vector<std::string> command{writer_, folder.string(), std::to_string(random_() % 1'000'000)};
    if (cut_after_ms > 0) command.push_back(std::to_string(cut_after_ms));
    const Life life = RunUntilDead(command, cut_after_ms > 0, /*longest_ms=*/150, random_);
    if (!life.wrong.empty()) Wrong(life.wrong);
    Parse(life.lines, acknowledged);
  }

  static void Parse(const std::string& lines, Acknowledged& acknowledged) {
    for (std::size_t at = 0;;) {
      const std::size_t end = lines.find('\n', at);
      if (end == std::string::npos) return;
      std::array<std::uint64_t, 3> numbers{};
      const char* next = lines.data() + at;
      for (std::uint64_t& number : numbers) next = std::from_chars(next, lines.data() + end, number).ptr + 1;
      acknowledged[{static_cast<std::uint16_t>(numbers[0]), numbers[1]}] = numbers[2];
      at = end + 1;
    }
  }

  Result<std::unique_ptr<journal::EmbeddedJournal>> Open(const fs::path& folder, bool read_only) {
    journal::EmbeddedOptions options;
    options.folder = folder;
    options.must_exist = true;
    options.read_only = read_only;
    options.disk.ballast_bytes = 0;
    return journal::EmbeddedJournal::Open(options, Log{Log::Level::kOff});
  }

  // Acknowledged records that are not there byte for byte.
  std::size_t Missing(const journal::JournalPort& engine, const Acknowledged& acknowledged) {
    std::size_t missing = 0;
    std::string envelope;
    for (const auto& [position, hash] : acknowledged) {
      const auto record = engine.At(position);
      envelope.clear();
      if (record) (void)model::EncodeEnvelope(envelope, *record);
      if (!record || Hash64(envelope) != hash) ++missing;
    }
    return missing;
  }

  void CheckWhole(const fs::path& folder, const Acknowledged& acknowledged, const char* after) {
    auto engine = Open(folder, /*read_only=*/false);
    if (!engine) return Wrong(fmt::format("after a {}: {}", after, engine.error().message));
    if (const std::size_t missing = Missing(**engine, acknowledged); missing > 0) {
      Wrong(fmt::format("after a {}: {} of {} acknowledged records are gone", after, missing, acknowledged.size()),
            missing);
    }
    const journal::JournalReport report = journal::VerifyJournal(**engine);
    if (!report.problems.empty()) Wrong(fmt::format("after a {}: {}", after, report.problems[0].message));
  }

  // One changed byte: opening refuses, or verify reports it, or nothing at all is missing.
  void Flip(const fs::path& folder, const Acknowledged& acknowledged, const std::string& extension) {
    const fs::path copy = root_ / "flipped";
    fs::remove_all(copy);
    fs::copy(folder, copy, fs::copy_options::recursive);
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(copy / "db")) {
      if (file.path().extension() == extension && file.file_size() > 0) files.push_back(file.path());
    }
    if (files.empty()) return Wrong("no " + extension + " file to change");
    const fs::path& chosen = files[random_() % files.size()];
    const std::uint64_t at = random_() % fs::file_size(chosen);
    {
      std::fstream bytes(chosen, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekg(static_cast<std::streamoff>(at));
      const int old = bytes.get();
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.put(static_cast<char>(old ^ (1 << (random_() % 8))));
    }
    auto engine = Open(copy, /*read_only=*/false);
    if (!engine) {
      ++refused_;
    } else if (!journal::VerifyJournal(**engine).problems.empty()) {
      ++reported_;
    } else if (const std::size_t missing = Missing(**engine, acknowledged); missing == 0) {
      ++harmless_;
    } else {
      Wrong(fmt::format("byte {} of {} changed: {} records silently gone", at, chosen.filename().string(), missing),
            missing);
    }
  }

  void Wrong(const std::string& what, std::size_t records = 1) {
    wrong_ += records;
    fmt::print(stderr, "crash: {}\n", what);
  }

  std::string writer_;
  std::uint64_t seed_;
  Amount amount_;
  std::mt19937_64 random_;
  fs::path root_;
  std::size_t wrong_ = 0;
  int refused_ = 0, reported_ = 0, harmless_ = 0;
};

}  // namespace
}  // namespace bongsu::crash

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bongsu::crash::Amount amount;
  // A new seed each time finds more than a fixed one; the summary names it.
  std::uint64_t seed = std::random_device{}();
  for (int i = 2; i < argc; ++i) {
    const std::string_view word{argv[i]};
    if (word == "--json") {
      amount.json = true;
      continue;
    }
    const std::uint64_t number = i + 1 < argc ? std::strtoull(argv[i + 1], nullptr, 10) : 0;
    if (word == "--seed") {
      seed = number;
    } else if (word == "--kills") {
      amount.kills = static_cast<int>(number);
    } else if (word == "--cuts") {
      amount.cuts = static_cast<int>(number);
    } else if (word == "--flips") {
      amount.flips = static_cast<int>(number);
    } else {
      return 2;
    }
    ++i;
  }
  return bongsu::crash::Harness{argv[1], seed, amount}.Run();
}
