// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The last message identities of one source: what was taken already is not taken twice, and a repeat of what is still
/// on its way to the disk waits for the first one's outcome.

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"

namespace bongsu::ingest {

class Dedupe {
 public:
  using Waiter = std::function<void(const Result<void>&)>;

  /// @param bound  committed identities kept; the oldest goes first
  explicit Dedupe(std::size_t bound) : bound_{bound} {}

  enum class Answer : std::uint8_t { kNew, kPending, kKnown };
  /// What is known of `id`; a new one is pending from now on.
  Answer Ask(Hash128 id);
  /// Tells `waiter` when the pending `id` is committed or failed.
  void Wait(Hash128 id, Waiter waiter);
  /// The pending `id` is on disk: known from now on.
  void Commit(Hash128 id);
  /// The pending `id` was not taken: forgotten.
  void Forget(Hash128 id, const Error& why);
  /// An identity from the journal, after a restart.
  void Fold(Hash128 id);

  std::size_t size() const { return known_.size(); }

 private:
  struct Entry {
    bool committed = false;
    std::vector<Waiter> waiters;
  };
  void Keep(Hash128 id);

  std::size_t bound_;
  std::unordered_map<Hash128, Entry> known_;
  std::deque<Hash128> order_;  ///< Committed ones, oldest first.
};

}  // namespace bongsu::ingest
