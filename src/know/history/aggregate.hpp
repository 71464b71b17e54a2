// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Sums over a series, in buckets of a period. Source: GS CIM 009 V1.9.1 clauses 4.5.19 and 6.3.10.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "know/history/chunk.hpp"

namespace bongsu::history {

/// An ISO 8601 duration; months have no fixed length.
struct Period {
  std::int64_t months = 0;
  Duration rest{};
  bool whole() const { return months == 0 && rest == Duration{}; }  ///< PT0S: the whole range is one bucket.
};
/// "P1DT12H", "PT0.5S", "P1M". @errors kInvalidArgument history.bad_period
Result<Period> ParsePeriod(std::string_view text);
/// `from` and `count` periods.
TimePoint Advance(TimePoint from, const Period& period, std::int64_t count);

enum class Method : std::uint8_t { kAvg, kSum, kMin, kMax, kStddev, kSumsq, kTotalCount, kDistinctCount };
std::optional<Method> MethodFromName(std::string_view name);
std::string_view MethodName(Method method);

class Aggregate {
 public:
  /// @param origin  where the first bucket begins; nothing: at the first sample that is added
  /// @param end     where the whole range ends; nothing: at the last sample
  Aggregate(std::vector<Method> methods, Period period, std::optional<TimePoint> origin, std::optional<TimePoint> end)
      : methods_{std::move(methods)}, period_{period}, origin_{origin}, end_{end} {}

  /// Samples in order of `time`, deleted ones left out.
  void Add(const Sample& sample, TimePoint time);
  /// One of Points. Only when no method counts distinct values.
  void Add(double number, TimePoint time);
  bool counts_distinct() const;
  /// True when the chunk was added by its head alone.
  bool AddWhole(const Head& head);

  struct Bucket {
    TimePoint start{};
    TimePoint end{};
    json::Value value;
  };
  /// Buckets that have samples. @errors kInvalidArgument ngsi.InvalidRequest when the method suits none of the values
  Result<std::vector<Bucket>> Of(Method method) const;

 private:
  struct Sums {
    Rollup numbers;               ///< Of numbers, and of booleans as 1 and 0.
    Rollup sizes;                 ///< Of arrays.
    std::string least, greatest;  ///< Of texts, as JSON.
    std::uint64_t total = 0;
    std::set<std::string> distinct;
  };
  std::optional<json::Value> ValueOf(Method method, const Sums& sums) const;
  std::int64_t BucketOf(TimePoint time);

  std::vector<Method> methods_;
  Period period_;
  std::optional<TimePoint> origin_;
  std::optional<TimePoint> end_;
  TimePoint last_{};
  std::map<std::int64_t, Sums> buckets_;
};

}  // namespace bongsu::history
