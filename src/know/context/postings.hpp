// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Sets of entities as indexes keep them: in B-tree nodes, about 11 bytes an entity and 21 with a key, where a node of
/// its own for each takes 48.

#include <absl/container/btree_set.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "know/context/entity.hpp"

namespace bongsu::context {

struct IdLess {
  bool operator()(const Entity* a, const Entity* b) const { return a->id < b->id; }
};

using EntitySet = absl::btree_set<const Entity*, IdLess>;
using KeyedSet = absl::btree_set<std::pair<std::uint64_t, const Entity*>>;

/// False ends the walk.
using Visit = std::function<bool(const Entity*)>;

/// Entities with a key from `first` to `last`. False when the visit ended it.
inline bool WalkKeys(const KeyedSet& set, std::uint64_t first, std::uint64_t last, const Visit& visit) {
  for (auto at = set.lower_bound({first, nullptr}); at != set.end() && at->first <= last; ++at) {
    if (!visit(at->second)) return false;
  }
  return true;
}

inline bool WalkAll(const EntitySet& set, const Visit& visit) { return std::ranges::all_of(set, visit); }

/// In the order of ids, each once.
inline void SortById(std::vector<const Entity*>& entities) {
  std::ranges::sort(entities, IdLess{});
  const auto repeats = std::ranges::unique(entities);
  entities.erase(repeats.begin(), repeats.end());
}

}  // namespace bongsu::context
