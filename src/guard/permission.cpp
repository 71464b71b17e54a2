// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "guard/principal.hpp"

namespace bongsu::guard {
namespace {

using enum Permission;

// The whole of what each role may do beyond kNone and kSignedIn. Administrators run the system; they do not act on alarms.
const std::vector<Permission>& PermissionsOf(Role role) {
  static const std::array<std::vector<Permission>, 4> kTable{{
      {kReadPicture, kActOnAlarms, kReadConnectors, kReadRules, kReadContext},
      {kReadPicture, kActOnAlarms, kShelveCritical, kReadConnectors, kManageConnectors, kReadRules, kManageRules, kReadContext,
       kReadAudit},
      {kReadPicture, kReadConnectors, kManageConnectors, kReadRules, kManageRules, kReadContext, kWriteContext, kReadAudit,
       kManageUsers, kManageTenants},
      {kReadPicture, kReadContext, kWriteContext, kIngest},
  }};
  return kTable[static_cast<std::size_t>(role)];
}

constexpr std::array<std::string_view, 4> kRoleNames{"operator", "supervisor", "administrator", "application"};

}  // namespace

std::string_view RoleName(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

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
