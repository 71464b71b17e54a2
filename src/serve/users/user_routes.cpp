// SPDX-License-Identifier: Apache-2.0
#include "serve/users/user_routes.hpp"

#include "serve/api/body.hpp"
#include "serve/users/reply.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMaxDisplay = 200;

Result<guard::Role> RoleOf(const json::Value& body) {
  BONGSU_TRY(const std::string name, TextOf(body, "role", 32));
  const auto role = guard::RoleFromName(name);
  if (!role)
    return Fail(Code::kInvalidArgument, "user.bad_role",
                "role '{}' is none of operator, supervisor, administrator, application, privacy", name);
  return *role;
}

Result<model::LText> DisplayOf(const json::Value& body) {
  const json::Value& display = body["display"];
  if (!display.IsNull() && !display.IsObject() && !display.IsString()) {
    return Fail(Code::kInvalidArgument, "http.bad_member", "'display' is a text or {{ko, en}}");
  }
  model::LText text = model::LTextFromJson(display);
  if (text.ko.size() > kMaxDisplay || text.en.size() > kMaxDisplay) {
    return Fail(Code::kInvalidArgument, "http.bad_member", "'display' has at most {} bytes a language", kMaxDisplay);
  }
  return text;
}

Result<guard::AccountOffice::UserRequest> NewUserOf(const Call& call) {
  guard::AccountOffice::UserRequest request;
  BONGSU_TRY(const json::Value body, ObjectOf(call.request));
  BONGSU_TRY(request.name, TextOf(body, "name", 64));
  BONGSU_TRY(request.display, DisplayOf(body));
  BONGSU_TRY(request.role, RoleOf(body));
  BONGSU_TRY(request.password, OptionalTextOf(body, "password", 256));
  return request;
}

Result<guard::UserChange> ChangeOf(const Call& call) {
  guard::UserChange change;
  BONGSU_TRY(const json::Value body, ObjectOf(call.request));
  for (const auto& [name, value] : body.AsObject()) {
    if (name == "display") {
      BONGSU_TRY(change.display, DisplayOf(body));
    } else if (name == "role") {
      BONGSU_TRY(change.role, RoleOf(body));
    } else if (name == "locked") {
      if (!value.IsBool()) return Fail(Code::kInvalidArgument, "http.bad_member", "'locked' must be true or false");
      change.locked = value.AsBool();
    } else {
      return Fail(Code::kInvalidArgument, "http.bad_member", "'{}' cannot be changed; display, role and locked can",
                  name);
    }
  }
  return change;
}

}  // namespace

Routes UserRoutes(PeopleHouse house) {
  constexpr auto kManage = guard::Permission::kManageUsers;
  return {
      {"GET", "/api/v1/users", kManage,
       [house](const Call& call, http::Respond respond) {
         house.office.ListUsers(call.caller.tenant, Reply(std::move(respond), 200));
       }},
      {"POST", "/api/v1/users", kManage,
       [house](const Call& call, http::Respond respond) {
         auto request = NewUserOf(call);
         if (!request) return respond(http::ProblemResponse(request.error()));
         house.office.AddUser(WhoOf(call), call.caller.tenant, std::move(*request), Reply(std::move(respond), 201));
       }},
      {"PATCH", "/api/v1/users/{id}", kManage,
       [house](const Call& call, http::Respond respond) {
         auto change = ChangeOf(call);
         if (!change) return respond(http::ProblemResponse(change.error()));
         house.office.ChangeUser(WhoOf(call), call.caller.tenant, call.params.find("id")->second, std::move(*change),
                                 Reply(std::move(respond), 200));
       }},
      {"DELETE", "/api/v1/users/{id}", kManage,
       [house](const Call& call, http::Respond respond) {
         house.office.RemoveUser(WhoOf(call), call.caller.tenant, call.params.find("id")->second,
                                 Reply(std::move(respond), 204));
       }},
  };
}

}  // namespace bongsu::api
