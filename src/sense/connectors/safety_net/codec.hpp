// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The safety-net event message as it is received: JSON or form-encoded, `body` or `Body`. Pure.
/// What we send ourselves is act/dispatch/channels/safety_net. Source: public samples of the message; field lists
/// contradict each other, so fields are kept as they come and code tables are data of the mapping.

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace bongsu::safety_net {

/// The apiKey of an AUTH request, JSON or form. @errors kInvalidArgument safety_net.bad_auth
Result<std::string> DecodeAuth(std::string_view bytes);

/// Header fields as they come, and: body (fields as they come), items {KEY: value} of ocrEvtItem, lon, lat of ocrLc.
/// @errors kInvalidArgument safety_net.bad_message, safety_net.no_body; kNotSupported safety_net.encrypted,
/// safety_net.in_parts
Result<json::Value> DecodeEvent(std::string_view bytes);

/// {"result":"0"|"1","message":…}
std::string EncodeAnswer(bool ok, std::string_view message);

}  // namespace bongsu::safety_net
