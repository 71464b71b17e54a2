// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Pieces of HTTP header values.

#include <string>
#include <string_view>
#include <vector>

namespace bongsu::ngsi {

/// Without spaces and tabs around it.
std::string_view TrimSpace(std::string_view text);
std::string LowerCase(std::string_view text);
/// Splits at `separator` outside of quotes and <>, and trims the pieces; one piece at least.
std::vector<std::string_view> SplitHeader(std::string_view text, char separator);

}  // namespace bongsu::ngsi
