// SPDX-License-Identifier: Apache-2.0
#pragma once

/// AND / OR with parentheses, as q, type selection and scopeQ share it: ';' binds tighter than the OR signs.
/// Bounded: at most 32 levels and 256 terms.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bongsu::context {

struct BooleanTree {
  enum class Kind : std::uint8_t { kTerm, kAnd, kOr };
  Kind kind = Kind::kTerm;
  std::size_t term = 0;
  std::vector<BooleanTree> parts;

  template <class Test>
  bool Matches(const Test& test) const {
    const auto part_matches = [&](const BooleanTree& part) { return part.Matches(test); };
    switch (kind) {
      case Kind::kTerm:
        return test(term);
      case Kind::kAnd:
        return std::ranges::all_of(parts, part_matches);
      case Kind::kOr:
        return std::ranges::any_of(parts, part_matches);
    }
    return false;
  }

  /// Reads one term at `rest`, removes it from there and gives its number.
  using ReadTerm = std::function<Result<std::size_t>(std::string_view& rest)>;

  /// @param or_signs  such as ",|"
  /// @errors kInvalidArgument ngsi.BadRequestData; kTooLarge ngsi.TooComplexQuery; those of `read_term`
  static Result<BooleanTree> Parse(std::string_view text, std::string_view or_signs, const ReadTerm& read_term);
};

}  // namespace bongsu::context
