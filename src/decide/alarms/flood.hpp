// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How many alarms come to a position: the rate that is shown, and whether there is a flood.
/// A flood begins with more than 10 new alarms in 10 minutes and ends below 5 (ISA-18.2 / EEMUA 191).

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::alarms {

class Flood {
 public:
  static constexpr auto kWindow = std::chrono::minutes{10};
  static constexpr std::size_t kBegins = 10;  ///< More than this many in the window.
  static constexpr std::size_t kEnds = 5;     ///< Fewer than this many in the window.
  static constexpr std::size_t kBins = 48;    ///< 8 h of 10 min.

  /// A new alarm at `position` at platform time `at`. Calls come in the journal's order.
  void Raised(const std::string& position, TimePoint at);
  /// Whether `position` is in a flood at `now`.
  bool At(const std::string& position, TimePoint now) const;
  /// New alarms of all positions in each 10 minutes of the last 8 h, oldest first; the last one is still running.
  std::vector<std::int64_t> Rate(TimePoint now) const;
  /// Share of the last 8 h's 10-minute windows with more than kBegins alarms at one position, 0..1.
  double FloodShare(TimePoint now) const;
  void Clear() { positions_.clear(); }
  /// {position: {recent, flood, newest_bin, bins}}, and back: for checkpoints.
  json::Value Save() const;
  void Load(const json::Value& saved);

 private:
  struct Position {
    std::deque<TimePoint> recent;  // newest kBegins + 1
    bool flood = false;
    std::int64_t newest_bin = 0;  // 10-minute windows since 1970
    std::array<std::int64_t, kBins> bins{};
  };
  static std::size_t InWindow(const Position& position, TimePoint now);
  static std::int64_t CountIn(const Position& position, std::int64_t bin);

  std::map<std::string, Position, std::less<>> positions_;
};

}  // namespace bongsu::alarms
