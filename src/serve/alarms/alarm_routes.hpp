// SPDX-License-Identifier: Apache-2.0
#pragma once

/// /api/v1/alarms: the board, one alarm with everything an operator asks about it, and the acts.

#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {

Routes AlarmRoutes(const FindDesk& find);

}  // namespace bongsu::api
