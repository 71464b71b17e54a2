// SPDX-License-Identifier: Apache-2.0
#pragma once

/// By which index a query is answered. Each index that can serve a part of the query says how many entities it would
/// give; the cheapest drives, and every entity it gives is held against the whole query.
///
/// Counts are exact up to a bound: an index is walked, not guessed at, and only as far as it could still win.

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "know/context/indexes.hpp"
#include "know/context/selection.hpp"

namespace bongsu::context {

enum class IndexKind : std::uint8_t { kAll, kId, kType, kScope, kPlace, kValue, kRelationship };
std::string_view NameOf(IndexKind kind);

struct IdHash {
  std::size_t operator()(std::string_view id) const { return Hash64(id); }
};
/// Keys look into the entities. Iterators do not outlive an insertion.
using EntitiesById = absl::flat_hash_map<std::string_view, std::unique_ptr<Entity>, IdHash>;

/// One way to the entities of a query: all that match are among them.
struct Source {
  IndexKind kind = IndexKind::kAll;
  std::string of;         ///< Attribute of a value or relationship index.
  std::size_t count = 0;  ///< Candidates; when `capped` there are more.
  bool capped = false;
  std::function<bool(const Visit&)> walk;  ///< In any order, an entity perhaps twice.
  std::vector<const EntitySet*> sets;      ///< When it is a union of sets in the order of ids.
};

/// What was done, for whoever asks why.
struct PlanReport {
  struct Considered {
    IndexKind kind = IndexKind::kAll;
    std::string of;
    std::size_t count = 0;
    bool capped = false;
  };
  Considered chosen;
  std::size_t looked_at = 0;           ///< Entities held against the query.
  std::size_t read = 0;                ///< Of these, how many had to be read from the store.
  std::vector<Considered> considered;  ///< The others.
};

class Plan {
 public:
  /// @param look_cost  of holding a candidate against the query, 1 when all of them are in memory
  Plan(const EntitiesById& by_id, const Indexes& indexes, const Names& names, const Query& query, double look_cost = 1);

  /// @param most   how many entities are wanted
  /// @param count  all have to be looked at
  const Source& Choose(std::size_t most, bool count) const;
  /// The source of that kind with the fewest candidates; null when none serves this query.
  const Source* Find(IndexKind kind) const;
  PlanReport Report(const Source& chosen) const;
  /// Attributes whose values would have served this query, had they been indexed.
  const std::vector<Name>& missed() const { return missed_; }
  /// Attributes whose values are indexed and were asked about.
  const std::vector<Name>& used() const { return used_; }

 private:
  std::optional<Source> OfSelectors();
  std::optional<Source> OfSelector(const Selector& selector);
  std::optional<Source> OfTypes(const TypeQuery& query, const BooleanTree& tree);
  std::optional<Source> OfScopes(const ScopeQuery& query, const BooleanTree& tree);
  std::optional<Source> OfPlace();
  std::optional<Source> OfTerm(const ValueQuery::Term& term);
  void AddValues(const ValueQuery& query, const BooleanTree& tree);
  template <class Make>
  std::optional<Source> OfTree(const BooleanTree& tree, const Make& make);
  static Source Joined(Source a, Source b);
  void Counted(Source& source) const;
  void Add(std::optional<Source> source);
  double Cost(const Source& source, std::size_t most, bool count) const;

  const EntitiesById& by_id_;
  const Indexes& indexes_;
  const Names& names_;
  const Query& query_;
  double look_cost_;
  std::size_t fewest_;  // candidates of the best one so far
  std::vector<Source> sources_;
  std::vector<Name> missed_;
  std::vector<Name> used_;
};

}  // namespace bongsu::context
