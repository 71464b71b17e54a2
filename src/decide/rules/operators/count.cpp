// SPDX-License-Identifier: Apache-2.0
/// N hits, or N different values of `part`, inside one window. From the first window that has them, an episode takes in
/// what follows until it is one window long; then counting begins anew.
#include <set>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

std::uint64_t Amount(const KeyState& state, std::size_t from, std::size_t to) {
  if (!state.rule->distinct) return to - from + 1;
  std::set<std::uint64_t> values;
  for (std::size_t i = from; i <= to; ++i) values.insert(state.entries[i].part);
  return values.size();
}

Evaluation EvaluateCount(const KeyState& state, TimePoint /*progress*/) {
  Evaluation out;
  const auto& entries = state.entries;
  const Duration window = state.rule->window;
  std::size_t from = 0;
  while (from < entries.size() && entries[from].at < state.base.resume_from) ++from;
  for (std::size_t to = from; to < entries.size(); ++to) {
    while (entries[from].at < entries[to].at - window) ++from;
    if (!state.rule->comparison.Holds(Amount(state, from, to))) continue;
    Outcome outcome;
    outcome.start = entries[from].at;
    outcome.settled = outcome.start + window;
    const std::size_t begin = from;
    while (to + 1 < entries.size() && entries[to + 1].at <= outcome.settled) ++to;
    for (std::size_t i = begin; i <= to; ++i) AddEvidence(outcome, entries[i]);
    outcome.count = Amount(state, begin, to);
    out.outcomes.push_back(std::move(outcome));
    from = to + 1;
  }
  return out;
}

void TrimCount(KeyState& state, TimePoint watermark) { TrimWindows(state, watermark, EvaluateCount(state, watermark)); }

}  // namespace

const Operator kCountOperator{EvaluateCount, TrimCount};

}  // namespace bongsu::rules
