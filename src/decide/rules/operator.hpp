// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An operator says when a rule is true, from the hits of one key. A pure function of them, of how far event time has
/// come (`progress`) and of nothing else.

#include "decide/rules/key_state.hpp"

namespace bongsu::rules {

struct Operator {
  Evaluation (*evaluate)(const KeyState& state, TimePoint progress);
  /// Folds or drops what lies before `watermark` and belongs to no outcome that is still open.
  void (*trim)(KeyState& state, TimePoint watermark);
};

const Operator& OperatorOf(OperatorKind kind);

/// Hit by hit into an outcome: first, last, newest, evidence.
void AddEvidence(Outcome& outcome, const Entry& entry);

extern const Operator kEachOperator;
extern const Operator kStateOperator;
extern const Operator kCountOperator;
extern const Operator kSequenceOperator;
extern const Operator kTogetherOperator;
extern const Operator kMissingOperator;
extern const Operator kSilenceOperator;
extern const Operator kChangeOperator;
extern const Operator kNearOperator;

/// Drops entries before `before`, and those of settled outcomes through base.resume_from.
void DropBefore(KeyState& state, TimePoint before);
/// Trim of operators whose outcomes use up their hits: settled outcomes move resume_from, older hits than `window` go.
void TrimWindows(KeyState& state, TimePoint watermark, const Evaluation& evaluation);

}  // namespace bongsu::rules
