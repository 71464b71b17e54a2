// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Slows guessing down: after a few free failures each further one doubles the time until the next try is looked at.
/// One table for account names, one for addresses; both bounded, the key that failed longest ago makes room.

#include <list>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace bongsu::guard {

struct ThrottleConfig {
  std::uint32_t free_failures = 5;
  Duration first_delay = 1s;
  Duration longest_delay = 60s;   ///< An account can be slowed, never shut: nobody locks the room out from outside.
  Duration forget_after = 15min;  ///< Silence after which failures are forgotten.
  std::size_t max_keys = 10'000;
};

/// A value of one thread; takes the time from its caller.
class Throttle {
 public:
  explicit Throttle(ThrottleConfig config) : config_{config} {}

  /// Time until a try of `key` is looked at; zero: now.
  Duration Wait(const std::string& key, TimePoint now) const;
  void Failed(const std::string& key, TimePoint now);
  void Succeeded(const std::string& key);
  /// Takes one failure back: it was counted before the try proved right.
  void Forgive(const std::string& key);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::uint32_t failures = 0;
    TimePoint last{};
    TimePoint open_at{};
  };
  ThrottleConfig config_;
  std::list<Entry> entries_;  ///< Failed longest ago first.
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace bongsu::guard
