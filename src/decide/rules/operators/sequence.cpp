// SPDX-License-Identifier: Apache-2.0
/// Stage after stage inside one window, each with its number of hits: ten failures, then a success.
/// Seen from the last stage backwards, the newest fitting hits are taken; what an outcome used is not used again.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

/// Indexes of the hits that lead up to `last`, newest first; empty when they are not all there.
std::vector<std::size_t> Chain(const KeyState& state, std::size_t last, TimePoint from) {
  const auto& stages = state.rule->stages;
  std::vector<std::size_t> chain{last};
  std::size_t stage = stages.size() - 1;
  std::uint32_t owed = stages[stage].count - 1;
  for (std::size_t at = last;;) {
    while (owed == 0) {
      if (stage == 0) return chain;
      owed = stages[--stage].count;
    }
    bool found = false;
    while (at > 0 && !found) {
      --at;
      const Entry& entry = state.entries[at];
      if (entry.at < from) return {};
      found = entry.stage == stage;
    }
    if (!found) return {};
    chain.push_back(at);
    --owed;
  }
}

Evaluation EvaluateSequence(const KeyState& state, TimePoint /*progress*/) {
  Evaluation out;
  const auto& entries = state.entries;
  const std::size_t final_stage = state.rule->stages.size() - 1;
  TimePoint from = state.base.resume_from;
  for (std::size_t last = 0; last < entries.size(); ++last) {
    const Entry& entry = entries[last];
    if (entry.stage != final_stage || entry.at < from) continue;
    const auto chain = Chain(state, last, std::max(from, entry.at - state.rule->window));
    if (chain.empty()) continue;
    Outcome outcome;
    outcome.count = chain.size();
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) AddEvidence(outcome, entries[*at]);
    outcome.start = outcome.first;
    outcome.settled = entry.at;
    from = entry.at + Duration{1};
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void TrimSequence(KeyState& state, TimePoint watermark) {
  TrimWindows(state, watermark, EvaluateSequence(state, watermark));
}

}  // namespace

const Operator kSequenceOperator{EvaluateSequence, TrimSequence};

}  // namespace bongsu::rules
