// SPDX-License-Identifier: Apache-2.0
/// A value rose (or, with a negative `by`, fell) by so much inside the window; or the place moved so far from the one
/// that was told last.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

Evaluation EvaluateMoves(const KeyState& state) {
  Evaluation out;
  bool known = state.base.has_reference;
  model::LatLon reference = state.base.reference;
  for (const Entry& entry : state.entries) {
    if (known && model::DistanceMeters(reference, entry.point) >= state.rule->change_by) {
      Outcome outcome;
      AddEvidence(outcome, entry);
      outcome.start = entry.at;
      outcome.settled = entry.at;
      out.outcomes.push_back(std::move(outcome));
      reference = entry.point;
    }
    if (!known) reference = entry.point;
    known = true;
  }
  return out;
}

bool Changed(const KeyState& state, std::size_t at) {
  const Entry& entry = state.entries[at];
  const double by = state.rule->change_by;
  for (std::size_t i = at; i-- > 0 && state.entries[i].at >= entry.at - state.rule->window;) {
    const double change = entry.value - state.entries[i].value;
    if (by >= 0 ? change >= by : change <= by) return true;
  }
  return false;
}

Evaluation EvaluateChange(const KeyState& state, TimePoint /*progress*/) {
  if (state.rule->change_field.empty()) return EvaluateMoves(state);
  Evaluation out;
  for (std::size_t at = 0; at < state.entries.size(); ++at) {
    const Entry& entry = state.entries[at];
    if (entry.at < state.base.resume_from || !Changed(state, at)) continue;
    if (out.outcomes.empty() || entry.at > out.outcomes.back().settled) {
      Outcome& fresh = out.outcomes.emplace_back();
      fresh.start = entry.at;
      fresh.settled = entry.at + state.rule->window;
      fresh.count = 0;
    }
    AddEvidence(out.outcomes.back(), entry);
    ++out.outcomes.back().count;
  }
  return out;
}

void TrimChange(KeyState& state, TimePoint watermark) {
  Evaluation evaluation = EvaluateChange(state, watermark);
  if (!state.rule->change_field.empty()) {
    TimePoint keep = watermark - state.rule->window;
    for (const Outcome& outcome : evaluation.outcomes) {
      if (outcome.settled < watermark)
        state.base.resume_from = std::max(state.base.resume_from, outcome.settled + Duration{1});
      else
        keep = std::min(keep, outcome.first - state.rule->window);
    }
    return DropBefore(state, keep);
  }
  if (!state.entries.empty() && state.entries.front().at < watermark && !state.base.has_reference) {
    state.base.has_reference = true;
    state.base.reference = state.entries.front().point;
  }
  for (const Outcome& outcome : evaluation.outcomes) {
    if (outcome.settled < watermark) state.base.reference = outcome.newest.point;
  }
  DropBefore(state, watermark);
}

}  // namespace

const Operator kChangeOperator{EvaluateChange, TrimChange};

}  // namespace bongsu::rules
