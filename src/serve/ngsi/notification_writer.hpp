// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notifications as subscribers get them. Source: GS CIM 009 V1.9.1 clauses 5.3.1, 5.8.6 and 6.3.8; section 13 of our
/// checklist.

#include <string>
#include <vector>

#include "know/subscriptions/change.hpp"
#include "serve/ngsi/subscription_reader.hpp"

namespace bongsu::ngsi {

/// The same for the same subscription and record, however often it is said.
std::string NotificationId(const CompiledSubscription& subscription, model::Position position);
/// Of a notification by time.
std::string NotificationId(const CompiledSubscription& subscription, TimePoint due);

/// The whole Notification about one change. @param now  notifiedAt
std::string ChangeNotification(const CompiledSubscription& subscription, const subscriptions::EntityChange& change,
                               TimePoint now);
/// About entities as they are (timeInterval). @param entities  as EntityText gives them, not empty
std::string TimeNotification(const CompiledSubscription& subscription, const std::vector<std::string>& entities,
                             TimePoint now);
/// An entity in the subscription's form.
std::string EntityText(const CompiledSubscription& subscription, const context::Entity& entity, TimePoint now);

}  // namespace bongsu::ngsi
