// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "guard/principal.hpp"

namespace bongsu::guard {
namespace {

TEST(Permissions, EveryPermissionHasItsRowInOrder) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Permission::kErasePersonal); ++i) {
    EXPECT_NE(PermissionsTable().find(fmt::format("| `{}` |", PermissionName(static_cast<Permission>(i)))),
              std::string::npos);
  }
  EXPECT_EQ(PermissionName(Permission::kNone), "none");
  EXPECT_EQ(PermissionName(Permission::kIngest), "ingest");
  EXPECT_EQ(PermissionName(Permission::kManageTenants), "manage_tenants");
}

TEST(Permissions, TheDocumentHoldsTheTableThatIsInForce) {
  // Tests run from the repository's root.
  std::ifstream file("docs/permissions.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};

  EXPECT_NE(text.find(PermissionsTable()), std::string::npos) << "put this into docs/permissions.md:\n"
                                                              << PermissionsTable();
}

TEST(Permissions, LeastPrivilegeHolds) {
  EXPECT_FALSE(Allows(Role::kAdministrator, Permission::kActOnAlarms)) << "who runs the system does not act on alarms";
  EXPECT_FALSE(Allows(Role::kOperator, Permission::kReadAudit));
  EXPECT_FALSE(Allows(Role::kOperator, Permission::kShelveCritical));
  EXPECT_FALSE(Allows(Role::kApplication, Permission::kActOnAlarms));
  EXPECT_FALSE(Allows(Role::kSupervisor, Permission::kManageUsers));
  EXPECT_FALSE(Allows(Role::kAdministrator, Permission::kReadPersonal))
      << "who runs the system reads no personal value";
  EXPECT_FALSE(Allows(Role::kSupervisor, Permission::kErasePersonal));
  EXPECT_FALSE(Allows(Role::kPrivacy, Permission::kActOnAlarms));
  EXPECT_FALSE(Allows(Principal{}, Permission::kSignedIn));
  EXPECT_TRUE(Allows(Principal{}, Permission::kNone));
}

}  // namespace
}  // namespace bongsu::guard
