// SPDX-License-Identifier: Apache-2.0
#include "know/store/saver.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bongsu::store {
namespace {

std::string KeyOf(std::uint16_t tenant, std::string_view id) {
  std::string key;
  key.reserve(id.size() + 2);
  key += static_cast<char>(tenant >> 8U);
  key += static_cast<char>(tenant & 0xFFU);
  key += id;
  return key;
}

std::uint16_t TenantOf(const std::string& key) {
  return static_cast<std::uint16_t>((static_cast<std::uint8_t>(key[0]) << 8U) | static_cast<std::uint8_t>(key[1]));
}

/// What was not written goes before what came since.
template <class T>
void PutBack(std::vector<T>& unwritten, std::vector<T>& since) {
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
                            fmt::format("shard=\"{}\"", shard))} {
  context_.set_before_change([this](std::uint16_t tenant, std::string_view id, const context::Entity* entity) {
    BeforeChange(tenant, id, entity);
  });
  context_.set_on_change([this](const model::Record& record, std::string_view id, context::Change change,
                                context::Entity* after) { OnChange(record, id, change, after); });
}

void Saver::Start() { Schedule(); }

void Saver::Schedule() {
  shards_.After(shard_, options_.interval, [this] {
    Schedule();
    if (!running_) Begin();
  });
}

void Saver::BeforeChange(std::uint16_t tenant, std::string_view id, const context::Entity* entity) {
  if (encoding_.empty()) return;
  const auto key = encoding_.find(KeyOf(tenant, id));
  if (key == encoding_.end()) return;
  Encode(key->first, key->second, entity);
  encoding_.erase(key);
}

void Saver::OnChange(const model::Record& record, std::string_view id, context::Change change, context::Entity* after) {
  dirty_.insert_or_assign(KeyOf(record.tenant, id), record.position.partition);
  if (history_.size() >= options_.max_history_rows) {
    left_out_.Add();
    if (after != nullptr) after->changes = options_.keyframe_every;  // the next row is a whole copy again
    return;
  }
  HistoryRow& row = history_.emplace_back();
  row.key = {record.position.partition, record.tenant, std::string(id)};
  row.at = record.ingest_time;
  row.seq = record.position.seq;
  row.keyframe =
      after == nullptr || change == context::Change::kCreated || after->changes + 1 >= options_.keyframe_every;
  if (after == nullptr) return;
  if (row.keyframe) row.bytes = context::Encode(*after);
  after->changes = row.keyframe ? std::uint8_t{0} : static_cast<std::uint8_t>(after->changes + 1);
}

void Saver::Note(const model::Record& record, std::string_view id, history::Changes changes) {
  if (changes.series.empty() && !changes.evolution) return;
  dirty_.insert_or_assign(KeyOf(record.tenant, id), record.position.partition);
  if (changes.evolution) evolutions_.push_back(std::move(*changes.evolution));
  if (series_.size() + changes.series.size() > options_.max_history_rows) return left_out_.Add(changes.series.size());
  std::ranges::move(changes.series, std::back_inserter(series_));
}

bool Saver::Clean(std::uint16_t tenant, std::string_view id) const {
  return !running_ && !dirty_.contains(KeyOf(tenant, id));
}

void Saver::Begin() {
  waiting_ = std::exchange(next_, {});
  if (dirty_.empty() && history_.empty() && waiting_.empty()) return;
  running_ = true;
  begun_ = std::chrono::steady_clock::now();
  encoding_ = std::exchange(dirty_, {});
  batch_ = std::make_shared<StateBatch>();
  batch_->history = std::exchange(history_, {});
  batch_->series = std::exchange(series_, {});
  batch_->evolutions = std::exchange(evolutions_, {});
  batch_->applied.assign(context_.applied().begin(), context_.applied().end());
  Slice();
}

void Saver::Slice() {
  for (std::size_t left = options_.slice; left > 0 && !encoding_.empty(); --left) {
    const auto key = encoding_.begin();
    Encode(key->first, key->second, context_.Find(TenantOf(key->first), std::string_view{key->first}.substr(2)));
    encoding_.erase(key);
  }
  if (encoding_.empty()) return Write();
  shards_.Post(shard_, [this] { Slice(); });
}

void Saver::Encode(const std::string& key, std::uint16_t partition, const context::Entity* entity) {
  EntityRow& row = batch_->entities.emplace_back();
  row.key = {partition, TenantOf(key), key.substr(2)};
  if (entity == nullptr) return;
  row.bytes = context::Encode(*entity);
  row.changes = entity->changes;
}

void Saver::Write() {
  const bool taken = pool_.Run([this, batch = batch_] {
    auto result = std::make_shared<Result<void>>(state_.Write(*batch));
    shards_.Post(shard_, [this, result] { Written(*result); });
  });
  if (!taken) Written(Fail(Code::kOverloaded, "state.pool_full", "the blocking pool is full"));
}

void Saver::Written(const Result<void>& result) {
  running_ = false;
  behind_.Set(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
  const auto batch = std::exchange(batch_, nullptr);
  if (result) {
    saves_.Add();
  } else {
    failures_.Add();
    log_.Failure("store.save_failed", result.error());
    for (const EntityRow& row : batch->entities) dirty_.emplace(KeyOf(row.key.tenant, row.key.id), row.key.partition);
    PutBack(batch->history, history_);
    PutBack(batch->series, series_);
    PutBack(batch->evolutions, evolutions_);
  }
  for (const auto& then : std::exchange(waiting_, {})) then(result);
  if (!next_.empty()) Begin();
}

void Saver::Flush(std::function<void(Result<void>)> then) {
  next_.push_back(std::move(then));
  if (!running_) Begin();
}

}  // namespace bongsu::store
