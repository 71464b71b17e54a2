// SPDX-License-Identifier: Apache-2.0
#include "know/journal/fold_guard.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/json.hpp"

namespace bongsu::journal {

struct FoldGuard::Slot {
  std::uint64_t magic = 0;
  std::uint64_t folding = 0;  ///< 1: the position below is being folded.
  std::uint64_t crashed = 0;  ///< 1: a crash came while it was.
  std::uint64_t partition = 0;
  std::uint64_t seq = 0;
};

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMagic = 0x31444C4F46474E42;  // "BNGFOLD1"
constexpr std::array kCrashes{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

// A signal handler has no other way to its data. Points to {folding, crashed} of the one guard.
std::atomic<std::uint64_t*> mapped_folding{nullptr};
std::atomic<std::uint64_t*> mapped_crashed{nullptr};

void OnCrash(int signal) {
  std::uint64_t* const folding = mapped_folding.load();
  std::uint64_t* const crashed = mapped_crashed.load();
  if (folding != nullptr && crashed != nullptr && *folding != 0) *crashed = 1;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct Suspect {
  model::Position position;
  int aborts = 0;
};

fs::path ListOf(const fs::path& folder) { return folder / "poison.json"; }

std::vector<Suspect> ReadList(const fs::path& folder) {
  std::ifstream file(ListOf(folder), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<Suspect> suspects;
  const auto list = json::Parse(text);
  if (!list) return suspects;
  for (const json::Value& item : (*list)["records"].AsArray()) {
    suspects.push_back(
        {{static_cast<std::uint16_t>(item["partition"].AsInt()), static_cast<std::uint64_t>(item["seq"].AsInt())},
         static_cast<int>(item["aborts"].AsInt())});
  }
  return suspects;
}

Result<void> WriteList(const fs::path& folder, const std::vector<Suspect>& suspects) {
  json::Array records;
  for (const Suspect& suspect : suspects) {
    records.emplace_back(json::Object{{"partition", static_cast<std::int64_t>(suspect.position.partition)},
                                      {"seq", suspect.position.seq},
                                      {"aborts", suspect.aborts}});
  }
  const fs::path draft = ListOf(folder).string() + ".new";
  std::ofstream file(draft, std::ios::binary);
  file << json::ToString(json::Object{{"records", std::move(records)}}) << "\n";
  file.close();
  std::error_code error;
  if (file) fs::rename(draft, ListOf(folder), error);
  if (!file || error)
    return Fail(Code::kUnavailable, "journal.fold_guard", "{} cannot be written", ListOf(folder).string());
  return {};
}

std::vector<model::Position> LeftOut(const std::vector<Suspect>& suspects) {
  std::vector<model::Position> positions;
  for (const Suspect& suspect : suspects) {
    if (suspect.aborts >= FoldGuard::kAborts) positions.push_back(suspect.position);
  }
  return positions;
}

}  // namespace

std::vector<model::Position> FoldGuard::Poisoned(const fs::path& folder) { return LeftOut(ReadList(folder)); }

Result<std::unique_ptr<FoldGuard>> FoldGuard::Open(const fs::path& folder, const Log& log) {
  const fs::path path = folder / "folding";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  void* mapped = MAP_FAILED;
  // Allocated, not only sized: a full disk must show here and not as SIGBUS in the middle of a fold.
  if (file >= 0 && ::posix_fallocate(file, 0, sizeof(Slot)) == 0)
    mapped = ::mmap(nullptr, sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file >= 0) ::close(file);
  if (mapped == MAP_FAILED)  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
    return Fail(Code::kUnavailable, "journal.fold_guard", "{} cannot be mapped", path.string());
  std::unique_ptr<FoldGuard> guard{new FoldGuard};  // NOLINT: private constructor
  guard->slot_ = static_cast<Slot*>(mapped);
  Slot& slot = *guard->slot_;
  std::vector<Suspect> suspects = ReadList(folder);
  if (slot.magic == kMagic && slot.folding != 0 && slot.crashed != 0) {
    const model::Position position{static_cast<std::uint16_t>(slot.partition), slot.seq};
    auto found = std::ranges::find(suspects, position, &Suspect::position);
    if (found == suspects.end()) found = suspects.insert(found, Suspect{position, 0});
    ++found->aborts;
    log.Error("journal.fold_aborted", {{"partition", static_cast<std::int64_t>(position.partition)},
                                       {"seq", static_cast<std::int64_t>(position.seq)},
                                       {"times", static_cast<std::int64_t>(found->aborts)}});
    BONGSU_CHECK(WriteList(folder, suspects));
  }
  slot = {.magic = kMagic, .folding = 0, .crashed = 0, .partition = 0, .seq = 0};
  guard->poisoned_ = LeftOut(suspects);
  mapped_folding.store(&slot.folding);
  mapped_crashed.store(&slot.crashed);
  for (const int signal : kCrashes) std::signal(signal, OnCrash);
  return guard;
}

FoldGuard::~FoldGuard() {
  mapped_folding.store(nullptr);
  mapped_crashed.store(nullptr);
  for (const int signal : kCrashes) std::signal(signal, SIG_DFL);
  ::munmap(slot_, sizeof(Slot));
}

void FoldGuard::Mark(model::Position position) noexcept {
  slot_->partition = position.partition;
  slot_->seq = position.seq;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot_->folding = 1;
}

void FoldGuard::Unmark() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot_->folding = 0;
}

GuardedJournal::GuardedJournal(const JournalPort& inner, FoldGuard* guard, std::vector<model::Position> left_out)
    : inner_{inner}, guard_{guard}, left_out_{std::move(left_out)} {}

Result<std::uint64_t> GuardedJournal::Read(std::uint16_t partition, std::uint64_t from_seq,
                                           const std::function<bool(const model::Record&)>& visit) const {
  const bool marks = guard_ != nullptr && guard_->marking_.load(std::memory_order_relaxed);
  if (!marks && left_out_.empty()) return inner_.Read(partition, from_seq, visit);
  return inner_.Read(partition, from_seq, [&](const model::Record& record) {
    if (std::ranges::find(left_out_, record.position) != left_out_.end()) return true;
    if (!marks) return visit(record);
    guard_->Mark(record.position);
    const bool more = visit(record);
    guard_->Unmark();
    return more;
  });
}

}  // namespace bongsu::journal
