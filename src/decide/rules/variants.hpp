// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Modifiers that turn one value into others before it is compared: encodings and dashes.
/// Source: Sigma specification 2.1.0, "Modifiers Appendix".

#include <string>
#include <string_view>
#include <vector>

namespace bongsu::rules {

std::string Base64(std::string_view bytes);
/// What the base64 text of any data holding `bytes` at an offset of 0, 1 or 2 must contain.
std::vector<std::string> Base64Offsets(std::string_view bytes);
std::string Utf16(std::string_view utf8, bool big_endian);
/// Every form with `-`, `/`, en dash, em dash and horizontal bar where a word begins with a dash; at most 125.
std::vector<std::string> WindowsDashes(std::string_view text);

}  // namespace bongsu::rules
