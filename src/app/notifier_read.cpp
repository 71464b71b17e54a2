// SPDX-License-Identifier: Apache-2.0
// Lanes that are behind read the journal again, with entities as they were.
#include <algorithm>

#include "app/notifier_parts.hpp"
#include "know/store/past.hpp"

namespace bongsu::app {
namespace {

using subscriptions::EntityChange;

constexpr std::uint64_t kReadRecords = 20'000;  ///< Journal records looked at in one job.
constexpr std::chrono::milliseconds kPoolFullPause{200};

}  // namespace

void Notifier::ReadOn(std::size_t shard, const std::string& key) {
  const auto found = parts_[shard]->lanes.find(key);
  if (found == parts_[shard]->lanes.end() || found->second.lane->missing().empty()) return;
  const auto& [partition, missing] = *found->second.lane->missing().begin();
  const auto reading = std::make_shared<Reading>();
  reading->key = key;
  reading->subscription = found->second.subscription;
  reading->lane = found->second.lane;
  reading->partition = partition;
  reading->from = missing.handed + 1;
  reading->last = missing.last;
  reading->room = std::max<std::size_t>(1, found->second.lane->room());
  const std::size_t owner = house_.shards.ShardOf(partition);
  house_.shards.Post(owner, [this, shard, owner, reading] {
    const auto read = [this, shard, reading](const Result<void>& saved) {
      const bool taken = saved && house_.pool.Run([this, shard, reading] {
        Read(house_, *reading);
        house_.shards.Post(shard, [this, shard, reading] { ReadDone(shard, reading); });
      });
      if (taken) return;
      house_.shards.Post(shard, [this, shard, reading] {
        house_.shards.After(shard, kPoolFullPause, [this, shard, reading] {
          const auto lane = reading->lane.lock();
          if (!lane) return;
          if (lane->missing().empty()) return lane->CaughtUp(reading->partition, reading->from - 1, {});  // given up
          ReadOn(shard, reading->key);
        });
      });
    };
    // The states of entities up to now have to be in the store first.
    if (reading->subscription->looks_further()) return house_.context.FlushAll(read);
    house_.context.Flush(owner, read);
  });
}

/// On the blocking pool.
void Notifier::Read(const House& house, Reading& reading) {
  const ngsi::CompiledSubscription& subscription = *reading.subscription;
  std::vector<std::pair<model::Record, model::EntityPatch>> candidates;
  reading.handed = reading.from - 1;
  const auto read = house.journal.Read(reading.partition, reading.from, [&](const model::Record& record) {
    if (record.position.seq > reading.last) return false;
    if (candidates.size() >= reading.room || record.position.seq - reading.from >= kReadRecords) return false;
    reading.handed = record.position.seq;
    if (record.kind != model::Kind::kEntity || record.tenant != subscription.tenant) return true;
    auto patch = model::EntityPatchFromRecord(record);
    if (patch && subscriptions::MayConcern(subscription, record, *patch))
      candidates.emplace_back(record, std::move(*patch));
    return true;
  });
  if (!read) reading.error = read.error();
  if (house.journal.RangeOf(reading.partition).first_seq > reading.from)
    reading.error = Error{Code::kNotFound, "history.trimmed", "the journal no longer has what is missing"};
  if (reading.error) return;
  if (reading.handed < reading.from) reading.handed = reading.last;  // void records to the end
  for (const auto& [record, patch] : candidates) {
    const store::EntityKey key{reading.partition, record.tenant, patch.id};
    const auto before = store::EntityAsOf(house.state, house.journal, key, record.ingest_time - Duration{1});
    const auto after = store::EntityAsOf(house.state, house.journal, key, record.ingest_time);
    if (!before || !after) {
      reading.error = before ? after.error() : before.error();
      return;
    }
    const context::Entity* was = before->entity.get();
    if (was != nullptr && was->expires <= record.ingest_time) was = nullptr;
    if (was == nullptr && after->entity == nullptr) continue;
    EntityChange change = subscriptions::Compare(was, after->entity.get());
    change.position = record.position;
    change.at = record.ingest_time;
    if (!subscriptions::Concerns(subscription, change)) continue;
    auto text = WriteAsOf(house, subscription, change);
    if (!text) {
      reading.error = text.error();
      return;
    }
    if (auto& body = *text) reading.messages.push_back({change.position, change.at, std::move(*body)});
  }
}

/// With what is linked to as it was at the change.
Result<std::optional<std::string>> Notifier::WriteAsOf(const House& house,
                                                       const ngsi::CompiledSubscription& subscription,
                                                       const EntityChange& change) {
  const TimePoint now = house.clock.Now();
  if (!subscription.looks_further()) return ngsi::ChangeNotification(subscription, change, now);
  for (ngsi::LinkedEntities linked;;) {
    auto text = ngsi::ChangeNotification(subscription, change, linked, now);
    const auto unknown = linked.TakeUnknown();
    if (unknown.empty()) {
      CountCut(house, linked);
      return text;
    }
    for (const std::string& id : unknown) {
      const std::uint16_t partition = model::PartitionOf(subscription.tenant, id, house.append.partitions());
      BONGSU_TRY(auto past,
                 store::EntityAsOf(house.state, house.journal, {partition, subscription.tenant, id}, change.at));
      const auto kept = std::make_shared<const store::PastEntity>(std::move(past));
      linked.Put(id, EntityPtr{kept, kept->entity.get()});
    }
  }
}

void Notifier::ReadDone(std::size_t shard, const std::shared_ptr<Reading>& reading) {
  const auto lane = reading->lane.lock();
  const auto found = parts_[shard]->lanes.find(reading->key);
  if (!lane || found == parts_[shard]->lanes.end() || found->second.lane != lane) return;
  parts_[shard]->busy.insert(reading->key);
  if (const auto& error = reading->error) {
    house_.log.Failure("notifier.given_up", *error);
    lane->GiveUp(reading->partition, error->message);
  } else {
    lane->CaughtUp(reading->partition, reading->handed, std::move(reading->messages));
  }
  found->second.subscription->crowded.store(lane->behind(), std::memory_order_relaxed);
}

}  // namespace bongsu::app
