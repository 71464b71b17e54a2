// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How far event time has come, source by source (architecture D17).
///
///   watermark  nothing older is still to come: newest event time less the source's lateness
///   progress   where the source's event time stands now: newest event time and what passed since, never past now
///
/// For a rule both are the minimum over the sources it hears that are not idle (silent for 3 x their own interval).
/// While all are idle, nothing older than the longest lateness of theirs is expected.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace bongsu::rules {

/// What a shard tells the others about a source.
struct ClockNews {
  std::uint16_t tenant = 0;
  std::string source;
  std::vector<std::uint64_t> groups;  ///< LogSourceKeys it speaks under.
  TimePoint newest{};
  TimePoint heard_at{};  ///< Ingest time.
  Duration interval{0};
};

class SourceClocks {
 public:
  explicit SourceClocks(Duration lateness) : lateness_{lateness} {}

  /// How late a source's events may come; at most 24 h.
  void SetLateness(std::uint16_t tenant, const std::string& source, Duration lateness);
  /// An event was taken.
  void Heard(std::uint16_t tenant, const std::string& source, const std::vector<std::uint64_t>& groups, TimePoint at,
             TimePoint received_at);
  void Take(const ClockNews& news);
  /// What changed since the last call, of the sources this shard hears itself.
  std::vector<ClockNews> TakeNews();

  TimePoint Watermark(std::uint16_t tenant, const std::vector<std::uint64_t>& hears, TimePoint now) const;
  TimePoint Progress(std::uint16_t tenant, const std::vector<std::uint64_t>& hears, TimePoint now) const;

  static constexpr std::size_t kMaxSources = 100'000;
  std::uint64_t left_out() const { return left_out_; }  ///< Sources past the bound: they hold nothing back.

 private:
  struct Clock {
    std::vector<std::uint64_t> groups;
    TimePoint newest{};
    TimePoint heard_at{};
    Duration interval{std::chrono::minutes{1}};
    bool fresh = false;
  };
  using Name = std::pair<std::uint16_t, std::string>;
  Clock* Find(const Name& name);
  Duration LatenessOf(const Name& name) const;
  /// Longest of the sources that are heard; of one that does not say when none is.
  Duration LatenessOfAll(std::uint16_t tenant, const std::vector<std::uint64_t>& hears) const;
  /// Empty when every source is idle.
  template <class Of>
  std::optional<TimePoint> Least(std::uint16_t tenant, const std::vector<std::uint64_t>& hears, TimePoint now,
                                 Of of) const;

  Duration lateness_;
  std::map<Name, Clock> clocks_;
  std::map<Name, Duration> given_;
  std::uint64_t left_out_ = 0;
};

}  // namespace bongsu::rules
