// SPDX-License-Identifier: Apache-2.0
#include "know/context/selection.hpp"

#include <algorithm>
#include <span>

namespace bongsu::context {
namespace {

tl::unexpected<Error> Bad(std::string_view what, std::string_view text) {
  return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "{}: '{}'", what, text.substr(0, 80));
}

std::vector<std::string> Levels(std::string_view scope) {
  if (scope.starts_with('/')) scope.remove_prefix(1);
  std::vector<std::string> levels;
  while (true) {
    const auto end = std::min(scope.find('/'), scope.size());
    levels.emplace_back(scope.substr(0, end));
    if (end == scope.size()) return levels;
    scope.remove_prefix(end + 1);
  }
}

bool IsLevel(std::string_view level) {
  // Bytes above 0x7F are letters of other scripts.
  const auto letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
  };
  const auto rest = [&](char c) { return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return !level.empty() && letter(level.front()) && std::ranges::all_of(level, rest);
}

bool ScopeMatches(std::span<const std::string> pattern, std::span<const std::string> levels) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "#") return i > 0 || !levels.empty();
    if (i >= levels.size()) return false;
    if (pattern[i] != "+" && pattern[i] != levels[i]) return false;
  }
  return pattern.size() == levels.size();
}

}  // namespace

Result<TypeQuery> TypeQuery::Parse(std::string_view text, const Expand& expand) {
  TypeQuery query;
  if (text == "*") {
    query.every_ = true;
    return query;
  }
  BONGSU_TRY(query.tree_, BooleanTree::Parse(text, ",|", [&](std::string_view& rest) -> Result<std::size_t> {
               const auto end = std::min(rest.find_first_of(",|;()"), rest.size());
               const auto name = rest.substr(0, end);
               if (name.empty() || name.find_first_of(" \t\"<>*") != std::string_view::npos)
                 return Bad("type selection", rest);
               rest.remove_prefix(end);
               query.names_.push_back(expand(name));
               return query.names_.size() - 1;
             }));
  return query;
}

TypeQuery TypeQuery::Of(std::string name) {
  TypeQuery query;
  query.names_.push_back(std::move(name));
  return query;  // the tree is the one term
}

bool TypeQuery::Matches(const Entity& entity) const {
  return every_ || tree_.Matches([&](std::size_t name) { return entity.HasType(names_[name]); });
}

Result<ScopeQuery> ScopeQuery::Parse(std::string_view text) {
  ScopeQuery query;
  BONGSU_TRY(query.tree_, BooleanTree::Parse(text, ",|", [&](std::string_view& rest) -> Result<std::size_t> {
               const auto end = std::min(rest.find_first_of(",|;()"), rest.size());
               auto levels = Levels(rest.substr(0, end));
               for (std::size_t i = 0; i < levels.size(); ++i) {
                 const bool last = i + 1 == levels.size();
                 if (levels[i] == "+" || (levels[i] == "#" && last) || IsLevel(levels[i])) continue;
                 return Bad("scopeQ", rest.substr(0, end));
               }
               rest.remove_prefix(end);
               query.patterns_.push_back(std::move(levels));
               return query.patterns_.size() - 1;
             }));
  return query;
}

bool ScopeQuery::Matches(const std::vector<std::string>& scopes) const {
  return tree_.Matches([&](std::size_t pattern) {
    return std::ranges::any_of(scopes, [&](const std::string& scope) { return PatternMatches(pattern, scope); });
  });
}

bool ScopeQuery::PatternMatches(std::size_t pattern, std::string_view scope) const {
  return ScopeMatches(patterns_[pattern], Levels(scope));
}

std::string ScopeQuery::PrefixOf(std::size_t pattern) const {
  std::string prefix;
  for (const std::string& level : patterns_[pattern]) {
    if (level == "+" || level == "#") break;
    prefix += '/' + level;
  }
  return prefix;
}

bool Selector::Matches(const Entity& entity) const {
  if (!ids.empty()) {
    if (!ids.contains(entity.id)) return false;
  } else if (id_pattern && !id_pattern->Found(entity.id)) {
    return false;
  }
  return !type || type->Matches(entity);
}

bool Query::Matches(const Entity& entity) const {
  if (!MatchesKept(entity)) return false;
  if (!attributes.empty() &&
      std::ranges::none_of(attributes, [&](const std::string& a) { return entity.Find(a) != nullptr; }))
    return false;
  return MatchesSaid(entity);
}

bool Query::MatchesKept(const Entity& entity) const {
  if (entity.expires <= now) return false;
  if (!selectors.empty() && std::ranges::none_of(selectors, [&](const Selector& s) { return s.Matches(entity); }))
    return false;
  return !scope || scope->Matches(entity);
}

bool Query::MatchesSaid(const Entity& entity) const {
  if (q && !q->Matches(entity)) return false;
  if (!geo) return true;
  return std::ranges::any_of(GeometriesOf(entity, geo->property), [&](const Geometry& g) { return geo->Matches(g); });
}

std::vector<Geometry> GeometriesOf(const Entity& entity, std::string_view property_iri) {
  std::vector<Geometry> geometries;
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.kind != AttributeKind::kGeoProperty || *attribute.name != property_iri) continue;
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    auto geometry = Geometry::Read((*instance)["value"]);
    if (geometry) geometries.push_back(std::move(*geometry));
  }
  return geometries;
}

Result<std::string> NormalScope(std::string_view scope) {
  const auto levels = Levels(scope);
  if (!std::ranges::all_of(levels, [](const std::string& level) { return IsLevel(level); })) {
    return Bad("a scope is [/]Level(/Level)*, a level a letter and then letters, digits, _", scope);
  }
  return scope.starts_with('/') ? std::string(scope) : "/" + std::string(scope);
}

}  // namespace bongsu::context
