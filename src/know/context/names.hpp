// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Type and attribute IRIs kept once: a million entities share a few hundred names. Of one shard; names are never
/// freed.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace bongsu::context {

/// A kept IRI. Two names of one Names are equal when the pointers are.
using Name = const std::string*;

class Names {
 public:
  Name Intern(std::string_view text) {
    if (const auto at = texts_.find(text); at != texts_.end()) return &*at;
    return &*texts_.emplace(text).first;
  }
  /// nullptr when the text was never interned: then no entity carries it.
  Name Find(std::string_view text) const {
    const auto at = texts_.find(text);
    return at != texts_.end() ? &*at : nullptr;
  }
  std::size_t size() const { return texts_.size(); }

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts_;  // nodes do not move
};

}  // namespace bongsu::context
