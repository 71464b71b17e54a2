// SPDX-License-Identifier: Apache-2.0
// Notifications that take more than their own entity: those by time, and those that look at what is linked to.
#include <algorithm>

#include "app/notifier_parts.hpp"

namespace bongsu::app {
namespace {

constexpr std::size_t kMostByTime = 1'000;            ///< Entities in one notification by time, by shard.
constexpr std::size_t kMostBytesByTime = 64U << 20U;  ///< Of those that have to be read for it.
constexpr std::chrono::milliseconds kReadAgain{1000};

/// Texts, or entities of a subscription that looks further: what was read for it stays with its names.
void TakeByTime(const ngsi::CompiledSubscription& subscription, const context::Context::Selection& selection,
                TimePoint now, std::vector<std::string>& texts,
                std::vector<std::shared_ptr<const context::Entity>>& entities) {
  auto held = selection.held.begin();  // in the order of the entities
  for (const context::Entity* entity : selection.entities) {
    const bool read = held != selection.held.end() && &(*held)->entity == entity;
    if (!subscription.looks_further()) {
      texts.push_back(ngsi::EntityText(subscription, *entity, now));
    } else if (read) {
      entities.emplace_back(*held, entity);
    } else {
      entities.push_back(std::make_shared<const context::Entity>(*entity));
    }
    if (read) ++held;
  }
}

}  // namespace

void Notifier::ByTime(std::size_t shard, const ngsi::CompiledPtr& subscription) {
  const auto real =
      std::chrono::duration_cast<std::chrono::milliseconds>(subscription->interval / house_.clock.scale());
  house_.shards.After(shard, std::max(real, std::chrono::milliseconds{1}),
                      [this, shard, weak = std::weak_ptr(subscription)] {
                        const auto same = weak.lock();
                        if (!same) return;
                        const auto found = parts_[shard]->lanes.find(LaneKey(same->tenant, same->id));
                        if (found == parts_[shard]->lanes.end() || found->second.subscription != same) return;
                        ByTime(shard, same);
                        // Where much has to be read the last one may still be asked: it tells what is so, too.
                        const bool asked = !found->second.by_time.expired();
                        if (!asked && same->ActiveAt(house_.clock.Now())) TellByTime(shard, same);
                      });
}

void Notifier::TellByTime(std::size_t shard, const ngsi::CompiledPtr& subscription) {
  const auto asked = std::make_shared<AskedByTime>();
  parts_[shard]->lanes.at(LaneKey(subscription->tenant, subscription->id)).by_time = asked;
  asked->texts.resize(parts_.size());
  asked->entities.resize(parts_.size());
  asked->left = parts_.size();
  const TimePoint now = house_.clock.Now();
  for (std::size_t from = 0; from < parts_.size(); ++from) {
    house_.shards.Post(from, [this, shard, from, subscription, asked, now] {
      context::Query query = subscription->query;
      query.now = now;
      const context::Context::Question question{.query = std::make_shared<const context::Query>(std::move(query)),
                                                .most = kMostByTime,
                                                .whole = true,
                                                .memory_bytes = kMostBytesByTime};
      house_.context.context(from).Ask(question, [=, this](const Result<context::Context::Selection>& selection) {
        if (selection) {
          TakeByTime(*subscription, *selection, now, asked->texts[from], asked->entities[from]);
        } else {
          house_.log.Failure("notifier.not_asked", selection.error());
          asked->failed = true;
        }
        if (asked->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        house_.shards.Post(shard, [this, shard, subscription, asked, now] {
          if (!asked->failed) OfferByTime(shard, subscription, now, *asked);
        });
      });
    });
  }
}

void Notifier::OfferByTime(std::size_t shard, const ngsi::CompiledPtr& subscription, TimePoint now,
                           AskedByTime& asked) {
  if (subscription->looks_further()) {
    const auto telling = std::make_shared<Telling>();
    telling->subscription = subscription;
    telling->now = now;
    for (auto& entities : asked.entities) std::ranges::move(entities, std::back_inserter(telling->entities));
    return Tell(shard, telling);
  }
  std::vector<std::string> all;
  for (auto& texts : asked.texts) std::ranges::move(texts, std::back_inserter(all));
  if (!all.empty()) OfferByTime(shard, subscription, now, ngsi::TimeNotification(*subscription, all, now));
}

void Notifier::OfferByTime(std::size_t shard, const ngsi::CompiledPtr& subscription, TimePoint now, std::string text) {
  const auto found = parts_[shard]->lanes.find(LaneKey(subscription->tenant, subscription->id));
  if (found == parts_[shard]->lanes.end() || found->second.subscription != subscription) return;
  matched_.Add();
  (void)found->second.lane->Offer({{}, now, std::move(text)});
  parts_[shard]->busy.insert(found->first);
}

// ---- what is linked to

std::size_t Notifier::KeptChange::bytes() const {
  std::size_t bytes = 0;
  for (const auto* entity : {&before, &after}) {
    if (!*entity) continue;
    bytes += sizeof(context::Entity);
    for (const context::Attribute& attribute : (*entity)->attributes) bytes += sizeof attribute + attribute.json.size();
  }
  return bytes;
}

bool Notifier::Expect(std::size_t shard, const Offer& offer, const std::shared_ptr<notifications::Lane>& lane) {
  const std::uint64_t ticket = lane->Expect(offer.message.position, offer.message.at, offer.change->bytes());
  if (ticket == 0) return false;
  const auto telling = std::make_shared<Telling>();
  telling->subscription = offer.subscription;
  telling->change = offer.change;
  telling->now = house_.clock.Now();
  telling->lane = lane;
  telling->ticket = ticket;
  Tell(shard, telling);
  return true;
}

/// Writes it out; what that takes and is not known is fetched first, then again.
void Notifier::Tell(std::size_t shard, const std::shared_ptr<Telling>& telling) {
  const auto& subscription = telling->subscription;
  auto text = telling->change
                  ? ngsi::ChangeNotification(*subscription, telling->change->change, telling->linked, telling->now)
                  : ngsi::TimeNotification(*subscription, telling->entities, telling->linked, telling->now);
  const auto unknown = telling->linked.TakeUnknown();
  if (!unknown.empty()) {
    return Fetch(shard, subscription->tenant, unknown, telling->now,
                 [this, shard, telling](const FoundEntities& found) {
                   for (const auto& [id, entity] : found) telling->linked.Put(id, entity);
                   Tell(shard, telling);
                 });
  }
  CountCut(house_, telling->linked);
  if (!telling->change) {
    if (text) OfferByTime(shard, subscription, telling->now, std::move(*text));
  } else if (const auto lane = telling->lane.lock()) {
    lane->Written(telling->ticket, std::move(text));
  }
}

void Notifier::CountCut(const House& house, const ngsi::LinkedEntities& linked) {
  if (!linked.cut()) return;
  house.metrics
      .Counter("bongsu_notifications_links_cut_total", "Notifications that link to more than they put together.")
      .Add();
}

void Notifier::Fetch(std::size_t shard, std::uint16_t tenant, const std::vector<std::string>& ids, TimePoint now,
                     const std::function<void(const FoundEntities&)>& done) {
  struct Asked {
    std::vector<FoundEntities> found;
    std::atomic<std::size_t> left;
  };
  const auto asked = std::make_shared<Asked>();
  asked->found.resize(parts_.size());
  for (const std::string& id : ids) asked->found[OwnerOf(tenant, id)].emplace_back(id, nullptr);
  asked->left = parts_.size();
  for (std::size_t owner = 0; owner < parts_.size(); ++owner) {
    On(owner, [this, owner, shard, tenant, now, asked, done] {
      CopyWhole(owner, tenant, now, asked->found[owner], [this, shard, asked, done] {
        if (asked->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        On(shard, [asked, done] {
          FoundEntities all;
          for (auto& found : asked->found) std::ranges::move(found, std::back_inserter(all));
          done(all);
        });
      });
    });
  }
}

/// On the owner's shard. What cannot be read is tried again: a notification does not say that it is not there.
void Notifier::CopyWhole(std::size_t owner, std::uint16_t tenant, TimePoint now, FoundEntities& found,
                         const std::function<void()>& done) {
  context::Context& context = house_.context.context(owner);
  std::vector<context::ColdKey> cold;
  for (const auto& [id, copy] : found) context.Note(tenant, id, cold);
  context.Await(std::move(cold), [this, &context, owner, tenant, now, &found, done](const Result<void>& whole) {
    if (!whole) {
      return house_.shards.After(
          owner, kReadAgain, [this, owner, tenant, now, &found, done] { CopyWhole(owner, tenant, now, found, done); });
    }
    for (auto& [id, copy] : found) {
      const context::Entity* entity = context.Find(tenant, id);
      if (entity != nullptr && entity->expires > now) copy = std::make_shared<const context::Entity>(*entity);
    }
    done();
  });
}

}  // namespace bongsu::app
