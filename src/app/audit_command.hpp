// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu audit verify`: checks the audit chains of a data directory without the server.

#include <span>
#include <string>

namespace bongsu::app {

/// @param args  what follows "audit"
/// @returns exit code: 0 the chains hold, 1 something is wrong with them, 2 usage, 3 locked, 4 corrupt
int RunAuditCommand(std::span<const std::string> args);

}  // namespace bongsu::app
