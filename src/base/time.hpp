// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Time as the platform knows it: UTC, microseconds. Every place that needs "now" takes a Clock.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu {

using namespace std::chrono_literals;

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr TimePoint kNever = TimePoint::max();

constexpr std::int64_t ToMicros(TimePoint time) { return time.time_since_epoch().count(); }
constexpr TimePoint FromMicros(std::int64_t micros) { return TimePoint{Duration{micros}}; }

/// "2026-11-22T05:32:41.250Z": no fraction when it is zero, else as many digits as are needed (3 or 6).
std::string FormatUtc(TimePoint time);

/// Reads "YYYY-MM-DDThh:mm:ss[.f]" followed by "Z" or "+hh:mm"; a comma may stand for the point.
/// @errors kInvalidArgument time.bad
Result<TimePoint> ParseTime(std::string_view text);

/// Reads a local time written without a zone, such as "2017-01-01 05:00" or "20261122143241".
/// @param format  strptime-like: %Y %m %d %H %M %S %y %b (English month), %f (fraction); other characters stand for
/// themselves
/// @param offset  how far local time is ahead of UTC (Asia/Seoul: 9h)
/// @errors kInvalidArgument time.bad
Result<TimePoint> ParseLocal(std::string_view text, std::string_view format, std::chrono::minutes offset);

/// Reads "500ms", "30s", "10m" (or "10min"), "24h", "7d".
/// @errors kInvalidArgument time.bad_duration
Result<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration duration);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  /// Virtual seconds that pass in one real second; 1 for the real clock.
  virtual double scale() const { return 1.0; }
};

class WallClock final : public Clock {
 public:
  TimePoint Now() const override;
};

/// Runs `scale` times as fast as the machine's clock, starting at `epoch` when it is made (`--clock scale=60,epoch=…`).
class ScaledClock final : public Clock {
 public:
  ScaledClock(TimePoint epoch, double scale);
  TimePoint Now() const override;
  double scale() const override { return scale_; }

 private:
  TimePoint epoch_;
  double scale_;
  std::chrono::steady_clock::time_point start_;
};

/// Stands still until told; for tests, single-threaded.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint now) : now_{now} {}
  TimePoint Now() const override { return now_; }
  void Set(TimePoint now) { now_ = now; }
  void Advance(Duration by) { now_ += by; }

 private:
  TimePoint now_;
};

}  // namespace bongsu
