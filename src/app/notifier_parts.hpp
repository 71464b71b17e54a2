// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the notifier has on each shard; only notifier*.cpp know it.

#include <atomic>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "app/notifier.hpp"

namespace bongsu::app {

/// One subscription on its own shard.
struct NotifierLane {
  ngsi::CompiledPtr subscription;
  std::shared_ptr<notifications::Lane> lane;
  std::uint64_t kept_changes = 0;     ///< Of the lane, when its counters were last on the desk.
  std::weak_ptr<const void> by_time;  ///< The question of a notification by time, while it is asked.
};

inline std::string LaneKey(std::uint16_t tenant, const std::string& id) { return std::to_string(tenant) + ' ' + id; }

struct Notifier::Part final : public context::ChangeWatch {
  Part(Notifier& of, std::size_t number, notifications::LaneHouse lanes_of)
      : notifier{of}, shard{number}, lane_house{std::move(lanes_of)}, outgoing(of.house_.shards.size()) {}

  void Before(const model::Record& record, const model::EntityPatch& patch, const context::Entity* entity) override;
  void After(const model::Record& record, context::Change change, const context::Entity* entity) override;
  bool Wants(const model::Record& record, const model::EntityPatch& patch, const context::Entity* entity) const;

  Notifier& notifier;
  std::size_t shard;
  notifications::LaneHouse lane_house;
  runtime::IdleLines idle_lines;

  // Of this shard's entities.
  subscriptions::Index index;
  std::optional<context::Entity> before;
  bool armed = false;                        ///< Before found that the change has to be compared.
  std::vector<std::vector<Offer>> outgoing;  ///< By shard; emptied at the end of each delivery of records.
  Progress progress;

  // Of this shard's subscriptions.
  std::unordered_map<std::string, NotifierLane> lanes;
  std::unordered_set<std::string> busy;  ///< Lanes that may have something undelivered or counters not kept.
};

/// A change that outlives the fold: entities before and after it.
struct Notifier::KeptChange {
  explicit KeptChange(const subscriptions::EntityChange& seen) {
    if (seen.before != nullptr) before = *seen.before;
    if (seen.after != nullptr) after = *seen.after;
    change = subscriptions::Compare(before ? &*before : nullptr, after ? &*after : nullptr);
    change.position = seen.position;
    change.at = seen.at;
  }
  KeptChange(const KeptChange&) = delete;
  KeptChange& operator=(const KeptChange&) = delete;
  std::size_t bytes() const;

  std::optional<context::Entity> before;
  std::optional<context::Entity> after;
  subscriptions::EntityChange change;  ///< Points to them.
};

/// What every shard has for a notification by time: texts, or entities of a subscription that looks further.
struct Notifier::AskedByTime {
  std::vector<std::vector<std::string>> texts;
  std::vector<std::vector<EntityPtr>> entities;
  std::atomic<std::size_t> left;
  std::atomic<bool> failed = false;
};

/// A notification that is written out with what its entities link to.
struct Notifier::Telling {
  ngsi::CompiledPtr subscription;
  std::shared_ptr<const KeptChange> change;  ///< Or, by time,
  std::vector<EntityPtr> entities;
  TimePoint now{};
  std::weak_ptr<notifications::Lane> lane;
  std::uint64_t ticket = 0;
  ngsi::LinkedEntities linked;
};

/// A chunk of journal to be read for one lane that is behind.
struct Notifier::Reading {
  std::string key;
  ngsi::CompiledPtr subscription;
  std::weak_ptr<notifications::Lane> lane;
  std::uint16_t partition = 0;
  std::uint64_t from = 0;
  std::uint64_t last = 0;
  std::size_t room = 0;
  std::uint64_t handed = 0;
  std::vector<notifications::Message> messages;
  std::optional<Error> error;
};

/// One look at all shards: how far matching has come, and what is not delivered yet.
struct Notifier::Round {
  struct Kept {
    std::map<std::string, Progress> cursors;
    std::map<std::string, std::pair<std::uint64_t, notifications::Statistics>>
        statistics;  ///< With the lane's changes.
  };
  explicit Round(std::size_t shards) : progress(shards), tokens(shards), kept(shards), left{shards} {}

  std::vector<Progress> progress;
  std::vector<std::size_t> tokens;  ///< Each counted on its own shard.
  std::vector<std::map<std::uint16_t, Kept>> kept;
  std::atomic<std::size_t> left;
  std::atomic<std::size_t> lanes_behind{0};
  std::atomic<std::size_t> waiting{0};
};

/// What the newest kSubscriptionState record of a tenant says.
struct Notifier::Found {
  Progress seen;
  std::map<std::string, Progress> cursors;
  std::map<std::string, notifications::Statistics> statistics;
};

}  // namespace bongsu::app
