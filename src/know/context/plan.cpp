// SPDX-License-Identifier: Apache-2.0
#include "know/context/plan.hpp"

#include <algorithm>
#include <array>

namespace bongsu::context {
namespace {

using Operator = ValueQuery::Operator;

// To put a candidate in its place in the order of ids, against holding it against the query (it reads JSON).
constexpr double kSortCost = 0.25;
constexpr std::size_t kFewCandidates = 1000;  ///< As many are always counted.
constexpr std::size_t kMaxTargets = 1000;     ///< Of linked entities, each looked up by itself.
constexpr std::size_t kMaxScopes = 10'000;    ///< Different scopes that are held against one pattern.

constexpr std::array<std::string_view, 7> kNames{"all", "id", "type", "scope", "place", "value", "relationship"};

}  // namespace

std::string_view NameOf(IndexKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

Plan::Plan(const EntitiesById& by_id, const Indexes& indexes, const Names& names, const Query& query, double look_cost)
    : by_id_{by_id}, indexes_{indexes}, names_{names}, query_{query}, look_cost_{look_cost}, fewest_{by_id.size()} {
  Source all;
  all.walk = [this](const Visit& visit) {
    return std::ranges::all_of(by_id_, [&](const auto& pair) { return visit(pair.second.get()); });
  };
  all.count = by_id_.size();
  sources_.push_back(std::move(all));
  Add(OfSelectors());
  if (query.scope) Add(OfScopes(*query.scope, query.scope->tree()));
  Add(OfPlace());
  if (query.q) AddValues(*query.q, query.q->tree());
}

void Plan::Add(std::optional<Source> source) {
  if (!source) return;
  if (!source->capped) fewest_ = std::min(fewest_, source->count);
  sources_.push_back(std::move(*source));
}

/// All parts of an OR have to be served; of an AND the best part is enough.
template <class Make>
std::optional<Source> Plan::OfTree(const BooleanTree& tree, const Make& make) {
  if (tree.kind == BooleanTree::Kind::kTerm) return make(tree.term);
  std::optional<Source> best;
  for (const BooleanTree& part : tree.parts) {
    auto source = OfTree(part, make);
    if (tree.kind == BooleanTree::Kind::kOr) {
      if (!source) return std::nullopt;
      best = best ? Joined(std::move(*best), std::move(*source)) : std::move(source);
    } else if (source && (!best || (best->capped && !source->capped) || source->count < best->count)) {
      best = std::move(source);
    }
  }
  return best;
}

/// Terms that all have to hold are sources of their own, so that the report names each.
void Plan::AddValues(const ValueQuery& query, const BooleanTree& tree) {
  if (tree.kind != BooleanTree::Kind::kAnd)
    return Add(OfTree(tree, [&](std::size_t term) { return OfTerm(query.terms()[term]); }));
  for (const BooleanTree& part : tree.parts) AddValues(query, part);
}

/// Four times the best one cannot win, and what gives a quarter of all entities is hardly better than all of them.
void Plan::Counted(Source& source) const {
  const std::size_t cap = std::max(std::min(4 * fewest_, by_id_.size() / 4), kFewCandidates);
  source.count = 0;
  source.walk([&](const Entity*) { return ++source.count <= cap; });
  source.capped = source.count > cap;
}

Source Plan::Joined(Source a, Source b) {
  Source joined;
  joined.kind = a.kind == b.kind ? a.kind : std::max(a.kind, b.kind);
  joined.of = a.of == b.of ? a.of : a.of + ' ' + b.of;
  joined.count = a.count + b.count;
  joined.capped = a.capped || b.capped;
  if (!a.sets.empty() && !b.sets.empty()) {
    joined.sets = std::move(a.sets);
    joined.sets.insert(joined.sets.end(), b.sets.begin(), b.sets.end());
  }
  joined.walk = [first = std::move(a.walk), second = std::move(b.walk)](const Visit& visit) {
    return first(visit) && second(visit);
  };
  return joined;
}

std::optional<Source> Plan::OfSelectors() {
  std::optional<Source> all;
  for (const Selector& selector : query_.selectors) {
    auto source = OfSelector(selector);
    if (!source) return std::nullopt;
    all = all ? Joined(std::move(*all), std::move(*source)) : std::move(source);
  }
  return all;
}

std::optional<Source> Plan::OfSelector(const Selector& selector) {
  if (selector.ids.empty()) {
    if (!selector.type || selector.type->every()) return std::nullopt;
    return OfTypes(*selector.type, selector.type->tree());
  }
  Source source;
  source.kind = IndexKind::kId;
  source.count = selector.ids.size();
  source.walk = [this, &selector](const Visit& visit) {
    return std::ranges::all_of(selector.ids, [&](const std::string& id) {
      const auto at = by_id_.find(id);
      return at == by_id_.end() || visit(at->second.get());
    });
  };
  return source;
}

std::optional<Source> Plan::OfTypes(const TypeQuery& query, const BooleanTree& tree) {
  static const EntitySet kNone;
  return OfTree(tree, [&](std::size_t term) -> std::optional<Source> {
    const Name name = names_.Find(query.names()[term]);
    const auto of_type = name != nullptr ? indexes_.types().find(name) : indexes_.types().end();
    const EntitySet* const set = of_type != indexes_.types().end() ? &of_type->second : &kNone;
    Source source;
    source.kind = IndexKind::kType;
    source.count = set->size();
    source.sets = {set};
    source.walk = [set](const Visit& visit) { return WalkAll(*set, visit); };
    return source;
  });
}

std::optional<Source> Plan::OfScopes(const ScopeQuery& query, const BooleanTree& tree) {
  return OfTree(tree, [&](std::size_t pattern) -> std::optional<Source> {
    const std::string prefix = query.PrefixOf(pattern);
    std::vector<const EntitySet*> sets;
    std::size_t left = kMaxScopes;
    const auto& scopes = indexes_.scopes();
    Source source;
    source.kind = IndexKind::kScope;
    for (auto at = scopes.lower_bound(prefix); at != scopes.end() && at->first.starts_with(prefix); ++at) {
      if (left-- == 0) return std::nullopt;
      if (!query.PatternMatches(pattern, at->first)) continue;
      sets.push_back(&at->second);
      source.count += at->second.size();
    }
    source.walk = [sets](const Visit& visit) {
      return std::ranges::all_of(sets, [&](const EntitySet* set) { return WalkAll(*set, visit); });
    };
    return source;
  });
}

std::optional<Source> Plan::OfPlace() {
  if (!query_.geo || query_.geo->property != kLocation) return std::nullopt;
  auto covering = query_.geo->Candidates();
  if (!covering) return std::nullopt;
  Source source;
  source.kind = IndexKind::kPlace;
  source.walk = [this, covering = std::move(*covering)](const Visit& visit) {
    return indexes_.WalkPlace(covering, visit);
  };
  Counted(source);
  return source;
}

namespace {

bool IsText(const ValueQuery::Literal& literal) {
  using enum ValueQuery::LiteralType;
  return literal.type == kString || literal.type == kUri;
}

/// What a term asks of a relationship: which entities it names. Nothing when it asks something else.
std::optional<std::vector<std::string>> TargetsOf(const ValueQuery::Term& term) {
  if (term.path.size() != 1 || !term.inside.empty()) return std::nullopt;
  if (term.link) {
    const auto& ids = term.link->ids;
    if (term.op != Operator::kExists || !ids || ids->size() > kMaxTargets) return std::nullopt;
    return std::vector<std::string>(ids->begin(), ids->end());
  }
  if (term.op != Operator::kEqual || term.range || !std::ranges::all_of(term.values, IsText)) return std::nullopt;
  std::vector<std::string> targets;
  targets.reserve(term.values.size());
  for (const auto& literal : term.values) targets.push_back(literal.text);
  return targets;
}

}  // namespace

std::optional<Source> Plan::OfTerm(const ValueQuery::Term& term) {
  const Name name = names_.Find(term.path.front());
  if (name == nullptr) return std::nullopt;
  Source source;
  source.of = *name;
  auto targets = TargetsOf(term);
  if (targets && (term.link || indexes_.OnlyRelationships(name))) {
    source.kind = IndexKind::kRelationship;
    source.walk = [this, name, targets = std::move(*targets)](const Visit& visit) {
      return std::ranges::all_of(targets,
                                 [&](const std::string& target) { return indexes_.WalkTarget(*name, target, visit); });
    };
    Counted(source);
    return source;
  }
  if (!ValueIndex::Serves(term)) return std::nullopt;
  const auto values = indexes_.values().find(name);
  if (values == indexes_.values().end()) {
    missed_.push_back(name);
    return std::nullopt;
  }
  used_.push_back(name);
  source.kind = IndexKind::kValue;
  source.walk = [&index = values->second.index, &term](const Visit& visit) { return index.Walk(term, visit); };
  Counted(source);
  return source;
}

double Plan::Cost(const Source& source, std::size_t most, bool count) const {
  const auto all = static_cast<double>(by_id_.size());
  const auto candidates = [&](const Source& of) { return of.capped ? all : static_cast<double>(of.count); };
  double passing = 1;  // of its candidates, as far as the other indexes tell
  for (const Source& other : sources_) {
    if (&other != &source && all > 0) passing *= std::min(1.0, candidates(other) / all);
  }
  const double own = candidates(source);
  const double wanted = passing > 0 ? static_cast<double>(most) / passing : own;
  const double looks = count ? own : std::min(own, wanted);
  return looks * look_cost_ + (source.sets.empty() ? own * kSortCost : 0);
}

const Source& Plan::Choose(std::size_t most, bool count) const {
  const Source* best = &sources_.front();
  for (const Source& source : sources_) {
    if (Cost(source, most, count) < Cost(*best, most, count)) best = &source;
  }
  return *best;
}

const Source* Plan::Find(IndexKind kind) const {
  const Source* best = nullptr;
  for (const Source& source : sources_) {
    if (source.kind == kind && (best == nullptr || source.count < best->count)) best = &source;
  }
  return best;
}

PlanReport Plan::Report(const Source& chosen) const {
  PlanReport report;
  for (const Source& source : sources_) {
    const PlanReport::Considered one{source.kind, source.of, source.count, source.capped};
    if (&source == &chosen) {
      report.chosen = one;
    } else {
      report.considered.push_back(one);
    }
  }
  return report;
}

}  // namespace bongsu::context
