// SPDX-License-Identifier: Apache-2.0
// Kills crash_kept_writer and cuts its power while journal and history lose what is older than they keep, and holds
// what is there afterwards against everything that was ever told. After each: journal and past begin together once the
// keeper has run again, what is kept is known exactly as before, nothing that is to be kept is gone. One summary line;
// exit code 1 when anything is wrong.
//   crash_kept_harness PATH_OF_CRASH_KEPT_WRITER [--seed N] [--kills N] [--cuts N] [--json]
#include <stdlib.h>

#include <charconv>
#include <chrono>

#include "child.hpp"
#include "kept_model.hpp"
#include "know/journal/verify.hpp"
#include "know/store/past.hpp"

namespace bongsu::crash {
namespace {

namespace fs = std::filesystem;

constexpr int kMost = 10;  // times the lives that are asked for

struct Amount {
  int kills = 6, cuts = 4;
  bool json = false;
};

class Harness {
 public:
  Harness(std::string writer, std::uint64_t seed, Amount amount)
      : writer_{std::move(writer)}, seed_{seed}, amount_{amount}, random_{seed} {
    std::string pattern = (fs::temp_directory_path() / "bongsu-kept-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~Harness() { fs::remove_all(root_); }

  int Run() {
    const auto begin = std::chrono::steady_clock::now();
    const int lives = amount_.kills + amount_.cuts;
    // Kills and power cuts of one directory by turns; on a slow disk it takes more of them until something is old.
    for (int life = 0; wrong_ == 0 && (life < lives || (trimmed_ == 0 && life < kMost * lives)); ++life)
      Live(/*power=*/life * amount_.cuts / lives != (life + 1) * amount_.cuts / lives);
    if (wrong_ == 0 && trimmed_ == 0) Wrong("nothing ever left the journal");
    Say(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return wrong_ == 0 ? 0 : 1;
  }

 private:
  void Say(double seconds) const {
    if (amount_.json) {
      fmt::print(
          "{{\"kills\":{},\"cuts\":{},\"runs\":{},\"in_run\":{},\"in_cut\":{},\"records\":{},\"trimmed\":{},"
          "\"wrong\":{},\"seed\":{},\"seconds\":{:.1f}}}\n",
          kills_, cuts_, runs_, in_run_, in_cut_, model_.records(), trimmed_, wrong_, seed_, seconds);
      return;
    }
    fmt::print(
        "crash while cutting: {} kills, {} power cuts, {} of them in a run of the keeper, {} with a cut half done; {} "
        "runs, "
        "{} records, {} left the journal, {} wrong; seed {}, {:.1f} s\n",
        kills_, cuts_, in_run_, in_cut_, runs_, model_.records(), trimmed_, wrong_, seed_, seconds);
  }

  void Live(bool power) {
    std::vector<std::string> command{writer_, root_.string(), std::to_string(random_() % 1'000'000),
                                     std::to_string(ToMicros(clock_))};
    if (power) command.push_back(std::to_string(100 + random_() % 400));
    const Life life = RunUntilDead(command, power, /*longest_ms=*/400, random_);
    ++(power ? cuts_ : kills_);
    if (!life.wrong.empty()) return Wrong(life.wrong);
    Parse(life.lines);
    if (const auto wrong = Check(); !wrong.empty())
      Wrong(fmt::format("after a {}: {}", power ? "power cut" : "kill", wrong));
  }

  void Parse(std::string_view lines) {
    told_.clear();
    bool running = false;
    for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != std::string_view::npos; at = end + 1) {
      const std::string_view line = lines.substr(at, end - at);
      std::array<std::uint64_t, 3> numbers{};
      const char* next = line.data() + 4;
      for (std::uint64_t& number : numbers) {
        if (next >= line.data() + line.size()) break;
        next = std::from_chars(next, line.data() + line.size(), number).ptr + 1;
      }
      if (line.starts_with("ack ")) told_.push_back({static_cast<std::uint16_t>(numbers[0]), numbers[1], numbers[2]});
      if (line.starts_with("run ")) clock_ = std::max(clock_, FromMicros(static_cast<std::int64_t>(numbers[0])));
      if (line.starts_with("run ")) ++runs_;
      running = line.starts_with("run ") || (running && line != "ran");
    }
    if (running) ++in_run_;
  }

  std::string Check() {
    auto house = KeptHouse::Open(root_, clock_, nullptr);
    if (!house) return house.error().message;
    KeptHouse& open = **house;
    if (auto wrong = model_.TakeIn(*open.journal); !wrong.empty()) return wrong;
    clock_ = std::max(clock_, model_.newest());
    for (const auto& told : told_)
      if (!model_.Has(told)) return fmt::format("acknowledged record {}/{} is gone", told.partition, told.seq);
    if (auto wrong = CheckBeginnings(open, /*together=*/false); !wrong.empty()) return wrong;
    open.shards.Start();
    if (const auto saved = open.Save(); !saved) return saved.error().message;
    if (auto wrong = Compare(open); !wrong.empty()) return wrong;
    open.clock.Set(clock_);
    (void)open.Look();
    if (const auto kept = open.Keep(); !kept) return kept.error().message;
    if (auto wrong = CheckBeginnings(open, /*together=*/true); !wrong.empty()) return "once cut again: " + wrong;
    if (auto wrong = Compare(open); !wrong.empty()) return "once cut again: " + wrong;
    trimmed_ = 0;
    for (std::uint16_t partition = 0; partition < kPartitions; ++partition)
      trimmed_ += open.journal->RangeOf(partition).first_seq - 1;
    return CompareState(open);
  }

  std::string Compare(const KeptHouse& house) {
    const auto report = journal::VerifyJournal(*house.journal);
    if (!report.problems.empty()) return report.problems[0].message;
    if (auto wrong = model_.CompareJournal(*house.journal, clock_ - kKept); !wrong.empty()) return wrong;
    return model_.ComparePast(house, random_);
  }

  /// The past never promises what the journal lost; once the cut is through both begin at the same record.
  std::string CheckBeginnings(const KeptHouse& house, bool together) {
    bool half = false;
    for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
      const std::uint64_t first = house.journal->RangeOf(partition).first_seq;
      const auto found = house.state->CutOf(partition);
      if (!found) return found.error().message;
      const store::HistoryCut cut = found->value_or(store::HistoryCut{0, {}, true});
      const std::uint64_t gone = cut.seq;
      half = half || !cut.dropped || (*found && gone + 1 != first);
      if (gone + 1 < first)
        return fmt::format("partition {}: the journal begins at {}, the past behind {}", partition, first, gone);
      if (together && (gone + 1 != first || !cut.dropped))
        return fmt::format("partition {}: the journal begins at {}, the past behind {}{}", partition, first, gone,
                           cut.dropped ? "" : ", not dropped yet");
    }
    if (half && !together) ++in_cut_;
    return {};
  }

  std::string CompareState(const KeptHouse& house) const {
    std::unique_ptr<store::RocksState> base;
    if (fs::exists(app::StateCopyOf(root_))) {
      auto copy = store::RocksState::Open({app::StateCopyOf(root_).string(), true});
      if (!copy) return copy.error().message;
      base = std::move(*copy);
    }
    const auto verified = store::VerifyState(*house.state, *house.journal, base.get());
    if (!verified) return verified.error().message;
    return verified->equal ? "" : "the saved entities are not the fold of the journal";
  }

  void Wrong(const std::string& what) {
    ++wrong_;
    fmt::print(stderr, "crash while cutting: {}\n", what);
  }

  std::string writer_;
  std::uint64_t seed_;
  Amount amount_;
  std::mt19937_64 random_;
  fs::path root_;
  TimePoint clock_ = FromMicros(1'764'000'000'000'000);
  KeptModel model_;
  std::vector<KeptModel::Told> told_;
  std::size_t wrong_ = 0, runs_ = 0, trimmed_ = 0;
  int kills_ = 0, cuts_ = 0, in_run_ = 0, in_cut_ = 0;
};

}  // namespace
}  // namespace bongsu::crash

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bongsu::crash::Amount amount;
  std::uint64_t seed = std::random_device{}();  // a new one each time finds more; the summary names it
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
    } else {
      return 2;
    }
    ++i;
  }
  return bongsu::crash::Harness{argv[1], seed, amount}.Run();
}
