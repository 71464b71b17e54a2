// SPDX-License-Identifier: Apache-2.0
/// Nothing was heard for `window`; it clears with the next sign of life.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateSilence(const KeyState& state, TimePoint progress) {
  Evaluation out;
  const auto& entries = state.entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TimePoint due = entries[i].at + state.rule->window;
    const bool back = i + 1 < entries.size();
    if (back && entries[i + 1].at <= due) continue;
    if (!back && progress < due) {
      out.next = due;
      continue;
    }
    Outcome outcome;
    AddEvidence(outcome, entries[i]);
    outcome.start = entries[i].at;
    outcome.last = back ? entries[i + 1].at : due;
    outcome.settled = outcome.last;
    outcome.clears = back;
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void TrimSilence(KeyState& state, TimePoint watermark) {
  // The newest sign of life before the watermark stays: it begins the next silence.
  std::size_t keep = 0;
  while (keep + 1 < state.entries.size() && state.entries[keep + 1].at < watermark) ++keep;
  state.entries.erase(state.entries.begin(), state.entries.begin() + static_cast<std::ptrdiff_t>(keep));
}

}  // namespace

const Operator kSilenceOperator{EvaluateSilence, TrimSilence};

}  // namespace bongsu::rules
