// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Entities of one tenant by what one of their attributes says: equality of numbers, times, texts and relationship
/// objects, ranges of numbers and times. What it finds is a superset: texts are kept by hash, and who asks filters.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "know/context/postings.hpp"
#include "know/context/value_query.hpp"

namespace bongsu::context {

class ValueIndex {
 public:
  enum class Order : std::uint8_t { kNumber, kTime, kText, kOther };
  /// Sorted, each once; empty when the entity has no such attribute.
  using Keys = std::vector<std::pair<Order, std::uint64_t>>;
  static Keys KeysOf(const Entity& entity, Name attribute);

  /// True when all entities that the term holds for can be found here.
  static bool Serves(const ValueQuery::Term& term);

  void Add(const Entity& entity, const Keys& keys);
  void Remove(const Entity& entity, const Keys& keys);
  /// Entities the term may hold for; one may come twice. False when the visit ended it. @pre Serves(term)
  bool Walk(const ValueQuery::Term& term, const Visit& visit) const;
  std::size_t entries() const;

 private:
  KeyedSet& SetOf(Order order);
  bool WalkRange(const ValueQuery::Term& term, const Visit& visit) const;
  bool WalkEqual(const ValueQuery::Literal& literal, const Visit& visit) const;

  KeyedSet numbers_;
  KeyedSet times_;
  KeyedSet texts_;
  KeyedSet other_;  ///< Without a key: values nothing compares with, and those with too many.
};

/// Key of a relationship's attribute and the entity it names.
std::uint64_t TargetKey(std::string_view attribute_iri, std::string_view target);
/// Targets of all relationships of an entity, sorted, each once.
std::vector<std::uint64_t> TargetKeysOf(const Entity& entity);

}  // namespace bongsu::context
