// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notifications as subscribers get them. Source: GS CIM 009 V1.9.1 clauses 5.3.1, 5.8.6 and 6.3.8; section 13 of our
/// checklist.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "know/subscriptions/change.hpp"
#include "serve/ngsi/subscription_reader.hpp"

namespace bongsu::ngsi {

/// What is known of entities that others link to. Writing out asks for one after the other; what is not known yet is
/// noted, to be found and put in before writing out is tried again.
class LinkedEntities {
 public:
  using Found = std::shared_ptr<const context::Entity>;
  /// Most that one notification asks for; further ones stay ids.
  static constexpr std::size_t kMost = 1'000;

  /// Null when there is none, or it is not known.
  const context::Entity* Find(const std::string& id);
  /// Null: there is none.
  void Put(const std::string& id, Found entity) { known_[id] = std::move(entity); }
  /// What was asked for and is not known; with nothing, what was written out stands.
  std::vector<std::string> TakeUnknown();
  /// Whether there was more to ask for than kMost.
  bool cut() const { return cut_; }

 private:
  std::unordered_map<std::string, Found> known_;
  std::set<std::string> unknown_;
  bool cut_ = false;
};

/// The same for the same subscription and record, however often it is said.
std::string NotificationId(const CompiledSubscription& subscription, model::Position position);
/// Of a notification by time.
std::string NotificationId(const CompiledSubscription& subscription, TimePoint due);

/// The whole Notification about one change. @param now  notifiedAt
std::string ChangeNotification(const CompiledSubscription& subscription, const subscriptions::EntityChange& change,
                               TimePoint now);
/// The same for a subscription that looks further; nothing when what is linked to does not suit its q.
std::optional<std::string> ChangeNotification(const CompiledSubscription& subscription,
                                              const subscriptions::EntityChange& change, LinkedEntities& linked,
                                              TimePoint now);
/// About entities as they are (timeInterval). @param entities  as EntityText gives them, not empty
std::string TimeNotification(const CompiledSubscription& subscription, const std::vector<std::string>& entities,
                             TimePoint now);
/// The same for a subscription that looks further; nothing when none of the entities suits its q.
std::optional<std::string> TimeNotification(const CompiledSubscription& subscription,
                                            const std::vector<LinkedEntities::Found>& entities, LinkedEntities& linked,
                                            TimePoint now);
/// An entity in the subscription's form.
std::string EntityText(const CompiledSubscription& subscription, const context::Entity& entity, TimePoint now);

}  // namespace bongsu::ngsi
