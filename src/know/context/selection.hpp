// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which entities: type selection, scope query and everything else a query may ask for.
/// Sources: GS CIM 009 V1.9.1 clauses 4.17 (types), 4.19 (scopes), 5.7.2 (query).

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "know/context/boolean_tree.hpp"
#include "know/context/geometry.hpp"
#include "know/context/value_query.hpp"

namespace bongsu::context {

/// "A,B|(C;D)"; "*" is every type.
class TypeQuery {
 public:
  /// @errors kInvalidArgument ngsi.BadRequestData
  static Result<TypeQuery> Parse(std::string_view text, const Expand& expand);
  /// Of one type. @param name  IRI
  static TypeQuery Of(std::string name);
  bool Matches(const Entity& entity) const;
  bool every() const { return every_; }
  /// The types of which an entity must have at least one; for the index.
  const std::vector<std::string>& names() const { return names_; }
  /// Over the places of names().
  const BooleanTree& tree() const { return tree_; }

 private:
  bool every_ = false;
  BooleanTree tree_;
  std::vector<std::string> names_;
};

/// "/A/B", "/A/#", "/+/B"; ',' and '|' are OR, ';' is AND.
class ScopeQuery {
 public:
  /// @errors kInvalidArgument ngsi.BadRequestData
  static Result<ScopeQuery> Parse(std::string_view text);
  bool Matches(const std::vector<std::string>& scopes) const;
  bool Matches(const Entity& entity) const { return Matches(entity.scopes); }
  /// Over the numbers of patterns.
  const BooleanTree& tree() const { return tree_; }
  bool PatternMatches(std::size_t pattern, std::string_view scope) const;
  /// What every scope that the pattern matches begins with.
  std::string PrefixOf(std::size_t pattern) const;

 private:
  BooleanTree tree_;
  std::vector<std::vector<std::string>> patterns_;  // levels
};

/// One entry of "entities" in a query by body; the parameters of a query by URL are one entry too.
struct Selector {
  std::unordered_set<std::string> ids;  ///< Empty: any.
  std::optional<Pattern> id_pattern;    ///< Only looked at when `ids` is empty.
  std::optional<TypeQuery> type;
  bool Matches(const Entity& entity) const;
};

struct Query {
  std::uint16_t tenant = 0;
  std::vector<Selector> selectors;      ///< Any of them; none: all entities.
  std::vector<std::string> attributes;  ///< Attribute IRIs of which an entity has at least one; none: no matter.
  std::optional<ValueQuery> q;
  std::optional<GeoQuery> geo;
  std::optional<ScopeQuery> scope;
  TimePoint now{};  ///< Entities that expired before are gone.
  bool Matches(const Entity& entity) const;
  /// What a cold entity can tell: all but what its attributes say.
  bool MatchesKept(const Entity& entity) const;
  /// The rest of Matches but for `attributes`.
  bool MatchesSaid(const Entity& entity) const;
  bool asks_what_is_said() const { return q.has_value() || geo.has_value(); }
};

/// The geometries of a GeoProperty of an entity, all instances.
std::vector<Geometry> GeometriesOf(const Entity& entity, std::string_view property_iri);

/// Scope with a leading '/': levels of a letter and then letters, digits and '_'. @errors kInvalidArgument
/// ngsi.BadRequestData
Result<std::string> NormalScope(std::string_view scope);

}  // namespace bongsu::context
