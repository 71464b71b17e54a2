// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Reading what a request brings, with complaints that name the member.

#include <optional>
#include <string>

#include "runtime/http_message.hpp"

namespace bongsu::api {

/// The JSON object of a request; an empty body is an empty object. @errors kInvalidArgument http.bad_body
Result<json::Value> ObjectOf(const http::Request& request);

/// A text member of at most `max_bytes`. @errors kInvalidArgument http.bad_member
Result<std::string> TextOf(const json::Value& body, std::string_view name, std::size_t max_bytes);
/// The same when it is there.
Result<std::optional<std::string>> OptionalTextOf(const json::Value& body, std::string_view name,
                                                  std::size_t max_bytes);

}  // namespace bongsu::api
