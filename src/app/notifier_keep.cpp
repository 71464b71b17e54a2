// SPDX-License-Identifier: Apache-2.0
// How far notifications have come: written down every second, found again after a restart.
#include <algorithm>
#include <charconv>
#include <future>

#include "act/notifications/subscription_book.hpp"
#include "app/notifier_parts.hpp"
#include "model/subscription_record.hpp"

namespace bongsu::app {
namespace {

using notifications::Statistics;

constexpr std::chrono::milliseconds kKeepEvery{1'000};
constexpr std::uint64_t kIdleRounds = 5;       ///< Without anything to tell, progress is written this seldom.
constexpr std::uint64_t kCountersRounds = 60;  ///< Counters go to the desk this seldom.
constexpr std::size_t kMaxCursors = 20'000;    ///< In one record; with more the older record stands, and more repeats.
constexpr std::size_t kMaxStatistics = 5'000;
constexpr std::uint64_t kLookBack = 10'000;  ///< Records read at once when the newest state record is looked for.

std::uint16_t StatePartition(std::uint16_t tenant, std::uint16_t partitions) {
  return model::PartitionOf(tenant, "subscriptions", partitions);
}

void PutProgress(json::Writer& out, const std::map<std::uint16_t, std::uint64_t>& progress) {
  out.Object();
  for (const auto& [partition, seq] : progress) out.Key(std::to_string(partition)).Int(static_cast<std::int64_t>(seq));
  out.End();
}

std::map<std::uint16_t, std::uint64_t> ProgressOf(const json::Value& value) {
  std::map<std::uint16_t, std::uint64_t> progress;
  for (const auto& [name, seq] : value.AsObject()) {
    std::uint16_t partition = 0;
    std::from_chars(name.data(), name.data() + name.size(), partition);
    progress[partition] = static_cast<std::uint64_t>(seq.AsInt());
  }
  return progress;
}

/// First seq that may have been taken in after `since`.
std::uint64_t FirstAfter(const journal::JournalPort& journal, std::uint16_t partition, TimePoint since) {
  const auto range = journal.RangeOf(partition);
  std::uint64_t low = range.first_seq;
  std::uint64_t high = range.last_seq + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto record = journal.At({partition, middle});
    if (record && record->ingest_time <= since) {
      low = middle + 1;
    } else {
      high = middle;  // a void record: look before it, earlier is safe
    }
  }
  return low;
}

}  // namespace

void Notifier::Start() {
  kept_.assign(house_.append.partitions(), 0);
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard] { house_.context.context(shard).set_watch(parts_[shard].get()); });
  }
  house_.shards.After(0, kKeepEvery, [this] { Keep(); });
}

/// Each shard says how far it has matched, and tells every shard so behind its offers: a lane's shard that heard all of
/// them has taken everything up to there.
void Notifier::Keep() {
  const auto round = std::make_shared<Round>(parts_.size());
  for (std::size_t from = 0; from < parts_.size(); ++from) {
    house_.shards.Post(from, [this, round, from] {
      round->progress[from] = parts_[from]->progress;
      for (std::size_t to = 0; to < parts_.size(); ++to) {
        house_.shards.Post(to, [this, round, to] {
          if (++round->tokens[to] < parts_.size()) return;
          Collect(to, *round);
          if (round->left.fetch_sub(1, std::memory_order_acq_rel) == 1)
            house_.shards.Post(0, [this, round] { Write(round); });
        });
      }
    });
  }
}

void Notifier::Collect(std::size_t shard, Round& round) {
  Part& part = *parts_[shard];
  for (auto key = part.busy.begin(); key != part.busy.end();) {
    const auto found = part.lanes.find(*key);
    if (found == part.lanes.end()) {
      key = part.busy.erase(key);
      continue;
    }
    const NotifierLane& entry = found->second;
    Round::Kept& kept = round.kept[shard][entry.subscription->tenant];
    Progress cursor = entry.lane->Cursor();
    const bool changed = entry.lane->changes() != entry.kept_changes;
    round.waiting += entry.lane->waiting();
    if (entry.lane->behind()) ++round.lanes_behind;
    if (!changed && cursor.empty() && entry.lane->waiting() == 0) {
      key = part.busy.erase(key);
      continue;
    }
    if (!cursor.empty()) kept.cursors[entry.subscription->id] = std::move(cursor);
    if (changed) kept.statistics[entry.subscription->id] = {entry.lane->changes(), entry.lane->statistics()};
    ++key;
  }
}

/// On shard 0.
void Notifier::Write(const std::shared_ptr<Round>& round) {
  house_.shards.After(0, kKeepEvery, [this] { Keep(); });
  ++rounds_;
  count_.Set(static_cast<double>(parts_.front()->index.size()));
  behind_.Set(static_cast<double>(round->lanes_behind.load()));
  waiting_.Set(static_cast<double>(round->waiting.load()));

  Progress seen;
  for (const Progress& part : round->progress) seen.insert(part.begin(), part.end());
  std::map<std::uint16_t, Round::Kept> tenants;
  for (auto& part : round->kept) {
    for (auto& [tenant, kept] : part) {
      tenants[tenant].cursors.merge(kept.cursors);
      tenants[tenant].statistics.merge(kept.statistics);
    }
  }
  if (rounds_ % kIdleRounds == 0) {
    for (const std::uint16_t tenant : parts_.front()->index.Tenants()) tenants.try_emplace(tenant);
  }
  Progress written;  // records of this round, by partition
  const bool moved = std::ranges::any_of(seen, [this](const auto& each) { return kept_[each.first] != each.second; });
  for (const auto& [tenant, kept] : tenants) {
    if (!moved && kept.cursors.empty() && kept.statistics.empty()) continue;
    if (kept.cursors.size() > kMaxCursors) continue;
    ++written[StatePartition(tenant, house_.append.partitions())];
    json::Writer out;
    out.Object().Key("seen");
    PutProgress(out, seen);
    out.Key("cursors").Object();
    for (const auto& [id, cursor] : kept.cursors) PutProgress(out.Key(id), cursor);
    out.End().Key("statistics").Object();
    std::size_t left = kMaxStatistics;
    for (const auto& [id, counted] : kept.statistics) {
      if (left-- == 0) break;
      out.Key(id).Put(counted.second.ToJson());
    }
    out.End().End();
    model::Record record;
    record.kind = model::kSubscriptionState;
    record.tenant = tenant;
    record.position.partition = StatePartition(tenant, house_.append.partitions());
    record.source = "notifier";
    record.event_time = house_.clock.Now();
    record.payload = out.Take();
    journal::Batch batch;
    batch.admission = model::Admission::kUrgent;
    batch.records.push_back({std::move(record), {}});
    house_.append.Append(std::move(batch), [this](const Result<journal::Committed>& done) {
      if (!done) house_.log.Failure("notifier.state_not_kept", done.error());  // the one before stands
    });
  }
  // The state records themselves move a partition on: that alone is nothing to tell.
  if (!written.empty()) {
    for (const auto& [partition, seq] : seen) kept_[partition] = seq;
    for (const auto& [partition, count] : written) kept_[partition] += count;
  }
  round->kept.clear();
  round->kept.push_back(std::move(tenants));
  if (rounds_ % kCountersRounds == 0) KeepCounters(round);
}

/// The counters of all lanes that moved since they were last on their desk.
void Notifier::KeepCounters(const std::shared_ptr<Round>& round) {
  if (!house_.keep) return;
  for (const auto& [tenant, kept] : round->kept.front()) {
    if (kept.statistics.empty()) continue;
    json::Value statistics{json::Object{}};
    for (const auto& [id, counted] : kept.statistics) statistics.Set(id, counted.second.ToJson());
    house_.keep(tenant, json::Object{{"statistics", std::move(statistics)}}, [this, round, tenant](bool done) {
      if (!done) return;
      for (const auto& [id, counted] : round->kept.front()[tenant].statistics) {
        const std::size_t owner = OwnerOf(tenant, id);
        house_.shards.Post(owner, [this, owner, key = LaneKey(tenant, id), changes = counted.first] {
          const auto lane = parts_[owner]->lanes.find(key);
          if (lane != parts_[owner]->lanes.end()) lane->second.kept_changes = changes;
        });
      }
    });
  }
}

// ---- after a restart

Result<Notifier::Found> Notifier::FindState(std::uint16_t tenant) const {
  Found found;
  const std::uint16_t partition = StatePartition(tenant, house_.append.partitions());
  const auto range = house_.journal.RangeOf(partition);
  bool there = false;
  for (std::uint64_t end = range.last_seq; end >= range.first_seq && end > 0 && !there;) {
    const std::uint64_t from = end > kLookBack + range.first_seq ? end - kLookBack + 1 : range.first_seq;
    BONGSU_CHECK(house_.journal.Read(partition, from, [&](const model::Record& record) {
      if (record.position.seq > end) return false;
      if (record.kind != model::kSubscriptionState || record.tenant != tenant) return true;
      const auto payload = json::Parse(record.payload);
      if (!payload) return true;
      there = true;
      found = {};
      found.seen = ProgressOf((*payload)["seen"]);
      for (const auto& [id, cursor] : (*payload)["cursors"].AsObject()) found.cursors[id] = ProgressOf(cursor);
      notifications::FoldStatistics(
          *payload, [&](const std::string& id, Statistics statistics) { found.statistics[id] = statistics; });
      return true;
    }));
    if (from == range.first_seq) break;
    end = from - 1;
  }
  return found;
}

Result<void> Notifier::Recover() {
  const auto tenants = std::make_shared<std::promise<std::vector<std::uint16_t>>>();
  house_.shards.Post(0, [this, tenants] { tenants->set_value(parts_.front()->index.Tenants()); });
  std::map<std::uint16_t, Found> found;
  for (const std::uint16_t tenant : tenants->get_future().get()) {
    BONGSU_TRY(found[tenant], FindState(tenant));
  }
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    const auto done = std::make_shared<std::promise<void>>();
    house_.shards.Post(shard, [this, shard, &found, done] {
      FindMissed(shard, found);
      done->set_value();
    });
    done->get_future().wait();
  }
  return {};
}

/// What this shard's partitions hold beyond the state record goes to the lanes as missed: they read it themselves.
void Notifier::FindMissed(std::size_t shard, const std::map<std::uint16_t, Found>& found) {
  Part& part = *parts_[shard];
  using Missing = std::map<std::uint16_t, notifications::Lane::Behind>;
  std::map<std::pair<std::uint16_t, std::string>, Missing> missed;
  for (std::uint16_t partition = 0; partition < house_.append.partitions(); ++partition) {
    if (house_.shards.ShardOf(partition) != shard) continue;
    const std::uint64_t last = house_.journal.RangeOf(partition).last_seq;
    part.progress[partition] = last;
    std::uint64_t from = last + 1;
    for (const auto& [tenant, state] : found) {
      const auto seen = state.seen.find(partition);
      from = std::min(from, seen != state.seen.end()
                                ? seen->second + 1
                                : FirstAfter(house_.journal, partition, part.index.OldestSince(tenant)));
      for (const auto& [id, cursor] : state.cursors) {
        const auto at = cursor.find(partition);
        if (at == cursor.end() || seen == state.seen.end()) continue;
        missed[{tenant, id}][partition] = {at->second, std::max(seen->second, at->second), {}};
      }
    }
    from = std::max(from, house_.journal.RangeOf(partition).first_seq);
    const auto read = house_.journal.Read(partition, from, [&](const model::Record& record) {
      if (record.position.seq > last) return false;
      const auto state = found.find(record.tenant);
      if (record.kind != model::Kind::kEntity || state == found.end()) return true;
      const auto seen = state->second.seen.find(partition);
      if (seen != state->second.seen.end() && record.position.seq <= seen->second) return true;
      const auto patch = model::EntityPatchFromRecord(record);
      if (!patch) return true;
      std::vector<std::string> types;
      if (const context::Entity* entity = house_.context.context(shard).Find(record.tenant, patch->id)) {
        for (const context::Name type : entity->types) types.push_back(*type);
      }
      part.index.FindCandidates(record, *patch, types, [&](const subscriptions::SpecPtr& spec) {
        auto& missing =
            missed[{spec->tenant, spec->id}]
                .try_emplace(partition, notifications::Lane::Behind{record.position.seq - 1, 0, record.ingest_time})
                .first->second;
        missing.last = std::max(missing.last, record.position.seq);
      });
      return true;
    });
    if (!read) house_.log.Failure("notifier.not_read", read.error());
  }
  for (auto& [who, missing] : missed) {
    const std::size_t owner = OwnerOf(who.first, who.second);
    house_.shards.Post(owner, [this, owner, key = LaneKey(who.first, who.second), missing = std::move(missing)] {
      const auto lane = parts_[owner]->lanes.find(key);
      if (lane == parts_[owner]->lanes.end()) return;
      parts_[owner]->busy.insert(key);
      for (const auto& [partition, behind] : missing) lane->second.lane->Missed(partition, behind);
      lane->second.subscription->crowded.store(lane->second.lane->behind(), std::memory_order_relaxed);
    });
  }
  for (const auto& [tenant, state] : found) {
    for (const auto& [id, statistics] : state.statistics) {
      const auto lane = part.lanes.find(LaneKey(tenant, id));
      if (lane != part.lanes.end()) lane->second.lane->Restore(statistics);
    }
  }
}

}  // namespace bongsu::app
