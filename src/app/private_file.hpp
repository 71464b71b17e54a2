// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A small file that only its owner may read, written whole or not at all: the ready line, the first password.

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace bongsu::app {

/// @errors kUnavailable app.cannot_write
Result<void> WritePrivateFile(const std::filesystem::path& path, const std::string& text);

}  // namespace bongsu::app
