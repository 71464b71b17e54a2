// SPDX-License-Identifier: Apache-2.0
#pragma once

/// /api/v1/notices: what agencies are told, sending one, and answering for one whose outcome is unknown.

#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {

Routes NoticeRoutes(FindDesk find);

}  // namespace bongsu::api
