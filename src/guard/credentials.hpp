// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a request brings along to say who it is: parsing alone, nothing is believed yet.

#include <optional>
#include <string>
#include <string_view>

#include "runtime/http_message.hpp"

namespace bongsu::guard {

inline constexpr std::string_view kSessionCookie = "bongsu_session";
inline constexpr std::size_t kMaxCredential = 128;  ///< Longer values are none of ours.

/// Value of cookie `name` in a Cookie header (RFC 6265 section 4.2.1); empty when absent. The first one counts.
std::string_view CookieOf(std::string_view header, std::string_view name);
/// TOKEN of "Bearer TOKEN" (RFC 6750 section 2.1, scheme in any case); empty when it is another scheme.
std::string_view BearerOf(std::string_view authorization);
/// TOKEN of the sub-protocol "bearer.TOKEN" in a Sec-WebSocket-Protocol list; empty when absent.
std::string_view SubProtocolBearerOf(std::string_view protocols);
/// "host:port" of an Origin header such as "https://host:8443"; empty for "null" and what is none.
std::string_view OriginHost(std::string_view origin);
/// True for 127.0.0.0/8, [::1] and localhost, with or without a port.
bool IsLoopbackHost(std::string_view host);
/// Value for Set-Cookie. @param max_age  seconds; zero removes the cookie
std::string SessionCookie(std::string_view secret, std::int64_t max_age_s, bool secure);

}  // namespace bongsu::guard
