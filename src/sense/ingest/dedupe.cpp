// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/dedupe.hpp"

#include <utility>

namespace bongsu::ingest {

Dedupe::Answer Dedupe::Ask(Hash128 id) {
  const auto [entry, fresh] = known_.try_emplace(id);
  if (fresh) return Answer::kNew;
  return entry->second.committed ? Answer::kKnown : Answer::kPending;
}

void Dedupe::Wait(Hash128 id, Waiter waiter) {
  const auto entry = known_.find(id);
  if (entry == known_.end() || entry->second.committed) return waiter({});
  entry->second.waiters.push_back(std::move(waiter));
}

void Dedupe::Keep(Hash128 id) {
  order_.push_back(id);
  while (order_.size() > bound_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
}

void Dedupe::Commit(Hash128 id) {
  const auto entry = known_.find(id);
  if (entry == known_.end() || entry->second.committed) return;
  entry->second.committed = true;
  const std::vector<Waiter> waiters = std::exchange(entry->second.waiters, {});
  Keep(id);
  for (const Waiter& waiter : waiters) waiter({});
}

void Dedupe::Forget(Hash128 id, const Error& why) {
  const auto entry = known_.find(id);
  if (entry == known_.end() || entry->second.committed) return;
  const std::vector<Waiter> waiters = std::move(entry->second.waiters);
  known_.erase(entry);
  for (const Waiter& waiter : waiters) waiter(tl::unexpected<Error>(why));
}

void Dedupe::Fold(Hash128 id) {
  if (id.IsZero()) return;
  Entry& entry = known_[id];
  if (std::exchange(entry.committed, true)) return;
  Keep(id);
}

}  // namespace bongsu::ingest
