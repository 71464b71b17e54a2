// SPDX-License-Identifier: Apache-2.0
#include "serve/api/body.hpp"
#include "serve/users/reply.hpp"
#include "serve/users/user_routes.hpp"

namespace bongsu::api {
namespace {

Result<guard::Tenant> RequestOf(const Call& call) {
  if (call.caller.tenant != guard::kPlatformTenant) {
    return Fail(Code::kPermissionDenied, "tenant.not_platform", "only administrators of the tenant '{}' make tenants",
                guard::kPlatformTenantName);
  }
  guard::Tenant tenant;
  BONGSU_TRY(const json::Value body, ObjectOf(call.request));
  BONGSU_TRY(tenant.id, TextOf(body, "id", 64));
  BONGSU_TRY(const auto zone, OptionalTextOf(body, "time_zone", 64));
  tenant.name = model::LTextFromJson(body["name"]);
  if (zone) tenant.time_zone = *zone;
  return tenant;
}

void List(const PeopleHouse& house, const Call& call, const http::Respond& respond) {
  json::Array items;
  for (const auto& [ordinal, entry] : house.directory.All()) {
    if (ordinal == call.caller.tenant || call.caller.tenant == guard::kPlatformTenant)
      items.push_back(ToJson(entry.tenant));
  }
  json::Value list;
  list.Set("items", std::move(items));
  respond(http::JsonResponse(200, list));
}

}  // namespace

Routes TenantRoutes(PeopleHouse house) {
  constexpr auto kManage = guard::Permission::kManageTenants;
  return {
      {"GET", "/api/v1/tenants", kManage,
       [house](const Call& call, const http::Respond& respond) { List(house, call, respond); }},
      {"POST", "/api/v1/tenants", kManage,
       [house](const Call& call, http::Respond respond) {
         auto tenant = RequestOf(call);
         if (!tenant) return respond(http::ProblemResponse(tenant.error()));
         house.office.CreateTenant(WhoOf(call), std::move(*tenant), Reply(std::move(respond), 201));
       }},
  };
}

}  // namespace bongsu::api
