// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Counters, gauges and histograms, printed in the Prometheus text format (0.0.4).
/// Look a metric up once and keep the reference; adding is one relaxed atomic and may happen on any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu {

class Counter {
 public:
  void Add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Seconds, in buckets that double from 50 us to 1.6 s.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 16;
  void Observe(double seconds);
  /// Upper bound in seconds of the bucket in which the fraction `quantile` of all observations lies; 0 when empty.
  double Quantile(double quantile) const;
  std::uint64_t Count() const;
  double Sum() const { return static_cast<double>(sum_us_.load(std::memory_order_relaxed)) * 1e-6; }
  std::uint64_t Bucket(std::size_t index) const { return counts_[index].load(std::memory_order_relaxed); }
  static double UpperBound(std::size_t index);

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets + 1> counts_{};  // the last holds what is slower than all
  std::atomic<std::uint64_t> sum_us_{0};
};

class Metrics {
 public:
  Metrics() = default;
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// @param name    bongsu_<module>_<what>_total
  /// @param labels  inside of the braces, already escaped: source="bell-1"; empty for none
  /// The same (name, labels) gives the same object. At most 10,000 series; past that one shared overflow series counts.
  bongsu::Counter& Counter(std::string_view name, std::string_view help, std::string_view labels = {});
  bongsu::Gauge& Gauge(std::string_view name, std::string_view help, std::string_view labels = {});
  bongsu::Histogram& Histogram(std::string_view name, std::string_view help, std::string_view labels = {});

  std::string Render() const;

 private:
  struct Series;
  Series& Find(char kind, std::string_view name, std::string_view help, std::string_view labels);
  std::atomic<Series*> first_{nullptr};  // grows at the front only, so readers need no lock
  std::atomic<std::size_t> count_{0};
};

}  // namespace bongsu
