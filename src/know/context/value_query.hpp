// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The q language: filters entities by what their attributes say. Source: GS CIM 009 V1.9.1 clause 4.9.

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "know/context/boolean_tree.hpp"
#include "know/context/entity.hpp"
#include "know/context/pattern.hpp"

namespace bongsu::context {

/// Turns a short name into an IRI with the @context of the request.
using Expand = std::function<std::string(std::string_view)>;

class ValueQuery {
 public:
  struct Options {
    Expand expand;
    std::set<std::string, std::less<>> expand_values;  ///< Attribute IRIs whose values in q are terms to be expanded.
  };

  /// @errors kInvalidArgument ngsi.BadRequestData   kTooLarge ngsi.TooComplexQuery
  static Result<ValueQuery> Parse(std::string_view text, const Options& options);

  bool Matches(const Entity& entity) const;
  /// True when a term names an attribute that is not a system time: then the query is not too wide.
  bool NamesAnAttribute() const;

  enum class Operator : std::uint8_t {
    kExists,
    kAbsent,
    kEqual,
    kUnequal,
    kGreater,
    kGreaterEqual,
    kLess,
    kLessEqual,
    kLike,
    kUnlike
  };
  enum class LiteralType : std::uint8_t { kNumber, kString, kBool, kDateTime, kDateOrTime, kUri };

  struct Literal {
    LiteralType type = LiteralType::kString;
    std::string text;
    double number = 0;
    bool truth = false;
    TimePoint time{};
  };

  struct Term {
    std::vector<std::string> path;    ///< IRIs of attribute and sub-attributes; core members by short name.
    std::vector<std::string> inside;  ///< Members of the compound value, or a language.
    Operator op = Operator::kExists;
    std::vector<Literal> values;  ///< A list, or the two ends of a range.
    bool range = false;
    std::vector<Pattern> pattern;  ///< One for kLike and kUnlike.
  };

 private:
  BooleanTree tree_;
  std::vector<Term> terms_;
};

}  // namespace bongsu::context
