// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One test of one field, as a leaf of a rule's condition. A missing field fits none of them but kNull and
/// exists:false; `not` of a failed test is true.

#include <memory>
#include <string>

#include "decide/rules/cidr.hpp"
#include "decide/rules/regex.hpp"
#include "decide/rules/text_pattern.hpp"

namespace bongsu::rules {

struct Predicate {
  enum class Op : std::uint8_t {
    kText,  ///< pattern
    kRegex,
    kLess,  ///< number, or the number in field `other`
    kLessEq,
    kGreater,
    kGreaterEq,
    kCidr,
    kExists,   ///< the field is there and not null
    kMissing,  ///< exists: false
    kNull,     ///< the field is missing or null
    kSame,     ///< text equal to, within.. the text of field `other`; `pattern` shape says how
  };

  std::string field;  ///< Blanks removed; empty: a keyword, any field.
  Op op = Op::kText;
  bool cased = false;
  TextPattern pattern;  ///< Folded unless cased. kSame: `*` pieces say what may stand around the other text.
  std::shared_ptr<const Regex> regex;
  double number = 0;
  Cidr net;
  std::string other;  ///< Field that is compared with; empty: none.
  std::string text;   ///< For people: "level >= gauge.warningLevel".

  /// Equal keys mean the same test.
  std::string Key() const;
};

/// A field's name with blanks taken out (events.md 1.3).
std::string FieldName(std::string_view name);

}  // namespace bongsu::rules
