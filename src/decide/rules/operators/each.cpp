// SPDX-License-Identifier: Apache-2.0
/// Every hit is a finding; hits at most `dedupe` apart are one, with a count.
#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateEach(const KeyState& state, TimePoint /*progress*/) {
  Evaluation out;
  const Duration gap = state.rule->gap;
  for (const Entry& entry : state.entries) {
    const bool joins = !out.outcomes.empty() && entry.at <= out.outcomes.back().last + gap;
    if (!joins) {
      out.outcomes.emplace_back().start = entry.at;
      out.outcomes.back().count = 0;
    }
    Outcome& outcome = out.outcomes.back();
    AddEvidence(outcome, entry);
    ++outcome.count;
    outcome.settled = outcome.last + gap;
  }
  return out;
}

void TrimEach(KeyState& state, TimePoint watermark) {
  TimePoint keep = watermark;
  for (const Outcome& outcome : EvaluateEach(state, watermark).outcomes) {
    if (outcome.settled >= watermark) keep = std::min(keep, outcome.first);
  }
  DropBefore(state, keep);
}

}  // namespace

const Operator kEachOperator{EvaluateEach, TrimEach};

}  // namespace bongsu::rules
