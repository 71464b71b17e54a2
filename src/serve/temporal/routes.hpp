// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The temporal interface of NGSI-LD, /ngsi-ld/v1/temporal. Source: GS CIM 009 V1.9.1 clauses 5.6.11 to 5.6.16, 5.7.3,
/// 5.7.4 and 6.18 to 6.24.

#include "serve/api/router.hpp"
#include "serve/temporal/handlers.hpp"

namespace bongsu::temporal {

/// Before NgsiRoutes, which answer for everything below /ngsi-ld/v1. What `house` names lives longer than the routes.
api::Routes TemporalRoutes(const TemporalHouse& house);

}  // namespace bongsu::temporal
