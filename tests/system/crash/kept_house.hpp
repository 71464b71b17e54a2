// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Journal, entities, their past and the keeper over one data directory, as the server wires them, with a clock that
/// its user moves. Of the writer whose power is cut while retention runs, and of the harness that looks afterwards.

#include <atomic>
#include <filesystem>
#include <future>
#include <string>

#include "app/keeper.hpp"
#include "app/whole_state.hpp"
#include "know/store/live_context.hpp"

namespace bongsu::crash {

inline constexpr std::uint16_t kPartitions = 4;
inline constexpr Duration kDay = std::chrono::hours{24};
inline constexpr Duration kKept = 10 * kDay;  ///< Of journal and history.

/// Moved by the writers of all shards, read by the committer.
class MovedClock final : public Clock {
 public:
  explicit MovedClock(TimePoint now) : now_{ToMicros(now)} {}
  TimePoint Now() const override { return FromMicros(now_.load()); }
  void Advance(Duration by) { now_.fetch_add(by.count()); }
  void Set(TimePoint now) { now_.store(ToMicros(now)); }

 private:
  std::atomic<std::int64_t> now_;
};

class KeptHouse {
 public:
  /// @param env  nullptr: the real file system
  static Result<std::unique_ptr<KeptHouse>> Open(const std::filesystem::path& data, TimePoint now, rocksdb::Env* env) {
    journal::EmbeddedOptions options;
    options.folder = data / "journal";
    options.partitions = kPartitions;
    options.disk.ballast_bytes = 0;
    options.env = env;
    const Log log{Log::Level::kError};
    BONGSU_TRY(auto journal, journal::EmbeddedJournal::Open(options, log));
    BONGSU_TRY(auto state, app::OpenWholeState(data, *journal, Log{Log::Level::kOff}, env));
    auto house = std::unique_ptr<KeptHouse>(new KeptHouse(data, now, std::move(journal), std::move(state)));
    BONGSU_CHECK(house->live.Recover());
    return house;
  }
  ~KeptHouse() {
    pool.Stop();
    shards.Stop();
  }

  Result<void> Save() {
    std::promise<Result<void>> saved;
    live.FlushAll([&](const Result<void>& done) { saved.set_value(done); });
    return saved.get_future().get();
  }
  /// What a run of the keeper takes for now.
  TimePoint Look() {
    keeper_clock.Set(clock.Now());
    return keeper_clock.Now();
  }
  Result<void> Keep() {
    std::promise<Result<void>> kept;
    keeper.Run([&](const Result<app::Keeper::Cuts>& cuts) {
      kept.set_value(cuts ? Result<void>{} : tl::unexpected<Error>(cuts.error()));
    });
    return kept.get_future().get();
  }

  MovedClock clock;
  MovedClock keeper_clock;  ///< Stands still while it runs.
  Log log{Log::Level::kError};
  Metrics metrics;
  runtime::Shards shards{2};
  runtime::BlockingPool pool{2, 100};
  std::unique_ptr<journal::EmbeddedJournal> journal;
  std::unique_ptr<store::RocksState> state;
  store::LiveContext live;
  desk::CheckpointStore checkpoints;
  app::Keeper keeper;

 private:
  KeptHouse(const std::filesystem::path& data, TimePoint now, std::unique_ptr<journal::EmbeddedJournal> made_journal,
            std::unique_ptr<store::RocksState> made_state)
      : clock{now},
        keeper_clock{now},
        journal{std::move(made_journal)},
        state{std::move(made_state)},
        live{shards, pool, *journal, *state, metrics, log, {{}, {std::chrono::milliseconds{20}, 50, 1'000'000, 8}}},
        checkpoints{data / "checkpoints", log},
        keeper{{*journal, *state, checkpoints, keeper_clock, metrics, log, data, pool},
               {.data = {.age = kKept, .bytes = 0, .at_least = 7 * kDay}, .desk = {}}} {
    keeper.set_history(live);
  }
};

}  // namespace bongsu::crash
