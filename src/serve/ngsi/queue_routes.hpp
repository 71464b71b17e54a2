// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GET /api/v1/subscription-queues: whom each subscription tells, whether that works and how much is still to be told;
/// what needs somebody first.

#include "serve/api/router.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

api::Routes QueueRoutes(const ContextService& service);

}  // namespace bongsu::ngsi
