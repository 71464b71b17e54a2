// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The shared index over all rules of one log source: which conditions can hold for this event at all?
///
///   each condition ──▶ its rarest necessary tests (anchors) ──▶ per field: equality hash, literal set, direct tests
///   event's fields ──▶ anchors that hold ──▶ conditions to look at ──▶ the rest of each, tests remembered
///
/// So an event pays for its own fields and for the few conditions it nearly fits, not for the number of rules.

#include <memory>
#include <span>
#include <vector>

#include "decide/rules/event_view.hpp"
#include "decide/rules/expression.hpp"
#include "decide/rules/literal_set.hpp"
#include "decide/rules/predicate.hpp"

namespace bongsu::rules {

/// A condition of a stage of a rule, to be indexed.
struct Probe {
  std::uint32_t rule = 0;  ///< Index in the rule set.
  std::uint32_t stage = 0;
  Expression when;  ///< Leaves: predicates of the rule; after Build: tests of the index.
};

struct ProbeHit {
  std::uint32_t rule = 0;
  std::uint32_t stage = 0;
};

/// Fills fields that are looked up only when a test asks (context joins).
class LazyFields {
 public:
  virtual ~LazyFields() = default;
  /// Whether `field` comes from the context.
  virtual bool IsLazy(FieldId field) const = 0;
  /// Adds its values to `view`.
  virtual void Load(FieldId field, EventView& view) = 0;
};

/// Working memory; one a detector.
struct IndexScratch {
  LiteralScratch literals;
  std::uint32_t epoch = 0;
  std::vector<std::uint32_t> known;  ///< Test -> epoch * 2 + result.
  std::vector<std::uint32_t> seen;   ///< Probe -> epoch.
  std::vector<std::uint32_t> candidates;
  std::uint64_t evaluated = 0;  ///< Conditions looked at, for measurement.
};

class PredicateIndex {
 public:
  /// @param predicates_of  rule index -> its predicates
  /// @errors kInternal rules.literal_set
  static Result<std::unique_ptr<PredicateIndex>> Build(std::vector<Probe> probes,
                                                       const std::vector<const std::vector<Predicate>*>& predicates_of,
                                                       FieldNames& names);
  ~PredicateIndex();
  PredicateIndex(const PredicateIndex&) = delete;
  PredicateIndex& operator=(const PredicateIndex&) = delete;

  /// @errors kInternal rules.literal_set
  Result<void> Prepare(IndexScratch& scratch) const;
  void Match(EventView& view, LazyFields& lazy, IndexScratch& scratch, std::vector<ProbeHit>& out) const;

  std::size_t probes() const;
  std::size_t always() const;  ///< Conditions without an anchor, looked at for every event.
  std::size_t bytes() const;

 private:
  struct State;
  explicit PredicateIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One test against the event; also used to explain a hit.
bool Holds(const Predicate& test, FieldId field, FieldId other, EventView& view, LazyFields& lazy);

}  // namespace bongsu::rules
