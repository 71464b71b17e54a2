// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notice -> safety-net message, and what its answers mean; pure (README.md).

#include "act/dispatch/channel.hpp"

namespace bongsu::dispatch::safety_net {

/// "20261122193000" or, with `millis`, "20261122193000123".
std::string LocalDigits(TimePoint time, std::chrono::minutes zone, bool millis);

runtime::HttpCall EncodeAuth(const Peer& peer);
/// The session of an answer to EncodeAuth. @errors kUnavailable safety_net.no_answer · kPermissionDenied
/// safety_net.refused
Result<std::string> SessionOf(const Result<http::Response>& answer);

json::Value MessageOf(const Delivery& delivery);
runtime::HttpCall EncodeEvent(const Delivery& delivery, std::string_view session);
/// @param expired  set when the agency refused and a new session may help
Outcome OutcomeOf(const Result<http::Response>& answer, bool& expired);

}  // namespace bongsu::dispatch::safety_net
