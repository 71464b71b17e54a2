// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace bongsu {
namespace {

constexpr double kFirstBound = 50e-6;
constexpr std::size_t kMaxSeries = 10'000;

}  // namespace

struct Metrics::Series {
  char kind;
  std::string name, help, labels;
  bongsu::Counter counter;
  bongsu::Gauge gauge;
  bongsu::Histogram histogram;
  Series* next = nullptr;
};

double Histogram::UpperBound(std::size_t index) { return kFirstBound * static_cast<double>(1U << index); }

void Histogram::Observe(double seconds) {
  std::size_t index = 0;
  while (index < kBuckets && seconds > UpperBound(index)) ++index;
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, seconds * 1e6)), std::memory_order_relaxed);
}

std::uint64_t Histogram::Count() const {
  std::uint64_t total = 0;
  for (const auto& count : counts_) total += count.load(std::memory_order_relaxed);
  return total;
}

double Histogram::Quantile(double quantile) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(Count())));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index <= kBuckets && wanted > 0; ++index) {
    seen += Bucket(index);
    if (seen >= wanted) return UpperBound(index);
  }
  return 0;
}

Metrics::~Metrics() {
  for (Series* series = first_.load(); series != nullptr;) {
    Series* next = series->next;
    delete series;  // NOLINT: an intrusive list that only grows
    series = next;
  }
}

Metrics::Series& Metrics::Find(char kind, std::string_view name, std::string_view help, std::string_view labels) {
  Series* made = nullptr;
  for (;;) {
    Series* const head = first_.load(std::memory_order_acquire);
    for (Series* series = head; series != nullptr; series = series->next) {
      if (series->kind == kind && series->name == name && series->labels == labels) {
        delete made;  // NOLINT
        return *series;
      }
    }
    if (made == nullptr) {
      if (count_.load(std::memory_order_relaxed) >= kMaxSeries && name != "bongsu_metrics_overflow_total") {
        return Find(kind, "bongsu_metrics_overflow_total", "Series beyond the bound are added up here.", "");
      }
      made =
          new Series{kind, std::string(name), std::string(help), std::string(labels), {}, {}, {}, nullptr};  // NOLINT
    }
    made->next = head;
    Series* expected = head;
    if (first_.compare_exchange_strong(expected, made, std::memory_order_acq_rel)) {
      count_.fetch_add(1, std::memory_order_relaxed);
      return *made;
    }
  }
}

Counter& Metrics::Counter(std::string_view name, std::string_view help, std::string_view labels) {
  return Find('c', name, help, labels).counter;
}
Gauge& Metrics::Gauge(std::string_view name, std::string_view help, std::string_view labels) {
  return Find('g', name, help, labels).gauge;
}
Histogram& Metrics::Histogram(std::string_view name, std::string_view help, std::string_view labels) {
  return Find('h', name, help, labels).histogram;
}

std::string Metrics::Render() const {
  std::map<std::string, std::vector<const Series*>> families;
  for (const Series* series = first_.load(std::memory_order_acquire); series != nullptr; series = series->next) {
    families[series->name].push_back(series);
  }
  std::string out;
  for (const auto& [name, members] : families) {
    const char kind = members.front()->kind;
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, members.front()->help, name,
                       kind == 'c' ? "counter" : (kind == 'g' ? "gauge" : "histogram"));
    for (const Series* series : members) {
      const std::string braces = series->labels.empty() ? "" : "{" + series->labels + "}";
      if (kind == 'c') {
        out += fmt::format("{}{} {}\n", name, braces, series->counter.value());
      } else if (kind == 'g') {
        out += fmt::format("{}{} {}\n", name, braces, series->gauge.value());
      } else {
        const std::string more = series->labels.empty() ? "" : series->labels + ",";
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < bongsu::Histogram::kBuckets; ++i) {
          total += series->histogram.Bucket(i);
          out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, more, bongsu::Histogram::UpperBound(i), total);
        }
        out += fmt::format("{}_bucket{{{}le=\"+Inf\"}} {}\n", name, more, series->histogram.Count());
        out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, braces, series->histogram.Sum(), name, braces,
                           series->histogram.Count());
      }
    }
  }
  return out;
}

}  // namespace bongsu
