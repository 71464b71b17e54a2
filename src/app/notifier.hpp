// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Leads committed changes to the subscriptions they concern, and keeps how far each has come.
///
///   kEntity folded on its shard ─▶ index ─▶ match, written out ─▶ lane on the subscription's shard ─▶ endpoint
///                                                                   │ behind
///   journal ◀── read again on the blocking pool, states from the store ◀┘
///
/// Every second one kSubscriptionState record a tenant says what is not delivered yet; a restart goes on from there
/// (docs/formats/subscriptions.md). The write path never waits: a lane that is full keeps a place, not notifications.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "act/notifications/lane.hpp"
#include "base/log.hpp"
#include "guard/tenants.hpp"
#include "know/journal/port.hpp"
#include "know/store/live_context.hpp"
#include "know/subscriptions/index.hpp"
#include "model/finding.hpp"
#include "runtime/http_link.hpp"
#include "runtime/shards.hpp"
#include "serve/ngsi/notification_writer.hpp"
#include "serve/ngsi/subscription_house.hpp"
#include "serve/ngsi/subscription_reader.hpp"

namespace bongsu::app {

class Notifier {
 public:
  struct House {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    journal::AppendPort& append;
    const journal::JournalPort& journal;
    const store::StatePort& state;
    store::LiveContext& context;
    const Clock& clock;
    Metrics& metrics;
    const Log& log;
    notifications::LaneLimits limits;
    /// Writes counters into a tenant's desk; `done` runs on any shard. Empty: nobody keeps them there.
    std::function<void(std::uint16_t tenant, json::Value payload, std::function<void(bool)> done)> keep;
    /// Raises or ends an alarm of the tenant's. Empty: nobody is told.
    std::function<void(std::uint16_t tenant, model::Finding finding)> alarm;
  };

  explicit Notifier(House house);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// A subscription is there or changed; null statistics keep those of its lane. Any shard.
  void Put(const ngsi::CompiledPtr& subscription, const notifications::Statistics& statistics);
  void Remove(std::uint16_t tenant, const std::string& id);
  /// Runs `then` when every shard did what was asked before from this thread.
  void WhenSettled(const std::function<void()>& then);
  void Counters(std::uint16_t tenant, std::vector<std::string> ids,
                const std::function<void(ngsi::SubscriptionHouse::Counters)>& done);
  void Queues(std::uint16_t tenant, const std::function<void(std::vector<ngsi::SubscriptionHouse::Queue>)>& done);

  /// Finds what was not delivered before the last end. From the main thread, after the subscriptions were put and
  /// before anything is taken in.
  /// @errors kCorrupt journal.bad_record
  Result<void> Recover();
  /// Begins to watch changes and to write down how far it came. Before the committer's sink is used; any thread.
  void Start();
  /// The committer's sink, after the live context's.
  void OnCommitted(std::size_t shard, std::span<const model::Record* const> records);

 private:
  struct Part;
  struct Round;
  struct Reading;
  struct KeptChange;
  struct Telling;
  struct AskedByTime;
  using EntityPtr = std::shared_ptr<const context::Entity>;
  struct Offer {
    ngsi::CompiledPtr subscription;
    notifications::Message message;
    std::shared_ptr<const KeptChange> change;  ///< To be written out with what is linked to.
    bool wanted = true;                        ///< False: its lane is behind, only its place counts.
  };
  using Progress = std::map<std::uint16_t, std::uint64_t>;

  std::size_t OwnerOf(std::uint16_t tenant, const std::string& id) const;
  void On(std::size_t shard, std::function<void()> work) const;
  void PutHere(std::size_t shard, const ngsi::CompiledPtr& subscription, const notifications::Statistics& statistics);
  void RemoveHere(std::size_t shard, std::uint16_t tenant, const std::string& id);
  void Take(std::size_t shard, std::vector<Offer> offers);
  void HandOn(std::size_t shard);

  void ReadOn(std::size_t shard, const std::string& key);
  static void Read(const House& house, Reading& reading);
  void ReadDone(std::size_t shard, const std::shared_ptr<Reading>& reading);

  bool Expect(std::size_t shard, const Offer& offer, const std::shared_ptr<notifications::Lane>& lane);
  void Tell(std::size_t shard, const std::shared_ptr<Telling>& telling);
  /// Copies of the tenant's entities from their shards; back on `shard`. Null: not there at `now`.
  using FoundEntities = std::vector<std::pair<std::string, EntityPtr>>;
  void Fetch(std::size_t shard, std::uint16_t tenant, const std::vector<std::string>& ids, TimePoint now,
             const std::function<void(const FoundEntities&)>& done);
  void CopyWhole(std::size_t owner, std::uint16_t tenant, TimePoint now, FoundEntities& found,
                 const std::function<void()>& done);
  static void CountCut(const House& house, const ngsi::LinkedEntities& linked);
  static Result<std::optional<std::string>> WriteAsOf(const House& house,
                                                      const ngsi::CompiledSubscription& subscription,
                                                      const subscriptions::EntityChange& change);

  void ByTime(std::size_t shard, const ngsi::CompiledPtr& subscription);
  void TellByTime(std::size_t shard, const ngsi::CompiledPtr& subscription);
  void OfferByTime(std::size_t shard, const ngsi::CompiledPtr& subscription, TimePoint now, AskedByTime& asked);
  void OfferByTime(std::size_t shard, const ngsi::CompiledPtr& subscription, TimePoint now, std::string text);

  void Keep();
  void Collect(std::size_t shard, Round& round);
  void Write(const std::shared_ptr<Round>& round);
  void KeepCounters(const std::shared_ptr<Round>& round);

  struct Found;
  Result<Found> FindState(std::uint16_t tenant) const;
  void FindMissed(std::size_t shard, const std::map<std::uint16_t, Found>& found);

  House house_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<std::uint64_t> kept_;  ///< Progress that was written down last; of shard 0.
  std::uint64_t rounds_ = 0;         ///< Of shard 0.
  Counter& matched_;
  Counter& missed_;
  Gauge& count_;
  Gauge& behind_;
  Gauge& waiting_;
};

}  // namespace bongsu::app
