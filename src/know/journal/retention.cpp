// SPDX-License-Identifier: Apache-2.0
#include "know/journal/retention.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::journal {
namespace {

constexpr int kSizeSteps = 24;  // of the search for the time at which a class fits: a 16-millionth of its span

}  // namespace

std::uint64_t FirstSince(const JournalPort& journal, std::uint16_t partition, TimePoint since) {
  const Range range = journal.RangeOf(partition);
  std::uint64_t low = range.first_seq;
  std::uint64_t high = range.last_seq + 1;
  while (low < high) {  // ingest time rises with seq
    const std::uint64_t middle = low + (high - low) / 2;
    const auto record = journal.At({partition, middle});
    if (!record || record->ingest_time >= since) {  // what cannot be read may be young: look before it
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

Retention::Retention(const JournalPort& journal, RetentionPort& engine, RetentionPolicy policy, Metrics& metrics,
                     Log log)
    : journal_{journal},
      engine_{engine},
      policy_{policy},
      log_{log},
      trimmed_{metrics.Counter("bongsu_journal_trimmed_total", "Records that left the journal by retention.")},
      held_{metrics.Counter("bongsu_journal_retention_held_total",
                            "Times a partition kept more than its limits ask, because somebody still needs it.")} {}

void Retention::AddFloor(std::string name, Floor floor) { floors_.emplace_back(std::move(name), std::move(floor)); }

/// Time from which on the class takes at most `bytes`; the beginning when it does so already.
TimePoint Retention::CutBySize(const std::vector<std::uint16_t>& partitions, std::uint64_t bytes) const {
  const auto size_from = [&](TimePoint since) {
    std::uint64_t size = 0;
    for (const std::uint16_t partition : partitions)
      size +=
          engine_.BytesOf(partition, FirstSince(journal_, partition, since), journal_.RangeOf(partition).last_seq + 1);
    return size;
  };
  TimePoint oldest = TimePoint::max();
  TimePoint newest{};
  for (const std::uint16_t partition : partitions) {
    const Range range = journal_.RangeOf(partition);
    if (const auto first = journal_.At({partition, range.first_seq})) oldest = std::min(oldest, first->ingest_time);
    if (const auto last = journal_.At({partition, range.last_seq})) newest = std::max(newest, last->ingest_time);
  }
  if (oldest >= newest || size_from(oldest) <= bytes) return TimePoint{};
  TimePoint low = oldest;
  TimePoint high = newest;
  for (int step = 0; step < kSizeSteps; ++step) {
    const TimePoint middle = low + (high - low) / 2;
    (size_from(middle) > bytes ? low : high) = middle;
  }
  return high;
}

void Retention::WantOfClass(const std::vector<std::uint16_t>& partitions, const RetentionLimit& limit, TimePoint now,
                            std::map<std::uint16_t, std::uint64_t>& wanted) const {
  TimePoint since{};
  if (limit.age > Duration::zero()) since = now - limit.age;
  if (limit.bytes > 0) since = std::max(since, CutBySize(partitions, limit.bytes));
  since = std::min(since, now - limit.at_least);
  if (since <= TimePoint{}) return;
  for (const std::uint16_t partition : partitions) {
    const Range range = journal_.RangeOf(partition);
    const std::uint64_t first = std::min(FirstSince(journal_, partition, since), range.last_seq);
    if (first > range.first_seq) wanted[partition] = first;
  }
}

std::map<std::uint16_t, std::uint64_t> Retention::Wanted(TimePoint now) const {
  std::vector<std::uint16_t> data;
  std::vector<std::uint16_t> desks;
  for (const std::uint16_t partition : journal_.Partitions())
    (partition >= model::kDeskBase ? desks : data).push_back(partition);
  std::map<std::uint16_t, std::uint64_t> wanted;
  WantOfClass(data, policy_.data, now, wanted);
  WantOfClass(desks, policy_.desk, now, wanted);
  return wanted;
}

Retention::Cut Retention::Lowest(std::uint16_t partition, std::uint64_t wanted) const {
  Cut cut{partition, wanted, 0, {}};
  for (const auto& [name, floor] : floors_) {
    const auto free = floor(partition);
    if (!free) log_.Failure("journal.retention_floor", free.error());
    const std::uint64_t first = !free ? 0 : *free == UINT64_MAX ? UINT64_MAX : *free + 1;
    if (first < cut.first_seq) {
      cut.first_seq = first;
      cut.held_by = name;
    }
  }
  return cut;
}

std::vector<Retention::Cut> Retention::Plan(TimePoint now) const {
  std::vector<Cut> cuts;
  for (const auto& [partition, wanted] : Wanted(now)) cuts.push_back(Lowest(partition, wanted));
  return cuts;
}

Result<void> Retention::Trim(std::vector<Cut>& cuts) {
  for (Cut& cut : cuts) {
    const std::uint64_t first = journal_.RangeOf(cut.partition).first_seq;
    if (!cut.held_by.empty()) held_.Add();
    if (cut.first_seq > first) {
      BONGSU_CHECK(engine_.Trim(cut.partition, cut.first_seq));
      cut.records = cut.first_seq - first;
      trimmed_.Add(cut.records);
      log_.Info("journal.trimmed", {{"partition", static_cast<std::int64_t>(cut.partition)},
                                    {"first_seq", static_cast<std::int64_t>(cut.first_seq)},
                                    {"records", static_cast<std::int64_t>(cut.records)},
                                    {"held_by", cut.held_by}});
    }
    cut.first_seq = std::max(cut.first_seq, first);
  }
  return {};
}

Result<std::vector<Retention::Cut>> Retention::Run(TimePoint now) {
  std::vector<Cut> cuts = Plan(now);
  BONGSU_CHECK(Trim(cuts));
  return cuts;
}

}  // namespace bongsu::journal
