// SPDX-License-Identifier: Apache-2.0
#include "app/whole_state.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

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
  store::RocksStateOptions options;
  options.folder = folder;
  BONGSU_TRY(auto state, store::RocksState::Open(options));
  BONGSU_CHECK(CheckMeets(*state, journal));
  return state;
}

bool IsWhole(const journal::JournalPort& journal) {
  for (std::uint16_t partition = 0; partition < journal.partitions(); ++partition) {
    if (journal.RangeOf(partition).first_seq > 1) return false;
  }
  return true;
}

/// What an earlier version saved, with the layout of this one. The copy is then made of it, so that both say the same.
Result<std::unique_ptr<store::RocksState>> CarryOver(const fs::path& data, const journal::JournalPort& journal,
                                                     const Log& log) {
  const fs::path folder = data / "state";
  BONGSU_TRY(const std::string layout, store::RocksState::CarryOver(folder, journal));
  BONGSU_TRY(auto state, OpenMeeting(folder, journal));
  BONGSU_CHECK(ReplaceStateCopy(*state, data));
  log.Info("server.state_carried_over", {{"layout", layout}});
  return state;
}

}  // namespace

fs::path StateCopyOf(const fs::path& data) { return data / "checkpoints" / "state"; }

Result<void> ReplaceStateCopy(const store::RocksState& state, const fs::path& data) {
  const fs::path copy = StateCopyOf(data);
  const fs::path fresh = copy.string() + ".new";
  const fs::path old = copy.string() + ".old";
  std::error_code error;
  fs::create_directories(copy.parent_path(), error);
  fs::remove_all(fresh, error);
  fs::remove_all(old, error);
  BONGSU_CHECK(state.CopyTo(fresh.string()));
  if (fs::exists(copy)) fs::rename(copy, old, error);
  if (!error) fs::rename(fresh, copy, error);
  if (error) return Fail(Code::kUnavailable, "app.state_copy", "{}: {}", copy.string(), error.message());
  fs::remove_all(old, error);
  return {};
}

Result<std::unique_ptr<store::RocksState>> OpenWholeState(const fs::path& data, const journal::JournalPort& journal,
                                                          const Log& log) {
  const fs::path folder = data / "state";
  auto state = OpenMeeting(folder, journal);
  if (state || state.error().code != Code::kCorrupt) return state;
  log.Failure("server.state_replaced", state.error());
  if (IsWhole(journal)) {
    BONGSU_CHECK(store::RocksState::Destroy(folder));
    return OpenMeeting(folder, journal);
  }
  std::error_code error;
  if (fs::exists(StateCopyOf(data), error)) {
    BONGSU_CHECK(store::RocksState::Destroy(folder));
    fs::copy(StateCopyOf(data), folder, fs::copy_options::recursive, error);
    if (!error) state = OpenMeeting(folder, journal);
  }
  if (!state && !error && state.error().code == Code::kCorrupt) {
    auto carried = CarryOver(data, journal, log);
    if (carried) return carried;
    log.Failure("server.state_not_carried_over", carried.error());
  }
  if (state) return state;
  return Fail(Code::kCorrupt, "app.state_lost", "{} and its copy cannot be used ({}); restore a backup",
              folder.string(), error ? error.message() : state.error().message);
}

}  // namespace bongsu::app
