// SPDX-License-Identifier: Apache-2.0
/// Every stage at least once inside one window, in any order.
#include <vector>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateTogether(const KeyState& state, TimePoint /*progress*/) {
  Evaluation out;
  const auto& entries = state.entries;
  TimePoint from = state.base.resume_from;
  for (std::size_t at = 0; at < entries.size(); ++at) {
    std::vector<const Entry*> newest(state.rule->stages.size());
    const TimePoint begin = std::max(from, entries[at].at - state.rule->window);
    for (std::size_t i = 0; i <= at; ++i) {
      if (entries[i].at >= begin) newest[entries[i].stage] = &entries[i];
    }
    TimePoint start = kNever;
    bool whole = true;
    for (const Entry* entry : newest) {
      whole = whole && entry != nullptr;
      if (entry != nullptr) start = std::min(start, entry->at);
    }
    if (!whole) continue;
    Outcome outcome;
    outcome.start = start;
    outcome.settled = start + state.rule->window;
    outcome.count = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].at < start || entries[i].at > outcome.settled) continue;
      AddEvidence(outcome, entries[i]);
      ++outcome.count;
      at = std::max(at, i);
    }
    from = outcome.settled + Duration{1};
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void TrimTogether(KeyState& state, TimePoint watermark) {
  TrimWindows(state, watermark, EvaluateTogether(state, watermark));
}

}  // namespace

const Operator kTogetherOperator{EvaluateTogether, TrimTogether};

}  // namespace bongsu::rules
