// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Bytes as text: lower-case hex and base64url without padding (RFC 4648 section 5).

#include <optional>
#include <string>
#include <string_view>

namespace bongsu::crypto {

std::string ToHex(std::string_view bytes);
/// Empty unless `text` is an even number of hex digits.
std::optional<std::string> FromHex(std::string_view text);
std::string ToBase64Url(std::string_view bytes);
/// Empty unless `text` is base64url without padding.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace bongsu::crypto
