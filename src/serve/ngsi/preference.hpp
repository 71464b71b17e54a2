// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a reader prefers (RFC 7240), and entities for readers of an earlier NGSI-LD.
/// Source: GS CIM 009 V1.9.1 clauses 4.3.6.8 and 6.3.18.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace bongsu::ngsi {

/// Value of a preference; its name in any case, the value with or without quotes.
std::optional<std::string> Preference(std::string_view prefer_header, std::string_view name);

/// 5 of "ngsi-ld=1.5"; nothing when no version 1.x is preferred.
std::optional<int> PreferredMinor(std::string_view prefer_header);

/// Says an entity, an array of entities or GeoJSON of them with what NGSI-LD 1.`minor` knew: newer kinds of attributes
/// as Property or Relationship, newer members left out. True when something was changed.
bool ReadableFor(int minor, json::Value& entities);

}  // namespace bongsu::ngsi
