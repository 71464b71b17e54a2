// SPDX-License-Identifier: Apache-2.0
/// Stage 0 with a hit of stage 1 (another rule) at most `radius_m` and `window` away, before or after.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateNear(const KeyState& state, TimePoint /*progress*/) {
  Evaluation out;
  const Rule& rule = *state.rule;
  for (const Entry& here : state.entries) {
    if (here.stage != 0 || here.at < state.base.resume_from) continue;
    Outcome outcome;
    outcome.count = 1;
    std::vector<Entry> met;
    for (const Entry& there : state.entries) {
      const bool in_time = there.at >= here.at - rule.window && there.at <= here.at + rule.window;
      if (there.stage != 1 || !in_time || there.position == here.position) continue;
      if (model::DistanceMeters(here.point, there.point) <= rule.radius_m) met.push_back(there);
    }
    if (met.empty()) continue;
    met.push_back(here);
    std::sort(met.begin(), met.end());
    for (const Entry& entry : met) AddEvidence(outcome, entry);
    outcome.count = met.size();
    outcome.newest = here;  // the texts are those of stage 0
    outcome.start = here.at;
    outcome.settled = here.at + rule.window;
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void TrimNear(KeyState& state, TimePoint watermark) { DropBefore(state, watermark - 2 * state.rule->window); }

}  // namespace

const Operator kNearOperator{EvaluateNear, TrimNear};

}  // namespace bongsu::rules
