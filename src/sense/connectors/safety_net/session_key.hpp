// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Session keys of peers that signed in: made and checked without memory, so they outlive a restart.
/// key = issue time in seconds (hex) + "." + HMAC-SHA-256 over source and issue time under the peer's apiKey.

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace bongsu::safety_net {

inline constexpr Duration kSessionLife = 24h;

std::string MakeSessionKey(std::string_view api_key, std::string_view source, TimePoint now);
bool CheckSessionKey(std::string_view session, std::string_view api_key, std::string_view source, TimePoint now);
/// Compares in a time that does not depend on where they differ.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace bongsu::safety_net
