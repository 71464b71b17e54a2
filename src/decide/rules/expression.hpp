// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A condition as a tree: leaves are numbers (of a predicate or of a selection), inner nodes join them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bongsu::rules {

struct Expression {
  enum class Kind : std::uint8_t { kLeaf, kAnd, kOr, kNot, kAtLeast, kTrue, kFalse };
  Kind kind = Kind::kFalse;
  std::uint32_t leaf = 0;   ///< kLeaf
  std::uint32_t least = 0;  ///< kAtLeast: how many children must hold
  std::vector<Expression> children;

  static Expression Leaf(std::uint32_t number) { return {Kind::kLeaf, number, 0, {}}; }
  static Expression True() { return {Kind::kTrue, 0, 0, {}}; }
  static Expression Not(Expression child);
  /// One child stands for itself.
  static Expression Join(Kind kind, std::vector<Expression> children);
};

/// Reads a Sigma condition: `a and not (b or c)`, `1 of x*`, `all of them`, `2 of y*`.
/// Leaves are indexes into `names`; `them` leaves out names that begin with `_`.
/// At most 32 levels and 4,096 nodes.
/// @errors kInvalidArgument rules.bad_condition
Result<Expression> ParseCondition(std::string_view text, const std::vector<std::string>& names);

}  // namespace bongsu::rules
