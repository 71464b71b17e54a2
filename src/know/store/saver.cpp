// SPDX-License-Identifier: Apache-2.0
#include "know/store/saver.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace bongsu::store {
namespace {

constexpr std::chrono::milliseconds kPause{1};  ///< After a slice of encoding, which takes a third of it.

/// What was not written goes before what came since.
template <class T>
void PutBefore(std::vector<T>& unwritten, std::vector<T>& since) {
  std::ranges::move(since, std::back_inserter(unwritten));
  since = std::move(unwritten);
}

}  // namespace

Saver::Saver(std::size_t shard, runtime::Shards& shards, runtime::BlockingPool& pool, context::Context& context,
             StatePort& state, Metrics& metrics, Log log, SaverOptions options)
    : shard_{shard},
      shards_{shards},
      pool_{pool},
      context_{context},
      state_{state},
      log_{log},
      options_{options},
      left_out_{metrics.Counter("bongsu_store_history_left_out_total",
                                "Changes that are not in the history because saving was too slow.")},
      saves_{metrics.Counter("bongsu_store_saves_total", "Saves of entity state that were written.")},
      failures_{metrics.Counter("bongsu_store_save_failures_total",
                                "Saves of entity state that failed and are tried again.")},
      behind_{metrics.Gauge("bongsu_store_save_seconds", "How long the last save of a shard took.",
                            fmt::format("shard=\"{}\"", shard))} {}

void Saver::Round::Key(std::uint16_t tenant, std::string_view id) {
  key_.clear();
  key_ += static_cast<char>(tenant >> 8U);
  key_ += static_cast<char>(tenant & 0xFFU);
  key_ += id;
}

EntityRows* Saver::Round::Find(std::uint16_t tenant, std::string_view id) {
  if (rows.empty()) return nullptr;
  Key(tenant, id);
  const auto at = places_.find(key_);
  return at != places_.end() ? &rows[at->second] : nullptr;
}

EntityRows& Saver::Round::Of(std::uint16_t partition, std::uint16_t tenant, std::string_view id) {
  Key(tenant, id);
  const auto [at, fresh] = places_.try_emplace(key_, rows.size());
  if (fresh) rows.emplace_back().key = {partition, tenant, std::string(id)};
  return rows[at->second];
}

bool Saver::Round::Holds(std::uint16_t tenant, std::string_view id) {
  if (places_.empty()) return false;
  Key(tenant, id);
  return places_.contains(key_);
}

void Saver::Round::Clear() {
  rows.clear();
  places_.clear();
}

void Saver::Start() { Schedule(); }

void Saver::Schedule() {
  shards_.After(shard_, options_.interval, [this] {
    Schedule();
    due_ = running_;
    if (!running_) Begin();
  });
}

void Saver::BeforeChange(std::uint16_t tenant, std::string_view id, const context::Entity* entity) {
  EntityRows* rows = saving_.Find(tenant, id);
  if (rows != nullptr && !rows->saved) Encode(*rows, entity);
}

void Saver::Note(const model::Record& record, const model::EntityPatch& patch, context::Change change,
                 const history::EntityBefore& before, const context::Entity* after) {
  if (change == context::Change::kNothing && !model::IsTemporal(patch.op)) return;
  EntityRows& rows = round_.Of(record.position.partition, record.tenant, patch.id);
  if (change != context::Change::kNothing) NoteHistory(record, change, after, rows);
  NoteSeries(record, patch, before, after, rows);
}

void Saver::NoteHistory(const model::Record& record, context::Change change, const context::Entity* after,
                        EntityRows& rows) {
  if (history_rows_ >= options_.max_history_rows) {
    left_out_.Add();
    if (after != nullptr) after->changes = options_.keyframe_every;  // the next row is a whole copy again
    return;
  }
  ++history_rows_;
  HistoryRow& row = rows.history.emplace_back();
  row.at = record.ingest_time;
  row.seq = record.position.seq;
  row.keyframe =
      after == nullptr || change == context::Change::kCreated || after->changes + 1 >= options_.keyframe_every;
  if (after == nullptr) return;
  if (row.keyframe) row.bytes = context::Encode(*after);
  after->changes = row.keyframe ? std::uint8_t{0} : static_cast<std::uint8_t>(after->changes + 1);
}

void Saver::NoteSeries(const model::Record& record, const model::EntityPatch& patch,
                       const history::EntityBefore& before, const context::Entity* after, EntityRows& rows) {
  if (samples_ < options_.max_history_rows) {
    const std::size_t held = rows.past.series.size();
    history::Note(before, after, record, patch, rows.past);
    samples_ += rows.past.series.size() - held;
    return;
  }
  history::EntityChanges changes;
  history::Note(before, after, record, patch, changes);
  left_out_.Add(changes.series.size());
  if (!changes.evolves) return;
  rows.past.evolves = true;
  rows.past.evolution = std::move(changes.evolution);
}

bool Saver::Clean(std::uint16_t tenant, std::string_view id) { return !running_ && round_.Find(tenant, id) == nullptr; }

void Saver::Begin() {
  due_ = false;
  waiting_ = std::exchange(next_, {});
  if (round_.empty() && waiting_.empty()) return;
  TakeRound();
  Slice();
}

void Saver::TakeRound() {
  running_ = true;
  begun_ = std::chrono::steady_clock::now();
  std::swap(saving_, round_);
  history_rows_ = 0;
  samples_ = 0;
  encoded_ = 0;
  applied_.assign(context_.applied().begin(), context_.applied().end());
}

void Saver::EncodeNext() {
  EntityRows& rows = saving_.rows[encoded_++];
  if (!rows.saved) Encode(rows, context_.Find(rows.key.tenant, rows.key.id));
}

void Saver::SaveHere() {
  if (round_.empty()) return;
  TakeRound();
  while (encoded_ < saving_.rows.size()) EncodeNext();
  Writing writing = TakeRows();
  while (writing.WriteOne(state_)) continue;
  Written(writing.result, std::move(writing.batches));
}

void Saver::Slice() {
  for (std::size_t left = options_.slice; left > 0 && encoded_ < saving_.rows.size(); --left) EncodeNext();
  if (encoded_ == saving_.rows.size()) return WriteNext(std::make_shared<Writing>(TakeRows()));
  if (Hurries(options_.interval / 4)) return shards_.Post(shard_, [this] { Slice(); });
  shards_.After(shard_, kPause, [this] { Slice(); });
}

/// A save leaves others their turn on the shard and on the machine's cores, unless somebody waits for it or the time
/// for that is over.
bool Saver::Hurries(std::chrono::milliseconds after) const {
  return !waiting_.empty() || !next_.empty() || !alone_.empty() || std::chrono::steady_clock::now() - begun_ > after;
}

void Saver::Encode(EntityRows& rows, const context::Entity* entity) {
  rows.saved = true;
  rows.bytes.clear();
  if (entity == nullptr) return;
  rows.bytes = context::Encode(*entity);
  rows.changes = entity->changes;
}

Saver::Writing Saver::TakeRows() {
  Writing writing;
  writing.rows = std::move(saving_.rows);  // its keys stay until they are written (Saved)
  writing.applied = applied_;
  return writing;
}

/// One batch in the pool, then as long a pause as that took; all that is left when it hurries.
void Saver::WriteNext(const std::shared_ptr<Writing>& writing) {
  const bool all = Hurries(options_.interval / 2);
  const bool taken = pool_.Run([this, writing, all] {
    const auto begin = std::chrono::steady_clock::now();
    bool more = writing->WriteOne(state_);
    while (all && more) more = writing->WriteOne(state_);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    shards_.Post(shard_, [this, writing, more, took] {
      if (!more) return Written(writing->result, std::move(writing->batches));
      if (Hurries(options_.interval / 2)) return WriteNext(writing);
      shards_.After(shard_, took + kPause, [this, writing] { WriteNext(writing); });
    });
  });
  if (taken) return;
  writing->MakeBatches();
  Written(Fail(Code::kOverloaded, "state.pool_full", "the blocking pool is full"), std::move(writing->batches));
}

/// False when that was the last one, or it failed.
bool Saver::Writing::WriteOne(StatePort& state) {
  MakeBatches();
  if (!batches.empty()) result = state.Write(batches.back());
  if (!result || batches.empty()) return false;
  batches.pop_back();
  return !batches.empty();
}

/// One a partition that changed, the positions of the others in one more; once.
void Saver::Writing::MakeBatches() {
  std::map<std::uint16_t, StateBatch> changed;
  for (EntityRows& row : rows) changed[row.key.partition].entities.push_back(std::move(row));
  rows.clear();
  StateBatch others;
  for (const auto& position : std::exchange(applied, {})) {
    const auto batch = changed.find(position.first);
    if (batch == changed.end()) {
      others.applied.push_back(position);
      continue;
    }
    batch->second.applied = {position};
    batches.push_back(std::move(batch->second));
  }
  if (!others.applied.empty()) batches.push_back(std::move(others));
}

void Saver::Written(const Result<void>& result, std::vector<StateBatch> unwritten) {
  running_ = false;
  behind_.Set(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
  if (result) {
    saves_.Add();
  } else {
    failures_.Add();
    log_.Failure("store.save_failed", result.error());
    PutBack(std::move(unwritten));
  }
  // Thousands of keys: taken down in the pool, or here when that is full.
  (void)pool_.Run([gone = std::make_shared<Round>(std::exchange(saving_, {}))] {});
  if (after_save_) after_save_();
  for (const auto& then : std::exchange(waiting_, {})) then(result);
  GoOn();
}

/// What waits for the end of the save or of the work that ran.
void Saver::GoOn() {
  if (running_) return;
  if (!next_.empty() || due_) Begin();
  if (running_ || alone_.empty()) return;
  Work work = std::move(alone_.front());
  alone_.pop_front();
  RunAlone(std::move(work));
}

void Saver::Alone(std::function<Result<void>()> work, std::function<void(Result<void>)> then) {
  alone_.push_back({std::move(work), std::move(then)});
  GoOn();
}

void Saver::RunAlone(Work work) {
  running_ = true;
  const auto end = [this, then = work.then](const Result<void>& result) {
    running_ = false;
    then(result);
    GoOn();
  };
  const bool taken = pool_.Run([this, run = std::move(work.run), end] {
    const Result<void> result = run();
    shards_.Post(shard_, [end, result] { end(result); });
  });
  if (!taken) end(Fail(Code::kOverloaded, "state.pool_full", "the blocking pool is full"));
}

void Saver::PutBack(std::vector<StateBatch> unwritten) {
  for (StateBatch& batch : unwritten) {
    for (EntityRows& old : batch.entities) {
      EntityRows& rows = round_.Of(old.key.partition, old.key.tenant, old.key.id);
      history_rows_ += old.history.size();
      samples_ += old.past.series.size();
      PutBefore(old.history, rows.history);
      const auto whole = old.past.series.Append(rows.past.series);
      if (!whole) log_.Failure("store.save_failed", whole.error());
      rows.past.series = std::move(old.past.series);
      if (!rows.past.evolves && old.past.evolves) {
        rows.past.evolves = true;
        rows.past.evolution = std::move(old.past.evolution);
      }
    }
  }
}

void Saver::Flush(std::function<void(Result<void>)> then) {
  next_.push_back(std::move(then));
  if (!running_) Begin();
}

}  // namespace bongsu::store
