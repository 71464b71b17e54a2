// SPDX-License-Identifier: Apache-2.0
#include "app/whole_state.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

/// A file or folder as it is now survives a power cut.
bool Sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  return synced;
}

fs::path OldOf(const fs::path& copy) { return copy.string() + ".old"; }

/// Cut off between the two renames of ReplaceStateCopy: the one before is whole still.
void TakeOldCopyBack(const fs::path& data) {
  const fs::path copy = StateCopyOf(data);
  std::error_code error;
  if (!fs::exists(copy, error) && fs::exists(OldOf(copy), error)) fs::rename(OldOf(copy), copy, error);
}

/// Whole or not at all.
Result<void> PutCopyInPlace(const fs::path& data) {
  const fs::path draft = data / "state.new";
  std::error_code error;
  const auto failed = [&](const std::string& why) {
    return Fail(Code::kUnavailable, "app.state_copy", "{} does not come to {}: {}", StateCopyOf(data).string(),
                (data / "state").string(), why);
  };
  fs::remove_all(draft, error);
  fs::copy(StateCopyOf(data), draft, fs::copy_options::recursive, error);
  if (error) return failed(error.message());
  bool synced = Sync(draft);
  for (const auto& file : fs::directory_iterator(draft, error)) synced = Sync(file.path()) && synced;
  if (error || !synced) return failed("what was written is not on disk");
  fs::rename(draft, data / "state", error);
  if (error || !Sync(data)) return failed(error ? error.message() : "the folder is not on disk");
  return {};
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

Result<std::unique_ptr<store::RocksState>> OpenMeeting(const fs::path& folder, const journal::JournalPort& journal,
                                                       rocksdb::Env* env) {
  store::RocksStateOptions options;
  options.folder = folder;
  options.env = env;
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
                                                     const Log& log, rocksdb::Env* env) {
  const fs::path folder = data / "state";
  BONGSU_TRY(const std::string layout, store::RocksState::CarryOver(folder, journal));
  BONGSU_TRY(auto state, OpenMeeting(folder, journal, env));
  BONGSU_CHECK(ReplaceStateCopy(*state, data));
  log.Info("server.state_carried_over", {{"layout", layout}});
  return state;
}

}  // namespace

fs::path StateCopyOf(const fs::path& data) { return data / "checkpoints" / "state"; }

Result<void> ReplaceStateCopy(const store::RocksState& state, const fs::path& data) {
  const fs::path copy = StateCopyOf(data);
  const fs::path fresh = copy.string() + ".new";
  const fs::path old = OldOf(copy);
  std::error_code error;
  fs::create_directories(copy.parent_path(), error);
  TakeOldCopyBack(data);
  fs::remove_all(fresh, error);
  fs::remove_all(old, error);
  BONGSU_CHECK(state.CopyTo(fresh.string()));
  if (fs::exists(copy)) fs::rename(copy, old, error);
  if (!error) fs::rename(fresh, copy, error);
  if (error) return Fail(Code::kUnavailable, "app.state_copy", "{}: {}", copy.string(), error.message());
  if (!Sync(copy.parent_path()))
    return Fail(Code::kUnavailable, "app.state_copy", "{}: the folder is not on disk", copy.parent_path().string());
  fs::remove_all(old, error);
  return {};
}

Result<std::unique_ptr<store::RocksState>> OpenWholeState(const fs::path& data, const journal::JournalPort& journal,
                                                          const Log& log, rocksdb::Env* env) {
  const fs::path folder = data / "state";
  std::error_code error;
  fs::remove_all(data / "state.new", error);
  TakeOldCopyBack(data);
  auto state = OpenMeeting(folder, journal, env);
  if (state || state.error().code != Code::kCorrupt) return state;
  log.Failure("server.state_replaced", state.error());
  if (IsWhole(journal)) {
    BONGSU_CHECK(store::RocksState::Destroy(folder));
    return OpenMeeting(folder, journal, env);
  }
  if (fs::exists(StateCopyOf(data), error)) {
    BONGSU_CHECK(store::RocksState::Destroy(folder));
    BONGSU_CHECK(PutCopyInPlace(data));
    state = OpenMeeting(folder, journal, env);
  }
  if (!state && state.error().code == Code::kCorrupt) {
    auto carried = CarryOver(data, journal, log, env);
    if (carried) return carried;
    log.Failure("server.state_not_carried_over", carried.error());
  }
  if (state) return state;
  return Fail(Code::kCorrupt, "app.state_lost", "{} and its copy cannot be used ({}); restore a backup",
              folder.string(), state.error().message);
}

}  // namespace bongsu::app
