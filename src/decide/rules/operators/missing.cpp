// SPDX-License-Identifier: Apache-2.0
/// Stage 0, and no stage 1 within `window` after it: a bell without a voice.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateMissing(const KeyState& state, TimePoint progress) {
  Evaluation out;
  for (const Entry& asked : state.entries) {
    if (asked.stage != 0 || asked.at < state.base.resume_from) continue;
    const TimePoint due = asked.at + state.rule->window;
    const bool answered = std::ranges::any_of(
        state.entries, [&](const Entry& entry) { return entry.stage == 1 && entry.at >= asked.at && entry.at <= due; });
    if (answered) continue;
    if (progress < due) {
      out.next = std::min(out.next, due);
      continue;
    }
    Outcome outcome;
    AddEvidence(outcome, asked);
    outcome.start = asked.at;
    outcome.settled = due;
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void TrimMissing(KeyState& state, TimePoint watermark) { DropBefore(state, watermark - state.rule->window); }

}  // namespace

const Operator kMissingOperator{EvaluateMissing, TrimMissing};

}  // namespace bongsu::rules
