// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Who is asking, and what they may do. Every route takes a principal; least privilege is one table (permission.cpp).

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::guard {

enum class Role : std::uint8_t { kOperator, kSupervisor, kAdministrator, kApplication, kPrivacy };

/// What a route needs. The table role -> permissions is in permission.cpp and in docs/permissions.md.
enum class Permission : std::uint8_t {
  kNone,              ///< Anybody, signed in or not (health, sign-in, the console's files).
  kSignedIn,          ///< Anybody we know.
  kReadPicture,       ///< Alarms, incidents, map, cameras' places, assets.
  kActOnAlarms,       ///< Acknowledge, own, close, shelve, steps, manual incident, notices.
  kShelveCritical,    ///< Shelve severity 1.
  kReadConnectors,    ///< Connectors, quarantine.
  kManageConnectors,  ///< Replay quarantine, change connectors.
  kReadRules,
  kManageRules,
  kReadContext,   ///< NGSI-LD reads.
  kWriteContext,  ///< NGSI-LD writes.
  kIngest,        ///< POST /api/v1/ingest/{source}
  kReadAudit,
  kManageUsers,  ///< Users and tokens.
  kManageTenants,
  kReadPersonal,   ///< Sealed personal values are opened for him; every such view is audited.
  kErasePersonal,  ///< Erasures and legal holds.
};

struct Principal {
  bool known = false;        ///< False: not signed in.
  std::uint16_t tenant = 0;  ///< Ordinal of the tenant the request is for.
  std::string tenant_name;   ///< "default" unless the request names one.
  std::string id;            ///< User or token id (goes into records as actor).
  std::string name;          ///< Display name.
  Role role = Role::kOperator;
  bool by_token = false;  ///< Bearer token: no CSRF check is needed.
  std::string session;    ///< Session id when signed in with a cookie.
  std::string address;    ///< Address the request came from.
  bool open = false;      ///< `--open`: operator and application at once, nobody signed in.
};

inline constexpr std::array<Role, 5> kRoles{Role::kOperator, Role::kSupervisor, Role::kAdministrator,
                                            Role::kApplication, Role::kPrivacy};

std::string_view RoleName(Role role);
/// "read_picture"
std::string_view PermissionName(Permission permission);
/// The table of docs/permissions.md: a row a permission, a column a role.
std::string PermissionsTable();
/// "ID@ADDRESS": what DeskPort::Act takes, so that the audit record says where the act came from.
std::string ActorText(std::string_view id, std::string_view address);
std::string ActorOf(const Principal& caller);
bool Allows(Role role, Permission permission);
/// The same for whoever is asking; with `--open` an operator's and an application's rights together.
bool Allows(const Principal& caller, Permission permission);

}  // namespace bongsu::guard
