// SPDX-License-Identifier: Apache-2.0
#include "app/keeper.hpp"

#include <unistd.h>

#include <algorithm>

#include "guard/sealing/token.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

// Rules look back over their windows, connectors over a day of message identities.
constexpr Duration kDataFloor = std::chrono::hours{24 * 7};
constexpr Duration kLongestStep = std::chrono::hours{24 * 7};
constexpr int kSteps = 32;  // in what is kept

bool IsData(std::uint16_t partition) { return partition < model::kDeskBase; }

bool Holds(const model::Record& record, const std::set<sealing::KeyId>& keys) {
  if (!sealing::MayHoldToken(record.payload)) return false;
  bool found = false;
  sealing::ReplaceTokens(record.payload, [&](const sealing::Token& token) {
    found = found || (token.IsWhole() && keys.contains(token.key));
    return std::string{};
  });
  return found;
}

}  // namespace

journal::RetentionPolicy PolicyOf(const ServerConfig& config) {
  const auto days = [](double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<86'400>>{count});
  };
  const auto bytes = [](double gb) { return static_cast<std::uint64_t>(gb * 1e9); };
  journal::RetentionPolicy policy;
  policy.data = {days(config.retention_data_days), bytes(config.retention_data_gb), kDataFloor};
  policy.desk = {days(config.retention_desk_days), bytes(config.retention_desk_gb), journal::kAuditFloor};
  return policy;
}

/// One Run.
struct Keeper::Work {
  std::set<sealing::KeyId> held;
  Cuts cuts;
  struct Past {
    std::uint16_t partition = 0;
    store::HistoryCut cut;
  };
  std::vector<Past> pasts;  ///< To begin later.
  std::size_t next = 0;
  Done done;
};

Keeper::Keeper(const House& house, const journal::RetentionPolicy& policy)
    : house_{house}, retention_{house.journal, house.journal, policy, house.metrics, house.log} {
  retention_.AddFloor("desk", [this](std::uint16_t partition) -> Result<std::uint64_t> {
    if (IsData(partition)) return UINT64_MAX;
    // The checkpoint's own record stays: by it the checkpoint is known to fit.
    const std::uint64_t safe = house_.checkpoints.SafeSeq(partition);
    return safe == 0 ? 0 : safe - 1;
  });
}

Keeper::Pause::Pause(Keeper& keeper) : keeper_{keeper} {
  while (!keeper_.stopping_.load() && !holds_) {
    holds_ = !keeper_.running_.exchange(true);
    if (!holds_) ::usleep(10'000);
  }
}

Keeper::Pause::~Pause() {
  if (holds_) keeper_.running_.store(false);
}

void Keeper::OnPool(const WorkPtr& work, std::function<Result<void>()> step, std::function<void()> then) {
  const bool taken = house_.pool.Run([this, work, step = std::move(step), then = std::move(then)] {
    const auto stepped = step();
    if (!stepped) return Finish(work, stepped);
    then();
  });
  if (!taken) Finish(work, Fail(Code::kOverloaded, "app.keeper_put_off", "the blocking pool is full"));
}

void Keeper::Run(const Done& done) {
  if (running_.exchange(true)) return done(Cuts{});
  const auto work = std::make_shared<Work>();
  work->done = done;
  AskHeld(work, [this, work] { OnPool(work, [this, work] { return Plan(*work); }, [this, work] { CutNext(work); }); });
}

void Keeper::AskHeld(const WorkPtr& work, std::function<void()> then) {
  if (!held_) return then();
  held_([this, work, then = std::move(then)](const Result<std::set<sealing::KeyId>>& keys) {
    if (!keys) return Finish(work, tl::unexpected<Error>(keys.error()));
    work->held = *keys;
    then();
  });
}

Result<void> Keeper::Plan(Work& work) {
  work.cuts = retention_.Plan(house_.clock.Now());
  BONGSU_CHECK(HoldBack(work.held, work.cuts));
  for (auto& cut : work.cuts) {
    if (IsData(cut.partition)) BONGSU_CHECK(PlanPast(work, cut));
  }
  return {};
}

/// The first record that a legal hold covers stays, and with it all that came after it.
Result<void> Keeper::HoldBack(const std::set<sealing::KeyId>& keys, Cuts& cuts) const {
  if (keys.empty()) return {};
  for (auto& cut : cuts) {
    BONGSU_CHECK(house_.journal.Read(cut.partition, house_.journal.RangeOf(cut.partition).first_seq,
                                     [&](const model::Record& record) {
                                       if (record.position.seq >= cut.first_seq) return false;
                                       if (!Holds(record, keys)) return true;
                                       cut.first_seq = record.position.seq;
                                       cut.held_by = "legal hold";
                                       return false;
                                     }));
  }
  return {};
}

Result<void> Keeper::PlanPast(Work& work, journal::Retention::Cut& cut) const {
  const journal::Range range = house_.journal.RangeOf(cut.partition);
  const std::uint64_t last = cut.first_seq - 1;  // that leaves
  BONGSU_TRY(const auto now, house_.state.CutOf(cut.partition));
  const std::uint64_t gone = now ? now->seq : 0;
  if (cut.first_seq <= range.first_seq || (now && now->dropped && gone >= last)) return {};
  BONGSU_TRY(const model::Record first, house_.journal.At({cut.partition, range.first_seq}));
  BONGSU_TRY(const model::Record newest, house_.journal.At({cut.partition, range.last_seq}));
  BONGSU_TRY(const model::Record target, house_.journal.At({cut.partition, last}));
  const Duration step = std::min(kLongestStep, (newest.ingest_time - first.ingest_time) / kSteps);
  if (now && !now->dropped && gone >= last) {  // was cut off
    work.pasts.push_back({cut.partition, *now});
  } else if (now && now->dropped && target.ingest_time - now->at < step) {
    cut.first_seq = std::max(range.first_seq, gone + 1);
    cut.held_by = "step";
  } else {
    work.pasts.push_back({cut.partition, {last, target.ingest_time, false}});
  }
  return {};
}

/// A hold that came since the plan: a past that would take what it covers stays as it is.
Result<void> Keeper::HoldPast(Work& work) const {
  if (work.held.empty()) return {};
  BONGSU_CHECK(HoldBack(work.held, work.cuts));
  const auto covered = [&](const Work::Past& past) {
    return std::ranges::any_of(
        work.cuts, [&](const auto& cut) { return cut.partition == past.partition && cut.first_seq <= past.cut.seq; });
  };
  const auto rest = work.pasts.begin() + static_cast<std::ptrdiff_t>(work.next);
  work.pasts.erase(std::remove_if(rest, work.pasts.end(), covered), work.pasts.end());
  return {};
}

void Keeper::CutNext(const WorkPtr& work) {
  AskHeld(work,
          [this, work] { OnPool(work, [this, work] { return HoldPast(*work); }, [this, work] { CutOrTrim(work); }); });
}

void Keeper::CutOrTrim(const WorkPtr& work) {
  if (work->next == work->pasts.size() || history_ == nullptr)
    return OnPool(work, [this, work] { return Trim(*work); }, [this, work] { Finish(work, {}); });
  const Work::Past& past = work->pasts[work->next++];
  history_->CutHistory(past.partition, past.cut, [this, work, partition = past.partition](const Result<void>& cut) {
    if (!cut) return Finish(work, cut);
    const auto room_back = [this, partition]() -> Result<void> {
      const auto back = house_.state.GiveRoomBack(partition);  // merging files wants room itself: later, then
      if (!back) house_.log.Failure("keeper.room_not_back", back.error());
      return {};
    };
    OnPool(work, room_back, [this, work] { CutNext(work); });
  });
}

Result<std::map<std::uint16_t, Keeper::Copied>> Keeper::ReadCopy() const {
  std::map<std::uint16_t, Copied> copied;
  std::error_code error;
  if (!fs::exists(StateCopyOf(house_.data), error)) return copied;
  store::RocksStateOptions options;
  options.folder = StateCopyOf(house_.data);
  options.read_only = true;
  const auto copy = store::RocksState::Open(options);
  if (!copy && copy.error().code == Code::kCorrupt) return copied;  // of an earlier layout: one is made anew
  if (!copy) return tl::unexpected<Error>(copy.error());
  for (std::uint16_t partition = 0; partition < house_.journal.partitions(); ++partition) {
    BONGSU_TRY(copied[partition].applied, (*copy)->AppliedSeq(partition));
    BONGSU_TRY(const auto cut, (*copy)->CutOf(partition));
    copied[partition].cut = cut && cut->dropped ? cut->seq : 0;
  }
  return copied;
}

Result<void> Keeper::Trim(Work& work) {
  const bool data = std::ranges::any_of(work.cuts, [&](const auto& cut) {
    return IsData(cut.partition) && cut.first_seq > house_.journal.RangeOf(cut.partition).first_seq;
  });
  std::map<std::uint16_t, Copied> copied;
  if (data) {
    BONGSU_TRY(copied, ReadCopy());
    const bool behind = std::ranges::any_of(work.cuts, [&](const auto& cut) {
      const Copied& one = copied[cut.partition];
      return IsData(cut.partition) && std::min(one.applied, one.cut) + 1 < cut.first_seq;
    });
    if (behind) {
      BONGSU_CHECK(ReplaceStateCopy(house_.state, house_.data));
      BONGSU_TRY(copied, ReadCopy());
    }
  }
  for (auto& cut : work.cuts) {
    if (!IsData(cut.partition)) continue;
    // Both the entities and their past must stand for what leaves, on disk.
    const std::uint64_t free = std::min(copied[cut.partition].applied, copied[cut.partition].cut) + 1;
    if (free >= cut.first_seq) continue;
    cut.first_seq = free;
    cut.held_by = "state";
  }
  return retention_.Trim(work.cuts);
}

void Keeper::Finish(const WorkPtr& work, const Result<void>& result) {
  running_.store(false);
  if (!result) return work->done(tl::unexpected<Error>(result.error()));
  work->done(work->cuts);
}

}  // namespace bongsu::app
