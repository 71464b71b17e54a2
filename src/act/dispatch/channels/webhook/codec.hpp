// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notice <-> HTTP, pure (README.md).

#include "act/dispatch/channel.hpp"

namespace bongsu::dispatch::webhook {

runtime::HttpCall Encode(const Delivery& delivery);
Outcome OutcomeOf(const Result<http::Response>& answer);

}  // namespace bongsu::dispatch::webhook
