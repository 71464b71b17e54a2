// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Kinds of record about NGSI-LD subscriptions and contexts. They continue model::Kind, whose numbers are never reused.
/// Payloads: docs/formats/subscriptions.md.

#include "model/record.hpp"

namespace bongsu::model {

/// Desk: a subscription was made, changed or deleted.
inline constexpr Kind kSubscription{30};
/// How far notifications have come: cursors in a data partition; counters, which the desk keeps, too.
inline constexpr Kind kSubscriptionState{31};
/// Desk: a JSON-LD context was hosted or deleted.
inline constexpr Kind kLdContext{32};

}  // namespace bongsu::model
