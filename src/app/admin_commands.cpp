// SPDX-License-Identifier: Apache-2.0
#include "app/admin_commands.hpp"

#include <algorithm>
#include <array>

namespace bongsu::app {
namespace {

using Answer = guard::AccountOffice::Answer;

/// One request on its way: where it goes and what it brings.
struct Ask {
  const AdminHouse& house;
  const json::Value& request;
  guard::Who who;
  const guard::Directory::Entry& tenant;

  std::string Text(std::string_view name) const { return std::string(request[name].AsString()); }
};

Result<guard::Role> RoleOf(const Ask& ask) {
  const std::string name = ask.Text("role");
  const auto role = guard::RoleFromName(name);
  if (!role)
    return Fail(Code::kInvalidArgument, "user.bad_role",
                "role '{}' is none of operator, supervisor, administrator, application, privacy", name);
  return *role;
}

/// Id of the user with the name the request gives.
Result<std::string> UserIdOf(const Ask& ask) {
  const std::string name = ask.Text("name");
  const guard::User* user = ask.tenant.accounts->UserByName(name);
  if (user == nullptr) {
    return Fail(Code::kNotFound, "user.none", "there is no user '{}' in tenant '{}'; see: bongsu user list --tenant {}",
                name, ask.tenant.tenant.id, ask.tenant.tenant.id);
  }
  return user->id;
}

Result<TimePoint> ExpiryOf(const Ask& ask) {
  const std::string text = ask.Text("expires");
  if (text.empty()) return kNever;
  if (const auto time = ParseTime(text)) return *time;
  const auto lifetime = ParseDuration(text);
  if (!lifetime || *lifetime <= Duration::zero()) {
    return Fail(Code::kInvalidArgument, "token.bad_expiry",
                "--expires '{}' is neither a time (2027-01-01T00:00:00Z) nor a duration (90d)", text);
  }
  return ask.house.clock.Now() + *lifetime;
}

Result<void> UserAdd(const Ask& ask, const Answer& answer) {
  guard::AccountOffice::UserRequest request;
  request.name = ask.Text("name");
  request.display = {ask.Text("display"), {}};
  BONGSU_TRY(request.role, RoleOf(ask));
  ask.house.office.AddUser(ask.who, ask.tenant.tenant.ordinal, std::move(request), answer);
  return {};
}

Result<void> UserList(const Ask& ask, const Answer& answer) {
  ask.house.office.ListUsers(ask.tenant.tenant.ordinal, answer);
  return {};
}

Result<void> SetLocked(const Ask& ask, bool locked, const Answer& answer) {
  BONGSU_TRY(const std::string id, UserIdOf(ask));
  guard::UserChange change;
  change.locked = locked;
  ask.house.office.ChangeUser(ask.who, ask.tenant.tenant.ordinal, id, change, answer);
  return {};
}

Result<void> UserDisable(const Ask& ask, const Answer& answer) { return SetLocked(ask, true, answer); }
Result<void> UserEnable(const Ask& ask, const Answer& answer) { return SetLocked(ask, false, answer); }

Result<void> UserReset(const Ask& ask, const Answer& answer) {
  BONGSU_TRY(const std::string id, UserIdOf(ask));
  ask.house.office.ResetPassword(ask.who, ask.tenant.tenant.ordinal, id, answer);
  return {};
}

Result<void> UserRemove(const Ask& ask, const Answer& answer) {
  BONGSU_TRY(const std::string id, UserIdOf(ask));
  ask.house.office.RemoveUser(ask.who, ask.tenant.tenant.ordinal, id, answer);
  return {};
}

Result<void> TokenCreate(const Ask& ask, const Answer& answer) {
  BONGSU_TRY(const guard::Role role, RoleOf(ask));
  BONGSU_TRY(const TimePoint expires_at, ExpiryOf(ask));
  ask.house.office.CreateToken(ask.who, ask.tenant.tenant.ordinal, ask.Text("note"), role, expires_at, answer);
  return {};
}

Result<void> TokenList(const Ask& ask, const Answer& answer) {
  json::Array items;
  for (const auto& [id, token] : ask.tenant.accounts->tokens) {
    json::Value item;
    item.Set("id", id);
    item.Set("name", token.name);
    item.Set("role", guard::RoleName(token.role));
    item.Set("created_at", FormatUtc(token.created_at));
    if (token.expires_at != kNever) item.Set("expires_at", FormatUtc(token.expires_at));
    items.push_back(std::move(item));
  }
  answer(json::Value{json::Object{{"items", std::move(items)}}});
  return {};
}

Result<void> TokenRevoke(const Ask& ask, const Answer& answer) {
  const std::string id = ask.Text("id");
  for (const auto& [ordinal, entry] : ask.house.directory.All()) {
    if (!entry.accounts->tokens.contains(id)) continue;
    ask.house.office.RevokeToken(ask.who, ordinal, id, answer);
    return {};
  }
  return Fail(Code::kNotFound, "token.none", "there is no token {}; see: bongsu token list", id);
}

Result<void> TenantCreate(const Ask& ask, const Answer& answer) {
  guard::Tenant tenant;
  tenant.id = ask.Text("id");
  tenant.name = {ask.Text("name"), {}};
  if (!ask.Text("time_zone").empty()) tenant.time_zone = ask.Text("time_zone");
  ask.house.office.CreateTenant(ask.who, std::move(tenant), answer);
  return {};
}

Result<void> TenantList(const Ask& ask, const Answer& answer) {
  json::Array items;
  for (const auto& [ordinal, entry] : ask.house.directory.All()) items.push_back(ToJson(entry.tenant));
  answer(json::Value{json::Object{{"items", std::move(items)}}});
  return {};
}

Result<void> RulesReload(const Ask& ask, const Answer& answer) {
  ask.house.reload_rules(ask.who, answer);
  return {};
}

Result<void> RoutesList(const Ask& ask, const Answer& answer) {
  answer(ask.house.list_routes());
  return {};
}

Result<void> BackupStart(const Ask& ask, const Answer& answer) {
  ask.house.start_backup(ask.who, ask.Text("to"), answer);
  return {};
}

Result<void> BackupStatus(const Ask& ask, const Answer& answer) {
  answer(ask.house.backup_status());
  return {};
}

Result<void> OutboxRelease(const Ask& ask, const Answer& answer) {
  ask.house.release_outbox(ask.who, ask.tenant.tenant.ordinal, answer);
  return {};
}

Result<void> OutboxStatus(const Ask& ask, const Answer& answer) {
  ask.house.outbox_status(ask.tenant.tenant.ordinal, answer);
  return {};
}

Result<void> Erase(const Ask& ask, std::string_view what, const Answer& answer) {
  json::Value body = json::Object{{std::string(what), ask.Text("name")}, {"reason", ask.Text("reason")}};
  if (what == "class") body.Set("day", ask.Text("day"));
  ask.house.erase(ask.who, ask.tenant.tenant.ordinal, body, answer);
  return {};
}

Result<void> EraseCase(const Ask& ask, const Answer& answer) { return Erase(ask, "case", answer); }
Result<void> ErasePerson(const Ask& ask, const Answer& answer) { return Erase(ask, "person", answer); }
Result<void> EraseClass(const Ask& ask, const Answer& answer) { return Erase(ask, "class", answer); }

Result<void> HoldPlace(const Ask& ask, const Answer& answer) {
  json::Value body = json::Object{{"reason", ask.Text("reason")}};
  for (const std::string_view name : {"case", "person", "class", "day"}) {
    if (!ask.Text(name).empty()) body.Set(std::string(name), ask.Text(name));
  }
  ask.house.place_hold(ask.who, ask.tenant.tenant.ordinal, body, answer);
  return {};
}

Result<void> HoldRelease(const Ask& ask, const Answer& answer) {
  if (ask.Text("reason").empty())
    return Fail(Code::kInvalidArgument, "hold.no_reason", "why legal hold '{}' ends has to be said: --reason TEXT",
                ask.Text("id"));
  ask.house.lift_hold(ask.who, ask.tenant.tenant.ordinal, ask.Text("id"), ask.Text("reason"), answer);
  return {};
}

Result<void> HoldList(const Ask& ask, const Answer& answer) {
  ask.house.list_holds(ask.tenant.tenant.ordinal, answer);
  return {};
}

struct Verb {
  std::string_view name;
  Result<void> (*run)(const Ask& ask, const Answer& answer);
};

constexpr std::array<Verb, 23> kVerbs{{{"user.add", UserAdd},           {"user.list", UserList},
                                       {"user.disable", UserDisable},   {"user.enable", UserEnable},
                                       {"user.reset", UserReset},       {"user.remove", UserRemove},
                                       {"token.create", TokenCreate},   {"token.list", TokenList},
                                       {"token.revoke", TokenRevoke},   {"tenant.create", TenantCreate},
                                       {"tenant.list", TenantList},     {"rules.reload", RulesReload},
                                       {"routes.list", RoutesList},     {"backup.start", BackupStart},
                                       {"backup.status", BackupStatus}, {"outbox.release", OutboxRelease},
                                       {"outbox.status", OutboxStatus}, {"erase.case", EraseCase},
                                       {"erase.person", ErasePerson},   {"erase.class", EraseClass},
                                       {"hold.place", HoldPlace},       {"hold.release", HoldRelease},
                                       {"hold.list", HoldList}}};

}  // namespace

void RunAdminCommand(const AdminHouse& house, const json::Value& request, const std::string& from,
                     const Answer& answer) {
  const std::string_view name = request["verb"].AsString();
  const auto verb = std::ranges::find(kVerbs, name, &Verb::name);
  if (verb == kVerbs.end())
    return answer(
        Fail(Code::kNotSupported, "admin.no_verb", "this server does not know '{}'; is it an older version?", name));
  const std::string tenant{request["tenant"].AsString(guard::kPlatformTenantName)};
  const guard::Directory::Entry* entry = house.directory.Find(tenant);
  if (entry == nullptr) {
    return answer(Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant '{}'; make it: bongsu tenant create {}",
                       tenant, tenant));
  }
  const auto started = verb->run({house, request, {{}, from}, *entry}, answer);
  if (!started) answer(tl::unexpected<Error>(started.error()));
}

json::Value AdminAnswer(const Result<json::Value>& result) {
  json::Value line;
  line.Set("ok", result.has_value());
  if (result) {
    line.Set("value", *result);
  } else {
    line.Set("reason", result.error().reason);
    line.Set("message", result.error().message);
  }
  return line;
}

}  // namespace bongsu::app
