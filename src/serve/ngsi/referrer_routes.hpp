// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GET /api/v1/context/entities/{id}/referrers: which entities hold a relationship to this one, by attribute and type.
/// Ids alone: what they are called is read where names are masked. The entity itself need not be there.

#include "serve/api/router.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

api::Routes ReferrerRoutes(const ContextService& service);

}  // namespace bongsu::ngsi
