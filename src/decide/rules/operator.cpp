// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/operator.hpp"

#include <algorithm>
#include <array>

namespace bongsu::rules {

const Operator& OperatorOf(OperatorKind kind) {
  // In the order of OperatorKind.
  static const std::array<const Operator*, 9> kOperators{&kEachOperator,     &kStateOperator,    &kCountOperator,
                                                         &kSequenceOperator, &kTogetherOperator, &kMissingOperator,
                                                         &kSilenceOperator,  &kChangeOperator,   &kNearOperator};
  return *kOperators[static_cast<std::size_t>(kind)];
}

void AddEvidence(Outcome& outcome, const Entry& entry) {
  if (outcome.evidence.empty()) {
    outcome.first = entry.at;
    outcome.last = entry.at;
    outcome.newest = entry;
  }
  outcome.first = std::min(outcome.first, entry.at);
  outcome.last = std::max(outcome.last, entry.at);
  if (!(entry < outcome.newest)) outcome.newest = entry;
  // Evidence is the oldest 49 and the newest.
  if (outcome.evidence.size() == kMaxEvidence) outcome.evidence.pop_back();
  outcome.evidence.push_back(entry);
}

void DropBefore(KeyState& state, TimePoint before) {
  const auto keep = std::ranges::find_if(state.entries, [&](const Entry& entry) { return entry.at >= before; });
  state.entries.erase(state.entries.begin(), keep);
}

void TrimWindows(KeyState& state, TimePoint watermark, const Evaluation& evaluation) {
  TimePoint keep = watermark - state.rule->window;
  for (const Outcome& outcome : evaluation.outcomes) {
    if (outcome.settled < watermark) {
      state.base.resume_from = std::max(state.base.resume_from, outcome.settled + Duration{1});
    } else {
      keep = std::min(keep, outcome.first);
    }
  }
  DropBefore(state, std::max(keep, state.base.resume_from));
}

}  // namespace bongsu::rules
