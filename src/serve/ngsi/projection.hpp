// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The pick and omit language: members of an entity, and in braces those of the entities it links to.
/// Source: GS CIM 009 V1.9.1 clause 4.21; section 8.6 of our checklist.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bongsu::ngsi {

/// "name" or "rel{a,b{c}}".
struct Member {
  std::string name;  ///< As written.
  std::vector<Member> inside;
};

inline constexpr std::size_t kMaxJoinLevel = 10;

/// @param text  "id,name|rel{id,name}"; at most kMaxJoinLevel braces inside of each other
/// @errors kInvalidArgument ngsi.BadRequestData
Result<std::vector<Member>> ParseMembers(std::string_view text, std::string_view what);

/// Braces inside of each other; 0 when no linked entity is named.
std::size_t DepthOf(const std::vector<Member>& members);

}  // namespace bongsu::ngsi
