// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `field|modifier|modifier: value` becomes predicates. Source: Sigma specification 2.1.0, "Modifiers".
/// Not built: the time-part modifiers (minute .. year).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "decide/rules/detection.hpp"
#include "decide/rules/predicate.hpp"

namespace bongsu::rules {

struct Modifiers {
  std::string field;
  bool all = false;
  bool negated = false;  ///< neq
  bool cased = false;
  bool contains = false;
  bool starts = false;
  bool ends = false;
  bool exists = false;
  bool cidr = false;
  bool expand = false;
  bool field_ref = false;
  bool windash = false;
  bool regex = false;
  Regex::Flags flags;
  enum class Order : std::uint8_t { kNone, kLess, kLessEq, kGreater, kGreaterEq } order = Order::kNone;
  enum class Encode : std::uint8_t { kBase64, kBase64Offset, kUtf16Le, kUtf16Be, kUtf16 };
  std::vector<Encode> encodings;  ///< In order.
};

/// @errors kInvalidArgument rules.unknown_modifier
Result<Modifiers> ReadModifiers(std::string_view key);

struct Scalar {
  std::optional<std::string_view> text;  ///< Empty: null.
  bool quoted = false;
};

/// The forms of one value; any of them may fit.
/// @errors kInvalidArgument rules.bad_value, rules.bad_regex, rules.no_variable
Result<std::vector<Predicate>> MakePredicates(const Modifiers& modifiers, const Scalar& value,
                                              const Variables& variables);

}  // namespace bongsu::rules
