// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The commands of the program, one table row each.

#include <span>
#include <string>

namespace bongsu::app {

inline constexpr const char* kVersion = "0.1.0";

/// @param args  without the program's name
/// @returns exit code: 0 ok, 1 finding, 2 usage, 3 locked, 4 corrupt
int RunCommand(std::span<const std::string> args);

}  // namespace bongsu::app
