// SPDX-License-Identifier: Apache-2.0
#include "guard/throttle.hpp"

#include <algorithm>

namespace bongsu::guard {

Duration Throttle::Wait(const std::string& key, TimePoint now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || now - found->second->last > config_.forget_after) return Duration::zero();
  return std::max(found->second->open_at - now, Duration::zero());
}

void Throttle::Failed(const std::string& key, TimePoint now) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (entries_.size() >= config_.max_keys) {
      by_key_.erase(entries_.front().key);
      entries_.pop_front();
    }
    entries_.push_back({key, 0, now, {}});
    found = by_key_.emplace(key, std::prev(entries_.end())).first;
  } else {
    entries_.splice(entries_.end(), entries_, found->second);
  }
  Entry& entry = *found->second;
  if (now - entry.last > config_.forget_after) entry.failures = 0;
  entry.last = now;
  if (++entry.failures <= config_.free_failures) return;
  const std::uint32_t doublings = std::min(entry.failures - config_.free_failures - 1, 20U);
  entry.open_at = now + std::min<Duration>(config_.first_delay * (1LL << doublings), config_.longest_delay);
}

void Throttle::Succeeded(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  entries_.erase(found->second);
  by_key_.erase(found);
}

void Throttle::Forgive(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  Entry& entry = *found->second;
  if (entry.failures > 0) --entry.failures;
  if (entry.failures <= config_.free_failures) entry.open_at = {};
}

}  // namespace bongsu::guard
