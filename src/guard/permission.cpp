// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "guard/principal.hpp"

namespace bongsu::guard {
namespace {

using enum Permission;

// The whole of what each role may do beyond kNone and kSignedIn. Administrators run the system; they do not act on
// alarms.
const std::vector<Permission>& PermissionsOf(Role role) {
  static const std::array<std::vector<Permission>, 5> kTable{{
      {kReadPicture, kActOnAlarms, kReadConnectors, kReadRules, kReadContext, kReadPersonal},
      {kReadPicture, kActOnAlarms, kShelveCritical, kReadConnectors, kManageConnectors, kReadRules, kManageRules,
       kReadContext, kReadAudit, kReadPersonal},
      {kReadPicture, kReadConnectors, kManageConnectors, kReadRules, kManageRules, kReadContext, kWriteContext,
       kReadAudit, kManageUsers, kManageTenants},
      {kReadPicture, kReadContext, kWriteContext, kIngest},
      {kReadPicture, kReadContext, kReadAudit, kReadPersonal, kErasePersonal},
  }};
  return kTable[static_cast<std::size_t>(role)];
}

struct Row {
  Permission permission;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<Row, 17> kRows{{
    {kNone, "none", "health, sign-in, the console's files; anybody, signed in or not"},
    {kSignedIn, "signed_in", "one's own session and password, the city's description, map tiles"},
    {kReadPicture, "read_picture", "alarms, incidents, notices, map, cameras' places, assets, the live socket"},
    {kActOnAlarms, "act_on_alarms", "acknowledge, own, close, shelve, steps, manual incident, notices"},
    {kShelveCritical, "shelve_critical", "shelve an alarm of severity 1"},
    {kReadConnectors, "read_connectors", "connectors and quarantine"},
    {kManageConnectors, "manage_connectors", "replay quarantine, change connectors"},
    {kReadRules, "read_rules", "rules and findings"},
    {kManageRules, "manage_rules", "reload and change rules"},
    {kReadContext, "read_context", "NGSI-LD reads, context of the past"},
    {kWriteContext, "write_context", "NGSI-LD writes"},
    {kIngest, "ingest", "POST /api/v1/ingest/{source}"},
    {kReadAudit, "read_audit", "the audit trail"},
    {kManageUsers, "manage_users", "users and access tokens"},
    {kManageTenants, "manage_tenants", "tenants; making one takes an administrator of the tenant 'default'"},
    {kReadPersonal, "read_personal", "sealed personal values are shown, one thing at a time; each view is audited"},
    {kErasePersonal, "erase_personal", "erasures of personal values and legal holds"},
}};

constexpr std::array<std::string_view, 5> kRoleNames{"operator", "supervisor", "administrator", "application",
                                                     "privacy"};

}  // namespace

std::string_view RoleName(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::string_view PermissionName(Permission permission) { return kRows[static_cast<std::size_t>(permission)].name; }

std::string PermissionsTable() {
  std::string text = "| permission | what for |";
  std::string line = "|---|---|";
  for (const Role role : kRoles) {
    text += fmt::format(" {} |", RoleName(role));
    line += ":-:|";
  }
  text += "\n" + line + "\n";
  for (const Row& row : kRows) {
    text += fmt::format("| `{}` | {} |", row.name, row.meaning);
    for (const Role role : kRoles) text += Allows(role, row.permission) ? " yes |" : " |";
    text += "\n";
  }
  return text;
}

std::string ActorText(std::string_view id, std::string_view address) {
  return address.empty() ? std::string(id) : fmt::format("{}@{}", id, address);
}

std::string ActorOf(const Principal& caller) { return ActorText(caller.id, caller.address); }

bool Allows(Role role, Permission permission) {
  if (permission == kNone || permission == kSignedIn) return true;
  const std::vector<Permission>& permissions = PermissionsOf(role);
  return std::ranges::find(permissions, permission) != permissions.end();
}

bool Allows(const Principal& caller, Permission permission) {
  if (!caller.known) return permission == kNone;
  if (caller.open && Allows(Role::kApplication, permission)) return true;
  return Allows(caller.role, permission);
}

}  // namespace bongsu::guard
