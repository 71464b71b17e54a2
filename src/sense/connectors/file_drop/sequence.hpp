// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The numbers of a one-way link: which is next, which never came. A value; the caller brings the time.
///
///   ── 1 2 3 ──▶ 4 is next;  6 comes: wait;  still no 4, 5 after `patience`: they are missing, 6 is taken, 7 is next

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace bongsu::file_drop {

inline constexpr std::size_t kMaxGaps =
    1000;  ///< Ranges of missing numbers that are remembered; the oldest leaves first.

class Sequence {
 public:
  enum class Step : std::uint8_t {
    kTake,   ///< The next one, or the first of all.
    kLate,   ///< One that was missing.
    kAgain,  ///< A number that was taken before.
    kWait,   ///< Numbers before it are not there yet.
    kGap,    ///< They did not come in time: take it, they are missing.
  };

  /// @param last  highest number taken before; nothing when none was
  explicit Sequence(std::optional<std::uint64_t> last = std::nullopt) : last_{last} {}

  /// What to do with `number`, the lowest that is there. Waiting begins with the first look that finds a gap.
  Step Look(std::uint64_t number, std::chrono::steady_clock::time_point now,
            std::chrono::steady_clock::duration patience);
  /// `number` is done with.
  void Take(std::uint64_t number);

  std::optional<std::uint64_t> next() const { return last_ ? std::optional{*last_ + 1} : std::nullopt; }
  std::uint64_t missing() const { return missing_; }  ///< How many never came.
  /// The range before `number` that is missing when it is taken: "4" or "4 to 5".
  std::string GapBefore(std::uint64_t number) const;

 private:
  std::optional<std::uint64_t> last_;
  std::map<std::uint64_t, std::uint64_t> gaps_;  ///< First -> last of each range that did not come.
  std::uint64_t missing_ = 0;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
};

}  // namespace bongsu::file_drop
