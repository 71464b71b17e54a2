// SPDX-License-Identifier: Apache-2.0
#include "app/keeper.hpp"

#include <unistd.h>

#include <algorithm>

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

// Rules look back over their windows, connectors over a day of message identities.
constexpr Duration kDataFloor = std::chrono::hours{24 * 7};

Result<std::unique_ptr<store::RocksState>> OpenAt(const fs::path& folder, bool read_only) {
  store::RocksStateOptions options;
  options.folder = folder;
  options.read_only = read_only;
  return store::RocksState::Open(options);
}

/// The journal goes on where the state ends.
Result<void> CheckMeets(const store::StatePort& state, const journal::JournalPort& journal) {
  for (std::uint16_t partition = 0; partition < journal.partitions(); ++partition) {
    BONGSU_TRY(const std::uint64_t applied, state.AppliedSeq(partition));
    const journal::Range range = journal.RangeOf(partition);
    if (applied > range.last_seq || applied + 1 < range.first_seq) {
      return Fail(Code::kCorrupt, "app.state_apart",
                  "partition {}: the entities stand for record {}, the journal holds {} to {}", partition, applied,
                  range.first_seq, range.last_seq);
    }
  }
  return {};
}

Result<std::unique_ptr<store::RocksState>> OpenMeeting(const fs::path& folder, const journal::JournalPort& journal) {
  BONGSU_TRY(auto state, OpenAt(folder, false));
  BONGSU_CHECK(CheckMeets(*state, journal));
  return state;
}

}  // namespace

fs::path StateCopyOf(const fs::path& data) { return data / "checkpoints" / "state"; }

Result<std::unique_ptr<store::RocksState>> OpenWholeState(const fs::path& data, const journal::JournalPort& journal,
                                                          const Log& log) {
  const fs::path folder = data / "state";
  auto state = OpenMeeting(folder, journal);
  if (state || state.error().code != Code::kCorrupt) return state;
  log.Failure("server.state_replaced", state.error());
  BONGSU_CHECK(store::RocksState::Destroy(folder));
  state = OpenMeeting(folder, journal);  // empty: good enough while the journal begins at its first record
  if (state || state.error().code != Code::kCorrupt) return state;
  BONGSU_CHECK(store::RocksState::Destroy(folder));
  std::error_code error;
  fs::copy(StateCopyOf(data), folder, fs::copy_options::recursive, error);
  if (!error) state = OpenMeeting(folder, journal);
  if (state) return state;
  return Fail(Code::kCorrupt, "app.state_lost", "{} and its copy cannot be used ({}); restore a backup",
              folder.string(), error ? error.message() : state.error().message);
}

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

Keeper::Keeper(const House& house, const journal::RetentionPolicy& policy)
    : house_{house}, retention_{house.journal, house.journal, policy, house.metrics, house.log} {
  retention_.AddFloor("desk", [this](std::uint16_t partition) -> Result<std::uint64_t> {
    if (partition < model::kDeskBase) return UINT64_MAX;
    // The checkpoint's own record stays: by it the checkpoint is known to fit.
    const std::uint64_t safe = house_.checkpoints.SafeSeq(partition);
    return safe == 0 ? 0 : safe - 1;
  });
  retention_.AddFloor("context", [this](std::uint16_t partition) -> Result<std::uint64_t> {
    if (partition >= model::kDeskBase) return UINT64_MAX;
    const auto copied = copied_.find(partition);
    return copied == copied_.end() ? 0 : copied->second;
  });
}

Keeper::Pause::Pause(Keeper& keeper) : keeper_{keeper} {
  while (keeper_.running_.exchange(true)) ::usleep(10'000);
}

Result<std::map<std::uint16_t, std::uint64_t>> Keeper::CopiedSeqs() const {
  std::map<std::uint16_t, std::uint64_t> seqs;
  std::error_code error;
  if (!fs::exists(StateCopyOf(house_.data), error)) return seqs;
  BONGSU_TRY(const auto copy, OpenAt(StateCopyOf(house_.data), true));
  for (std::uint16_t partition = 0; partition < house_.journal.partitions(); ++partition) {
    BONGSU_TRY(seqs[partition], copy->AppliedSeq(partition));
  }
  return seqs;
}

/// The new copy takes the old one's place whole, whatever happens in between.
Result<void> Keeper::CopyState() {
  const fs::path copy = StateCopyOf(house_.data);
  const fs::path fresh = copy.string() + ".new";
  const fs::path old = copy.string() + ".old";
  std::error_code error;
  fs::create_directories(copy.parent_path(), error);
  fs::remove_all(fresh, error);
  fs::remove_all(old, error);
  BONGSU_CHECK(house_.state.CopyTo(fresh.string()));
  if (fs::exists(copy)) fs::rename(copy, old, error);
  if (!error) fs::rename(fresh, copy, error);
  if (error) return Fail(Code::kUnavailable, "app.state_copy", "{}: {}", copy.string(), error.message());
  fs::remove_all(old, error);
  return {};
}

Result<std::vector<journal::Retention::Cut>> Keeper::Run() {
  if (running_.exchange(true)) return std::vector<journal::Retention::Cut>{};
  const auto run = [this]() -> Result<std::vector<journal::Retention::Cut>> {
    const TimePoint now = house_.clock.Now();
    const auto wanted = retention_.Wanted(now);
    if (wanted.empty()) return std::vector<journal::Retention::Cut>{};
    BONGSU_TRY(copied_, CopiedSeqs());
    const bool behind = std::ranges::any_of(wanted, [&](const auto& want) {
      return want.first < model::kDeskBase && copied_[want.first] + 1 < want.second;
    });
    if (behind) {
      BONGSU_CHECK(CopyState());
      BONGSU_TRY(copied_, CopiedSeqs());
    }
    return retention_.Run(now);
  };
  auto cuts = run();
  running_.store(false);
  return cuts;
}

}  // namespace bongsu::app
