// SPDX-License-Identifier: Apache-2.0
#pragma once

/// /api/v1/incidents: the list, one incident, opening by hand, ownership, closing, and the steps of its procedure.

#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {

Routes IncidentRoutes(FindDesk find);

}  // namespace bongsu::api
