// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Messages of @NAME@ as documents. Pure: bytes in, document or error out.
/// Source: name the standard, its year and the clauses.

#include <string_view>

#include "base/json.hpp"

namespace bongsu::@NAME@ {

inline constexpr std::size_t kMaxMessageBytes = 64U << 10U;

/// The document that mappings read. This first one takes JSON; put the protocol's own reading here.
/// @errors kTooLarge @NAME@.too_large, kInvalidArgument json.bad
Result<json::Value> Decode(std::string_view bytes);

}  // namespace bongsu::@NAME@
