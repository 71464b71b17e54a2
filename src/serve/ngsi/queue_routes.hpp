// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GET /api/v1/subscription-queues: how much each subscription's endpoint has still to be told.

#include "serve/api/router.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

api::Routes QueueRoutes(const ContextService& service);

}  // namespace bongsu::ngsi
