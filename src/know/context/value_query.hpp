// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The q language: filters entities by what their attributes say. Source: GS CIM 009 V1.9.1 clause 4.9.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
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
    bool linked = false;                               ///< relationship{path} may ask linked entities.
    /// How a sealed value of that attribute that equals `text` begins; empty: it is not sealed. May be null.
    std::function<Result<std::string>(std::string_view iri, std::string_view text, bool equality)> sealed = {};
  };

  /// @errors kInvalidArgument ngsi.BadRequestData   kTooLarge ngsi.TooComplexQuery
  static Result<ValueQuery> Parse(std::string_view text, const Options& options);

  struct Link;
  /// Whether an entity of that id is one that a link means.
  using Reach = std::function<bool(const Link& link, const std::string& id)>;

  bool Matches(const Entity& entity) const;
  /// The same, asking `reach` where a link leads.
  bool Matches(const Entity& entity, const Reach& reach) const;
  /// Whether a linked entity is one that `link` means.
  static bool Means(const Link& link, const Entity& entity, const Reach& reach);
  /// A copy whose terms with a link hold for everything: what it does not match, this one does not match either.
  ValueQuery Opened() const;
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
    std::string sealed = {};  ///< How a sealed value that equals this begins; empty: none is sealed.
  };

  struct Term {
    std::vector<std::string> path;    ///< IRIs of attribute and sub-attributes; core members by short name.
    std::vector<std::string> inside;  ///< Members of the compound value, or a language.
    Operator op = Operator::kExists;
    std::vector<Literal> values;  ///< A list, or the two ends of a range.
    bool range = false;
    std::vector<Pattern> pattern;  ///< One for kLike and kUnlike.
    std::shared_ptr<Link> link;    ///< Of relationship{path}: what a linked entity says. Shared by copies.
  };

  /// The braces of relationship{Type:path}: which entities may be linked to. Whoever runs the query says which ones
  /// there are, before it is matched with anything; until then it holds for none.
  struct Link {
    std::vector<std::string> types;  ///< IRIs of which a linked entity has one; empty: any.
    std::shared_ptr<Term> term;      ///< What it says; may have a link of its own.
    std::shared_ptr<const std::unordered_set<std::string>> ids;
  };
  /// Over the numbers of terms().
  const BooleanTree& tree() const { return tree_; }
  const std::vector<Term>& terms() const { return terms_; }
  /// IRIs of attributes and sub-attributes that are compared with something, those of linked entities too.
  std::set<std::string> Compared() const;
  /// All links, those that others need first.
  std::vector<std::shared_ptr<Link>> links() const;
  /// Most braces inside of each other.
  std::size_t linked_depth() const;
  /// What a linked entity is asked.
  static ValueQuery Of(const Link& link);

 private:
  BooleanTree tree_;
  std::vector<Term> terms_;
  bool open_ = false;  ///< Terms with a link hold.
};

}  // namespace bongsu::context
