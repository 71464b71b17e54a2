// SPDX-License-Identifier: Apache-2.0
#include "runtime/committer.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include "model/envelope.hpp"

namespace bongsu::runtime {
namespace {

using journal::AppendDone;
using journal::Batch;
using journal::Committed;
using journal::DiskRoom;
using journal::Outcome;

constexpr std::size_t kClasses = 4;
constexpr auto kRetryClaimEvery = std::chrono::seconds{1};
// The engine's bookkeeping waits this long for the next batch, so that a writer who sends one after the other never
// meets it.
constexpr auto kQuietBeforeSettling = std::chrono::milliseconds{20};

struct Waiting {
  Batch batch;
  AppendDone done;
  std::size_t shard = 0;  // of the caller
  std::size_t bytes = 0;
  std::uint16_t tenant = 0;

  // What it takes of a bound: an empty batch waits, too.
  std::size_t Cost() const { return std::max<std::size_t>(1, batch.records.size()); }
};

// What the shards still hold of the committer; outlives it while work is posted.
struct Outlet {
  Committer::Sink sink;
  std::atomic<std::size_t> undelivered{0};
};

// One batch on its way through a group.
struct Member {
  Waiting waiting;
  std::size_t first = 0;  // index into the group's records
  std::size_t count = 0;
  std::optional<Error> error;
  Committed committed;
};

struct PartitionEnd {
  std::uint64_t seq = 0;
  TimePoint ingest{};
};

struct ClassQueue {
  std::deque<Waiting> waiting;
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::unordered_map<std::uint16_t, std::size_t> by_tenant;  // only tenants that wait: bounded by `records`
};

enum class Phase : std::uint8_t { kServing, kUnknown, kFenced, kStopped };

Error ErrorOf(Code code, std::string_view reason, std::string_view message) {
  return {code, std::string(reason), std::string(message)};
}

}  // namespace

struct Committer::State {
  journal::JournalPort& engine;
  Shards& shards;
  const Clock& clock;
  Log log;
  CommitterOptions options;
  std::shared_ptr<Outlet> outlet = std::make_shared<Outlet>();

  std::mutex mutex;
  std::condition_variable wake;
  std::array<ClassQueue, kClasses> queues;  // under mutex
  bool stopping = true;                     // under mutex; true before Start, too
  std::thread thread;

  std::atomic<Phase> phase{Phase::kStopped};
  std::atomic<DiskRoom> room{DiskRoom::kPlenty};
  std::atomic<double> sync_seconds{0};  ///< Of the last writes, each newer one weighs a quarter.
  std::atomic<std::chrono::steady_clock::time_point> syncing_since{};  ///< 0: none is under way.

  // The thread's own.
  std::unordered_map<std::uint16_t, PartitionEnd> ends;
  std::unordered_map<std::uint16_t, std::uint64_t> delivered;
  std::chrono::steady_clock::time_point last_claim{};
  std::vector<model::Record> scratch;

  Counter& commits;
  Counter& records_total;
  Counter& batches_total;
  Counter& failed_total;
  Histogram& seconds;
  Gauge& group_size;
  std::array<Counter*, kClasses> refused{};
  std::array<Gauge*, kClasses> depth{};

  State(journal::JournalPort& port, Shards& threads, const Clock& time, Metrics& metrics, Log to,
        CommitterOptions given)
      : engine{port},
        shards{threads},
        clock{time},
        log{to},
        options{given},
        commits{metrics.Counter("bongsu_committer_commits_total", "Synced writes.")},
        records_total{metrics.Counter("bongsu_committer_records_total", "Records committed.")},
        batches_total{metrics.Counter("bongsu_committer_batches_total", "Batches committed.")},
        failed_total{metrics.Counter("bongsu_committer_failed_total", "Batches that failed after they were admitted.")},
        seconds{metrics.Histogram("bongsu_committer_commit_seconds", "Seconds of one synced write.")},
        group_size{metrics.Gauge("bongsu_committer_group_records", "Records in the newest synced write.")} {
    for (std::size_t i = 0; i < kClasses; ++i) {
      const std::string label = "class=\"" + std::to_string(i) + "\"";
      refused[i] =
          &metrics.Counter("bongsu_committer_refused_total", "Batches refused because their class was full.", label);
      depth[i] = &metrics.Gauge("bongsu_committer_waiting_records", "Records that wait to be committed.", label);
    }
  }

  /// Takes `waiting` over, or says why not.
  std::optional<Error> Enqueue(std::size_t number, Waiting& waiting);
  void Refuse(std::size_t shard, AppendDone done, Error error) {
    shards.Post(shard, [done = std::move(done), error = std::move(error)]() mutable {
      done(tl::unexpected(std::move(error)));
    });
  }
  std::optional<Error> Admit(const Batch& batch, std::size_t& bytes) const;
  bool HasRoom(std::size_t number, const Waiting& waiting) const;
  void Run();
  std::vector<Member> TakeGroup();
  void TakeOne(std::vector<Member>& group, std::size_t number, std::size_t& records, std::size_t& bytes);
  void Commit(std::vector<Member>& group);
  bool Prepare(Member& member, std::vector<model::Record>& records);
  Result<void> Claim();
  void Recover();
  bool CatchUp();
  void LoadEnds();
  void Deliver(std::vector<std::shared_ptr<const std::vector<model::Record>>> parts);
  void Answer(std::vector<Member>& group);
};

// What is wrong with a batch whatever the state of the queues.
std::optional<Error> Committer::State::Admit(const Batch& batch, std::size_t& bytes) const {
  bytes = 0;
  for (const journal::NewRecord& made : batch.records) {
    if (auto fits = model::CheckEnvelope(made.record); !fits) return std::move(fits).error();
    const std::uint16_t partition = made.record.position.partition;
    if (partition >= engine.partitions() && partition < model::kDeskBase) {
      return Error{Code::kInvalidArgument, "journal.bad_partition",
                   fmt::format("partition {}: data partitions are 0 to {}", partition, engine.partitions() - 1)};
    }
    if (made.cause_in_batch && *made.cause_in_batch >= batch.records.size()) {
      return Error{Code::kInvalidArgument, "journal.bad_cause",
                   fmt::format("cause {} in a batch of {}", *made.cause_in_batch, batch.records.size())};
    }
    bytes += model::EnvelopeSize(made.record);
  }
  if (batch.records.size() > kMaxBatchRecords || bytes > kMaxBatchBytes) {
    return Error{Code::kTooLarge, "journal.batch_too_large",
                 fmt::format("{} records of {} bytes, at most {} of {}", batch.records.size(), bytes, kMaxBatchRecords,
                             kMaxBatchBytes)};
  }
  return std::nullopt;
}

bool Committer::State::HasRoom(std::size_t number, const Waiting& waiting) const {
  const ClassQueue& queue = queues[number];
  const std::size_t count = waiting.Cost();
  if (queue.waiting.empty()) return true;  // a batch larger than the bound may still pass alone
  if (queue.records + count > options.class_records[number]) return false;
  if (queue.bytes + waiting.bytes > options.class_bytes[number]) return false;
  const auto mine = queue.by_tenant.find(waiting.tenant);
  return mine == queue.by_tenant.end() || mine->second + count <= options.tenant_records[number];
}

void Committer::State::TakeOne(std::vector<Member>& group, std::size_t number, std::size_t& records,
                               std::size_t& bytes) {
  ClassQueue& queue = queues[number];
  Waiting waiting = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  const std::size_t count = waiting.batch.records.size();
  queue.records -= waiting.Cost();
  queue.bytes -= waiting.bytes;
  const auto tenant = queue.by_tenant.find(waiting.tenant);
  tenant->second -= waiting.Cost();
  if (tenant->second == 0) queue.by_tenant.erase(tenant);
  records += count;
  bytes += waiting.bytes;
  group.push_back(Member{std::move(waiting), 0, count, std::nullopt, nullptr});
}

std::vector<Member> Committer::State::TakeGroup() {
  std::vector<Member> group;
  std::size_t records = 0, bytes = 0;
  const auto fits = [&](const Waiting& next) {
    return group.empty() ||
           (records + next.batch.records.size() <= options.group_records && bytes + next.bytes <= options.group_bytes);
  };
  for (std::size_t number = 0; number < kClasses; ++number) {
    if (!queues[number].waiting.empty() && fits(queues[number].waiting.front())) TakeOne(group, number, records, bytes);
  }
  for (std::size_t number = 0; number < kClasses; ++number) {
    while (!queues[number].waiting.empty() && fits(queues[number].waiting.front()))
      TakeOne(group, number, records, bytes);
    depth[number]->Set(static_cast<double>(queues[number].records));
  }
  return group;
}

// Gives seqs, ingest times and causes; false leaves `records` and the ends as they were.
bool Committer::State::Prepare(Member& member, std::vector<model::Record>& records) {
  const TimePoint now = clock.Now();
  std::map<std::uint16_t, PartitionEnd> moved;
  member.first = records.size();
  for (journal::NewRecord& made : member.waiting.batch.records) {
    const std::uint16_t partition = made.record.position.partition;
    PartitionEnd& end = moved.try_emplace(partition, ends[partition]).first->second;
    const bool preset = made.record.position.seq != 0;
    if (preset && (made.record.position.seq != end.seq + 1 || made.record.ingest_time <= end.ingest)) {
      member.error = Error{
          Code::kConflict, "journal.moved",
          fmt::format("partition {}: preset seq {} does not follow {}", partition, made.record.position.seq, end.seq)};
      records.resize(member.first);
      return false;
    }
    end.ingest = preset ? made.record.ingest_time : std::max(now, end.ingest + Duration{1});
    made.record.position.seq = ++end.seq;
    made.record.ingest_time = end.ingest;
    records.push_back(std::move(made.record));
  }
  const auto& made = member.waiting.batch.records;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto& cause = made[i].cause_in_batch;
    if (cause) records[member.first + i].cause = records[member.first + *cause].position;
  }
  for (const auto& [partition, end] : moved) ends[partition] = end;
  return true;
}

void Committer::State::LoadEnds() {
  ends.clear();
  for (const std::uint16_t partition : engine.Partitions()) {
    PartitionEnd end;
    end.seq = engine.RangeOf(partition).last_seq;
    if (const auto newest = engine.At({partition, end.seq})) end.ingest = newest->ingest_time;
    ends[partition] = end;
  }
}

Result<void> Committer::State::Claim() {
  last_claim = std::chrono::steady_clock::now();
  BONGSU_TRY(const std::uint32_t epoch, engine.Claim(clock.Now()));
  LoadEnds();
  log.Info("journal.claimed", {{"epoch", static_cast<std::int64_t>(epoch)}});
  return {};
}

// After an unknown append: hands out what turned out to be on disk.
bool Committer::State::CatchUp() {
  for (const auto& [partition, end] : ends) {
    auto found = std::make_shared<std::vector<model::Record>>();
    const auto read = engine.Read(partition, delivered[partition] + 1, [&](const model::Record& record) {
      found->push_back(record);
      return true;
    });
    if (!found->empty()) Deliver({std::move(found)});
    if (!read) {
      log.Failure("journal.catch_up", read.error());
      return false;
    }
  }
  return true;
}

void Committer::State::Recover() {
  if (std::chrono::steady_clock::now() - last_claim < kRetryClaimEvery) return;
  if (auto claimed = Claim(); !claimed) {
    log.Failure("journal.claim_failed", claimed.error());
    return;
  }
  if (CatchUp()) phase.store(Phase::kServing);
}

void Committer::State::Deliver(std::vector<Committed> parts) {
  std::vector<std::vector<const model::Record*>> by_shard(shards.size());
  std::size_t count = 0;
  for (const Committed& part : parts) {
    for (const model::Record& record : *part) {
      delivered[record.position.partition] = record.position.seq;
      by_shard[shards.ShardOf(record.position.partition)].push_back(&record);
      ++count;
    }
  }
  if (!outlet->sink) return;
  outlet->undelivered.fetch_add(count, std::memory_order_relaxed);
  const auto owner = std::make_shared<const std::vector<Committed>>(std::move(parts));
  for (std::size_t shard = 0; shard < by_shard.size(); ++shard) {
    if (by_shard[shard].empty()) continue;
    shards.Post(shard, [outlet = outlet, shard, owner, records = std::move(by_shard[shard])] {
      outlet->sink(shard, records);
      outlet->undelivered.fetch_sub(records.size(), std::memory_order_relaxed);
    });
  }
}

void Committer::State::Answer(std::vector<Member>& group) {
  std::vector<std::vector<Member>> by_shard(shards.size());
  for (Member& member : group) {
    const std::size_t shard = member.waiting.shard;
    by_shard[shard].push_back(std::move(member));
  }
  for (std::size_t shard = 0; shard < by_shard.size(); ++shard) {
    if (by_shard[shard].empty()) continue;
    // std::function wants to be copyable; the members are moved once and looked at once.
    auto members = std::make_shared<std::vector<Member>>(std::move(by_shard[shard]));
    shards.Post(shard, [members = std::move(members)] {
      for (Member& member : *members) {
        if (member.error) {
          member.waiting.done(tl::unexpected(std::move(*member.error)));
        } else {
          member.waiting.done(std::move(member.committed));
        }
      }
    });
  }
}

void Committer::State::Commit(std::vector<Member>& group) {
  const auto fail_rest = [&](const Error& error) {
    for (Member& member : group) {
      if (!member.error) member.error = error;
    }
  };
  if (phase.load() == Phase::kUnknown) Recover();
  if (phase.load() == Phase::kFenced) {
    fail_rest(ErrorOf(Code::kUnavailable, "journal.not_owner", "another writer claimed the journal"));
  } else if (phase.load() == Phase::kUnknown) {
    fail_rest(ErrorOf(Code::kUnavailable, "journal.unknown", "the journal could not be claimed again yet"));
  }
  room.store(engine.Room());
  std::vector<model::Record>& records = scratch;
  records.clear();
  const auto before = ends;
  for (Member& member : group) {
    if (member.error) continue;
    const bool urgent = member.waiting.batch.admission == model::Admission::kUrgent;
    if (room.load() == DiskRoom::kNone || (room.load() == DiskRoom::kUrgentOnly && !urgent)) {
      member.error = ErrorOf(Code::kDiskFull, "journal.disk_full", "free disk space is below the reserve");
      continue;
    }
    (void)Prepare(member, records);
  }

  if (!records.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    syncing_since.store(begin);
    journal::AppendResult result = engine.Append(records);
    syncing_since.store({});
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    seconds.Observe(took);
    sync_seconds.store(0.75 * sync_seconds.load() + 0.25 * took);
    if (result.outcome != Outcome::kDurable) {
      log.Failure("journal.append_failed", result.error);
      ends = before;
      fail_rest(result.error);
      if (result.outcome == Outcome::kUnknown) {
        phase.store(Phase::kUnknown);
        last_claim = {};
        Recover();  // before the answers, so that a writer who reads again sees how it ended
      } else if (result.error.reason == "journal.not_owner") {
        phase.store(Phase::kFenced);
      } else {
        LoadEnds();
      }
    } else {
      commits.Add();
      records_total.Add(records.size());
      group_size.Set(static_cast<double>(records.size()));
    }
  }

  std::vector<Committed> parts;
  for (Member& member : group) {
    if (member.error) {
      failed_total.Add();
      continue;
    }
    const auto first = records.begin() + static_cast<std::ptrdiff_t>(member.first);
    auto own = std::make_shared<std::vector<model::Record>>(
        std::make_move_iterator(first), std::make_move_iterator(first + static_cast<std::ptrdiff_t>(member.count)));
    member.committed = std::move(own);
    if (member.count > 0) parts.push_back(member.committed);
    batches_total.Add();
  }
  if (!parts.empty()) Deliver(std::move(parts));
  Answer(group);
}

void Committer::State::Run() {
  bool settled = true;
  for (;;) {
    std::vector<Member> group;
    {
      std::unique_lock lock(mutex);
      const auto waits = [&] {
        return std::any_of(queues.begin(), queues.end(),
                           [](const ClassQueue& queue) { return !queue.waiting.empty(); });
      };
      const auto ready = [&] { return stopping || waits(); };
      if (!settled && !wake.wait_for(lock, kQuietBeforeSettling, ready)) {
        settled = true;
        lock.unlock();
        if (phase.load() == Phase::kServing) engine.Settle(true);
        lock.lock();
      }
      wake.wait(lock, ready);
      if (!waits()) return;
      group = TakeGroup();
    }
    Commit(group);
    if (phase.load() == Phase::kServing) engine.Settle(false);
    settled = false;
  }
}

Committer::Committer(journal::JournalPort& engine, Shards& shards, const Clock& clock, Metrics& metrics, Log log,
                     CommitterOptions options)
    : state_{std::make_unique<State>(engine, shards, clock, metrics, log, options)} {}

Committer::~Committer() { Stop(); }

void Committer::SetSink(Sink sink) { state_->outlet->sink = std::move(sink); }

void Committer::CountHeld(std::int64_t more) {
  state_->outlet->undelivered.fetch_add(static_cast<std::size_t>(more), std::memory_order_relaxed);
}

Result<void> Committer::Start() {
  State& s = *state_;
  BONGSU_CHECK(s.Claim());
  for (const auto& [partition, end] : s.ends) s.delivered[partition] = end.seq;
  s.room.store(s.engine.Room());
  s.phase.store(Phase::kServing);
  s.stopping = false;
  s.thread = std::thread([&s] { s.Run(); });
  return {};
}

void Committer::Stop() {
  State& s = *state_;
  {
    const std::lock_guard lock(s.mutex);
    s.stopping = true;
  }
  s.wake.notify_all();
  if (s.thread.joinable()) s.thread.join();
  s.phase.store(Phase::kStopped);
}

std::optional<Error> Committer::State::Enqueue(std::size_t number, Waiting& waiting) {
  const std::lock_guard lock(mutex);
  if (stopping) return ErrorOf(Code::kUnavailable, "journal.stopping", "the journal takes nothing new");
  if ((number != 0 && outlet->undelivered.load(std::memory_order_relaxed) > options.undelivered_records) ||
      !HasRoom(number, waiting)) {
    refused[number]->Add();
    return Error{Code::kOverloaded, "journal.class_full", fmt::format("admission class {} is full", number)};
  }
  ClassQueue& queue = queues[number];
  queue.records += waiting.Cost();
  queue.bytes += waiting.bytes;
  queue.by_tenant[waiting.tenant] += waiting.Cost();
  queue.waiting.push_back(std::move(waiting));
  return std::nullopt;
}

void Committer::Append(Batch batch, AppendDone done) {
  State& s = *state_;
  const std::size_t current = s.shards.Current();
  Waiting waiting{std::move(batch), std::move(done), current < s.shards.size() ? current : 0, 0, 0};
  const auto number = static_cast<std::size_t>(waiting.batch.admission);
  if (!waiting.batch.records.empty()) waiting.tenant = waiting.batch.records.front().record.tenant;
  std::optional<Error> error = s.Admit(waiting.batch, waiting.bytes);
  if (!error) error = s.Enqueue(number, waiting);
  if (error) {
    s.Refuse(waiting.shard, std::move(waiting.done), std::move(*error));
  } else {
    s.wake.notify_one();
  }
}

std::uint16_t Committer::partitions() const { return state_->engine.partitions(); }

Result<void> Committer::Health() const {
  switch (state_->phase.load()) {
    case Phase::kFenced:
      return Fail(Code::kUnavailable, "journal.not_owner", "another writer claimed the journal");
    case Phase::kUnknown:
      return Fail(Code::kUnavailable, "journal.unknown", "the journal could not be claimed again yet");
    case Phase::kStopped:
      return Fail(Code::kUnavailable, "journal.stopping", "the committer does not run");
    case Phase::kServing:
      break;
  }
  if (state_->room.load() != DiskRoom::kPlenty) {
    return Fail(Code::kDiskFull, "journal.disk_full", "free disk space is below the reserve");
  }
  return {};
}

double Committer::SyncSeconds() const {
  const auto since = state_->syncing_since.load();
  const double under_way = since == std::chrono::steady_clock::time_point{}
                               ? 0
                               : std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
  return std::max(state_->sync_seconds.load(), under_way);
}

}  // namespace bongsu::runtime
