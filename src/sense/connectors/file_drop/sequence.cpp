// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/sequence.hpp"

#include <fmt/core.h>

#include <iterator>

namespace bongsu::file_drop {
namespace {

/// The range that holds `number`, or the end.
template <class Ranges>
auto RangeOf(Ranges& gaps, std::uint64_t number) {
  auto at = gaps.upper_bound(number);
  if (at == gaps.begin()) return gaps.end();
  --at;
  return number <= at->second ? at : gaps.end();
}

}  // namespace

Sequence::Step Sequence::Look(std::uint64_t number, std::chrono::steady_clock::time_point now,
                              std::chrono::steady_clock::duration patience) {
  if (!last_ || number == *last_ + 1) return Step::kTake;
  if (number <= *last_) return RangeOf(gaps_, number) != gaps_.end() ? Step::kLate : Step::kAgain;
  if (!waiting_since_) waiting_since_ = now;
  return now - *waiting_since_ >= patience ? Step::kGap : Step::kWait;
}

void Sequence::Take(std::uint64_t number) {
  if (last_ && number <= *last_) {
    const auto range = RangeOf(gaps_, number);
    if (range == gaps_.end()) return;
    const auto [first, last] = *range;
    gaps_.erase(range);
    if (first < number) gaps_.emplace(first, number - 1);
    if (number < last) gaps_.emplace(number + 1, last);
    --missing_;
    return;
  }
  if (last_ && number > *last_ + 1) {
    gaps_.emplace(*last_ + 1, number - 1);
    missing_ += number - *last_ - 1;
    if (gaps_.size() > kMaxGaps) gaps_.erase(gaps_.begin());  // still counted
  }
  last_ = number;
  waiting_since_.reset();
}

std::string Sequence::GapBefore(std::uint64_t number) const {
  const std::uint64_t first = next().value_or(number);
  if (first + 1 >= number) return fmt::format("{}", first);
  return fmt::format("{} to {}", first, number - 1);
}

}  // namespace bongsu::file_drop
