// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Users, access tokens and tenants (api/openapi.yaml, tag people). An administrator of the platform tenant makes
/// tenants and may give out tokens for any of them; an administrator of another tenant sees that tenant alone.

#include "guard/authenticator.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

struct PeopleHouse {
  guard::AccountOffice& office;
  guard::Directory& directory;
  guard::Authenticator& authenticator;
};

/// What `house` refers to outlives the routes.
Routes UserRoutes(PeopleHouse house);
Routes TokenRoutes(PeopleHouse house);
Routes TenantRoutes(PeopleHouse house);

}  // namespace bongsu::api
