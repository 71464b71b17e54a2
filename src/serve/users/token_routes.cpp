// SPDX-License-Identifier: Apache-2.0
#include "serve/api/body.hpp"
#include "serve/users/reply.hpp"
#include "serve/users/user_routes.hpp"

namespace bongsu::api {
namespace {

struct TokenRequest {
  std::string name;
  guard::Role role = guard::Role::kApplication;
  std::uint16_t tenant = 0;
  TimePoint expires_at = kNever;
};

Result<TokenRequest> RequestOf(const PeopleHouse& house, const Call& call) {
  TokenRequest request;
  BONGSU_TRY(const json::Value body, ObjectOf(call.request));
  BONGSU_TRY(const auto name, OptionalTextOf(body, "name", 100));
  BONGSU_TRY(const std::string role, TextOf(body, "role", 32));
  BONGSU_TRY(const auto tenant, OptionalTextOf(body, "tenant", 64));
  BONGSU_TRY(const auto expires_at, OptionalTextOf(body, "expires_at", 40));
  const auto known = guard::RoleFromName(role);
  if (!known)
    return Fail(Code::kInvalidArgument, "user.bad_role",
                "role '{}' is none of operator, supervisor, administrator, application, privacy", role);
  request.name = name.value_or("");
  request.role = *known;
  request.tenant = call.caller.tenant;
  if (tenant && *tenant != call.caller.tenant_name) {
    const guard::Directory::Entry* other =
        call.caller.tenant == guard::kPlatformTenant ? house.directory.Find(*tenant) : nullptr;
    if (other == nullptr) return Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant '{}'", *tenant);
    request.tenant = other->tenant.ordinal;
  }
  if (expires_at) {
    BONGSU_TRY(request.expires_at, ParseTime(*expires_at));
  }
  return request;
}

json::Value TokenJson(const guard::Token& token, const std::string& tenant, TimePoint last_used) {
  json::Value value;
  value.Set("id", token.id);
  value.Set("name", token.name);
  value.Set("role", guard::RoleName(token.role));
  value.Set("tenant", tenant);
  value.Set("created_at", FormatUtc(token.created_at));
  if (last_used != TimePoint{}) value.Set("last_used_at", FormatUtc(last_used));
  if (token.expires_at != kNever) value.Set("expires_at", FormatUtc(token.expires_at));
  return value;
}

void List(const PeopleHouse& house, const Call& call, const http::Respond& respond) {
  json::Array items;
  for (const auto& [ordinal, entry] : house.directory.All()) {
    // The platform's administrators gave out the tokens of other tenants, too, and must be able to see and revoke them.
    if (ordinal != call.caller.tenant && call.caller.tenant != guard::kPlatformTenant) continue;
    for (const auto& [id, token] : entry.accounts->tokens) {
      items.push_back(TokenJson(token, entry.tenant.id, house.authenticator.LastUsed(id)));
    }
  }
  json::Value list;
  list.Set("items", std::move(items));
  respond(http::JsonResponse(200, list));
}

/// Tenant that has the token, as far as the caller may see.
std::uint16_t TenantOf(const PeopleHouse& house, const Call& call, const std::string& token) {
  if (call.caller.tenant == guard::kPlatformTenant) {
    for (const auto& [ordinal, entry] : house.directory.All()) {
      if (entry.accounts->tokens.contains(token)) return ordinal;
    }
  }
  return call.caller.tenant;
}

}  // namespace

Routes TokenRoutes(PeopleHouse house) {
  constexpr auto kManage = guard::Permission::kManageUsers;
  return {
      {"GET", "/api/v1/tokens", kManage,
       [house](const Call& call, const http::Respond& respond) { List(house, call, respond); }},
      {"POST", "/api/v1/tokens", kManage,
       [house](const Call& call, http::Respond respond) {
         auto request = RequestOf(house, call);
         if (!request) return respond(http::ProblemResponse(request.error()));
         house.office.CreateToken(WhoOf(call), request->tenant, std::move(request->name), request->role,
                                  request->expires_at, Reply(std::move(respond), 201));
       }},
      {"DELETE", "/api/v1/tokens/{id}", kManage,
       [house](const Call& call, http::Respond respond) {
         const std::string& id = call.params.find("id")->second;
         house.office.RevokeToken(WhoOf(call), TenantOf(house, call, id), id, Reply(std::move(respond), 204));
       }},
  };
}

}  // namespace bongsu::api
