// SPDX-License-Identifier: Apache-2.0
#include "app/notifier.hpp"

#include <algorithm>

#include "act/notifications/channels/http/channel.hpp"
#include "act/notifications/channels/mqtt/channel.hpp"
#include "act/notifications/subscription_book.hpp"
#include "app/notifier_parts.hpp"
#include "guard/sealing/token.hpp"
#include "serve/ngsi/notification_writer.hpp"

namespace bongsu::app {
namespace {

using subscriptions::EntityChange;

/// No receiver gets what is sealed.
class MaskedChannel final : public notifications::Channel {
 public:
  explicit MaskedChannel(std::unique_ptr<Channel> inner) : inner_{std::move(inner)} {}
  void Send(std::string body, std::function<void(notifications::Outcome)> done) override {
    if (sealing::MayHoldToken(body)) body = sealing::Masked(body);
    inner_->Send(std::move(body), std::move(done));
  }

 private:
  std::unique_ptr<Channel> inner_;
};

}  // namespace

namespace {

/// What operators are told when a subscription gave up what it missed, and when its endpoint answers again.
model::Finding GapFinding(const ngsi::CompiledSubscription& subscription, const notifications::Lane& lane,
                          TimePoint now) {
  model::Finding finding;
  finding.tenant = subscription.tenant;
  finding.rule = "platform-subscription-gap";
  finding.rule_version = "2";
  finding.key = subscription.id;
  finding.id = model::FindingId(finding.tenant, finding.rule, finding.key, now);
  finding.status = model::FindingStatus::kFinal;
  finding.clears = !lane.statistics().gap;
  finding.first_at = lane.gap_from();
  finding.last_at = finding.received_at = now;
  finding.severity = 2;
  finding.service = "ems";
  finding.position = "video";
  finding.procedure = "subscription-gap";
  finding.title = {fmt::format("구독 알림 누락 · {}", subscription.name),
                   fmt::format("Notifications missed · {}", subscription.name)};
  const std::string endpoint = notifications::ShownAddress(subscription.endpoint.uri);
  const std::string from = FormatUtc(lane.gap_from());
  const std::string to = FormatUtc(lane.gap_to());
  finding.explanation.Set(
      "text",
      json::Object{
          {"ko", fmt::format("받는 곳이 한도보다 오래 답하지 않아 {}부터 {}까지의 변경은 나중에도 알리지 않는다. 받는 "
                             "쪽이 현재 값을 다시 읽어야 한다",
                             from, to)},
          {"en", fmt::format("The endpoint did not answer for longer than the limit: changes from {} to {} are given "
                             "up. The receiver has to read the present values again",
                             from, to)}});
  finding.explanation.Set(
      "values", json::Object{{"subscription", subscription.id}, {"endpoint", endpoint}, {"from", from}, {"to", to}});
  return finding;
}

}  // namespace

Notifier::Notifier(House house)
    : house_{std::move(house)},
      matched_{house_.metrics.Counter("bongsu_subscriptions_matched_total", "Changes that a subscription is told.")},
      missed_{house_.metrics.Counter("bongsu_subscriptions_read_again_total",
                                     "Matches that found their lane full and are read from the journal again.")},
      count_{house_.metrics.Gauge("bongsu_subscriptions_count", "Subscriptions of all tenants.")},
      behind_{house_.metrics.Gauge("bongsu_subscriptions_behind", "Subscriptions that read the journal again.")},
      waiting_{house_.metrics.Gauge("bongsu_subscriptions_waiting", "Notifications in memory, not delivered yet.")} {
  const auto counter = [&](std::string_view name, std::string_view help) -> Counter& {
    return house_.metrics.Counter(name, help);
  };
  for (std::size_t shard = 0; shard < house_.shards.size(); ++shard) {
    notifications::LaneHouse lanes{
        [this, shard](std::chrono::milliseconds delay, std::function<void()> work) {
          house_.shards.After(shard, delay, std::move(work));
        },
        house_.clock,
        {},
        house_.limits,
        counter("bongsu_notifications_sent_total", "Notifications their receiver has."),
        counter("bongsu_notifications_failed_total", "Attempts that are made again."),
        counter("bongsu_notifications_refused_total", "Notifications that were answered with a no."),
        counter("bongsu_notifications_gaps_total", "Times a subscription gave up what it was behind."),
        counter("bongsu_notifications_given_up_records_total", "Journal records passed over by gaps."),
        house_.metrics.Histogram("bongsu_notifications_seconds", "From a change's ingest to its receiver's yes.")};
    parts_.push_back(std::make_unique<Part>(*this, shard, std::move(lanes)));
    Part& part = *parts_.back();
    part.lane_house.make_channel =
        [this, shard, &part](const notifications::Endpoint& endpoint) -> std::unique_ptr<notifications::Channel> {
      auto channel =
          endpoint.uri.starts_with("http")
              ? notifications::MakeHttpChannel(endpoint, runtime::MakeHttpLink(house_.shards, shard, part.idle_lines))
              : notifications::MakeMqttChannel(house_.shards, shard, endpoint);
      return std::make_unique<MaskedChannel>(std::move(channel));
    };
  }
}

Notifier::~Notifier() = default;

std::size_t Notifier::OwnerOf(std::uint16_t tenant, const std::string& id) const {
  return house_.shards.ShardOf(model::PartitionOf(tenant, id, house_.append.partitions()));
}

void Notifier::On(std::size_t shard, std::function<void()> work) const {
  if (house_.shards.Current() == shard) {
    work();
  } else {
    house_.shards.Post(shard, std::move(work));
  }
}

// ---- subscriptions come and go

void Notifier::Put(const ngsi::CompiledPtr& subscription, const notifications::Statistics& statistics) {
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, subscription, statistics] { PutHere(shard, subscription, statistics); });
  }
}

void Notifier::PutHere(std::size_t shard, const ngsi::CompiledPtr& subscription,
                       const notifications::Statistics& statistics) {
  Part& part = *parts_[shard];
  if (subscription->interval > Duration{0}) {
    part.index.Remove(subscription->tenant, subscription->id);
  } else {
    part.index.Put(subscription);
  }
  if (OwnerOf(subscription->tenant, subscription->id) != shard) return;
  const std::string key = LaneKey(subscription->tenant, subscription->id);
  NotifierLane& entry = part.lanes[key];
  entry.subscription = subscription;
  if (entry.lane) {
    entry.lane->set_endpoint(subscription->endpoint, subscription->throttling);
  } else {
    entry.lane = std::make_shared<notifications::Lane>(
        part.lane_house, subscription->endpoint, subscription->throttling, statistics,
        notifications::Lane::Events{
            [this, shard, key](notifications::Lane&) { ReadOn(shard, key); },
            [this, shard, key](const notifications::Lane& lane) {
              const auto found = parts_[shard]->lanes.find(key);  // its name may be another one by now
              if (!house_.alarm || found == parts_[shard]->lanes.end()) return;
              const ngsi::CompiledSubscription& of = *found->second.subscription;
              house_.alarm(of.tenant, GapFinding(of, lane, house_.clock.Now()));
            }});
  }
  subscription->crowded.store(entry.lane->behind(), std::memory_order_relaxed);
  if (subscription->interval > Duration{0}) ByTime(shard, subscription);
}

void Notifier::Remove(std::uint16_t tenant, const std::string& id) {
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, tenant, id] { RemoveHere(shard, tenant, id); });
  }
}

void Notifier::RemoveHere(std::size_t shard, std::uint16_t tenant, const std::string& id) {
  Part& part = *parts_[shard];
  part.index.Remove(tenant, id);
  const auto lane = part.lanes.find(LaneKey(tenant, id));
  if (lane == part.lanes.end()) return;
  lane->second.lane->Stop();
  part.busy.erase(lane->first);
  part.lanes.erase(lane);
}

void Notifier::WhenSettled(const std::function<void()>& then) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(parts_.size());
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [left, then] {
      if (left->fetch_sub(1, std::memory_order_acq_rel) == 1) then();
    });
  }
}

void Notifier::Counters(std::uint16_t tenant, std::vector<std::string> ids,
                        const std::function<void(ngsi::SubscriptionHouse::Counters)>& done) {
  struct Asked {
    std::vector<std::vector<std::string>> ids;
    std::vector<ngsi::SubscriptionHouse::Counters> found;
    std::atomic<std::size_t> left;
  };
  const auto asked = std::make_shared<Asked>();
  asked->ids.resize(parts_.size());
  asked->found.resize(parts_.size());
  asked->left = parts_.size();
  for (auto& id : ids) asked->ids[OwnerOf(tenant, id)].push_back(std::move(id));
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, tenant, asked, done] {
      for (const std::string& id : asked->ids[shard]) {
        const auto lane = parts_[shard]->lanes.find(LaneKey(tenant, id));
        if (lane != parts_[shard]->lanes.end()) asked->found[shard][id] = lane->second.lane->statistics();
      }
      if (asked->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      ngsi::SubscriptionHouse::Counters all;
      for (auto& found : asked->found) all.merge(found);
      done(std::move(all));
    });
  }
}

namespace {

ngsi::SubscriptionHouse::Queue QueueOf(const NotifierLane& one) {
  ngsi::SubscriptionHouse::Queue queue{.id = one.subscription->id,
                                       .waiting = one.lane->waiting(),
                                       .statistics = one.lane->statistics(),
                                       .error = one.lane->last_error()};
  for (const auto& [partition, missing] : one.lane->missing()) {
    queue.behind += missing.last - std::min(missing.handed, missing.last);
    if (missing.since != TimePoint{} && (queue.since == TimePoint{} || missing.since < queue.since))
      queue.since = missing.since;
  }
  return queue;
}

}  // namespace

void Notifier::Queues(std::uint16_t tenant,
                      const std::function<void(std::vector<ngsi::SubscriptionHouse::Queue>)>& done) {
  using Found = std::vector<ngsi::SubscriptionHouse::Queue>;
  struct Asked {
    std::vector<Found> found;
    std::atomic<std::size_t> left;
  };
  const auto asked = std::make_shared<Asked>();
  asked->found.resize(parts_.size());
  asked->left = parts_.size();
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, tenant, asked, done] {
      for (const auto& [key, lane] : parts_[shard]->lanes) {
        if (lane.subscription->tenant == tenant) asked->found[shard].push_back(QueueOf(lane));
      }
      if (asked->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      Found all;
      for (auto& found : asked->found) std::ranges::move(found, std::back_inserter(all));
      done(std::move(all));
    });
  }
}

// ---- changes

bool Notifier::Part::Wants(const model::Record& record, const model::EntityPatch& patch,
                           const context::Entity* entity) const {
  const std::uint16_t tenant = record.tenant;
  if (index.WantsEntity(tenant, patch.id)) return true;
  if (entity != nullptr &&
      std::ranges::any_of(entity->types, [&](context::Name type) { return index.WantsType(tenant, *type); }))
    return true;
  const json::Value& type = patch.body["type"];
  if (type.IsString()) return index.WantsType(tenant, type.AsString());
  return std::ranges::any_of(type.AsArray(),
                             [&](const json::Value& one) { return index.WantsType(tenant, one.AsString()); });
}

void Notifier::Part::Before(const model::Record& record, const model::EntityPatch& patch,
                            const context::Entity* entity) {
  armed = !index.Empty(record.tenant) && Wants(record, patch, entity);
  before.reset();
  if (armed && entity != nullptr) before = *entity;
}

void Notifier::Part::After(const model::Record& record, context::Change change, const context::Entity* entity) {
  if (!armed || change == context::Change::kNothing) return;
  EntityChange seen = subscriptions::Compare(before ? &*before : nullptr, entity);
  if (seen.before == nullptr && seen.after == nullptr) return;
  seen.position = record.position;
  seen.at = record.ingest_time;
  const TimePoint now = notifier.house_.clock.Now();
  std::shared_ptr<const KeptChange> kept;
  index.Find(record.tenant, seen, [&](const subscriptions::SpecPtr& spec) {
    auto subscription = std::static_pointer_cast<const ngsi::CompiledSubscription>(spec);
    notifier.matched_.Add();
    const bool crowded = subscription->crowded.load(std::memory_order_relaxed);
    Offer offer{subscription, {seen.position, seen.at, {}}, nullptr, !crowded};
    if (!crowded && subscription->looks_further()) {
      if (!kept) kept = std::make_shared<const KeptChange>(seen);
      offer.change = kept;
    } else if (!crowded) {
      offer.message.body = ngsi::ChangeNotification(*subscription, seen, now);
    }
    outgoing[notifier.OwnerOf(record.tenant, subscription->id)].push_back(std::move(offer));
  });
}

void Notifier::OnCommitted(std::size_t shard, std::span<const model::Record* const> records) {
  Part& part = *parts_[shard];
  for (const model::Record* record : records) {
    if (record->position.partition < house_.append.partitions())
      part.progress[record->position.partition] = record->position.seq;
  }
  HandOn(shard);
}

void Notifier::HandOn(std::size_t shard) {
  auto& outgoing = parts_[shard]->outgoing;
  for (std::size_t to = 0; to < outgoing.size(); ++to) {
    if (outgoing[to].empty()) continue;
    if (to == shard) {
      Take(shard, std::exchange(outgoing[to], {}));
      continue;
    }
    const auto offers = std::make_shared<std::vector<Offer>>(std::exchange(outgoing[to], {}));
    house_.shards.Post(to, [this, to, offers] { Take(to, std::move(*offers)); });
  }
}

void Notifier::Take(std::size_t shard, std::vector<Offer> offers) {
  Part& part = *parts_[shard];
  for (Offer& offer : offers) {
    const std::string key = LaneKey(offer.subscription->tenant, offer.subscription->id);
    const auto found = part.lanes.find(key);
    if (found == part.lanes.end()) continue;  // deleted meanwhile
    notifications::Lane& lane = *found->second.lane;
    if (!offer.wanted) {
      missed_.Add();
      lane.Miss(offer.message.position, offer.message.at);
    } else if (offer.change) {
      if (!Expect(shard, offer, found->second.lane)) missed_.Add();
    } else if (!lane.Offer(std::move(offer.message))) {
      missed_.Add();
    }
    part.busy.insert(key);
    found->second.subscription->crowded.store(lane.behind(), std::memory_order_relaxed);
  }
}

}  // namespace bongsu::app
