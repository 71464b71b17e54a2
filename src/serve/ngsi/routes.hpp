// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The NGSI-LD interface, /ngsi-ld/v1. What answers what, and what answers 501: docs/ngsi-ld.md.

#include "serve/api/router.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

/// @param service  lives longer than the routes
api::Routes NgsiRoutes(ContextService& service);

}  // namespace bongsu::ngsi
