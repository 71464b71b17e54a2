// SPDX-License-Identifier: Apache-2.0
/// A condition that lasts.
///
///   stage 0 raises a part, stage 1 clears it, stage 2 is a reading that does neither: it breaks a hold, not an alarm.
///
///            enough parts        held for `hold`             too few parts      for `clear_hold`
///   quiet ───────────────▶ held ───────────────▶ open (told) ─────────────▶ closing ──────────▶ quiet (told: clears)
///     ▲                     │                     ▲                          │
///     └──── too few ────────┘                     └────── enough again ──────┘
///
/// The machine runs over the hits in order of event time; what lies before the watermark is folded into Base::machine.
#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

class Run {
 public:
  Run(const Rule& rule, StateMachine machine) : rule_{rule}, machine_{std::move(machine)} {}

  void Take(const Entry& entry) {
    Pass(entry.at);
    if (entry.stage == 0) Raise(entry);
    if (entry.stage == 1 || (entry.stage == 2 && !machine_.open)) Drop(entry);
    Settle(entry);
  }

  /// Event time passed: holds end.
  void Pass(TimePoint now) {
    if (machine_.holds && !machine_.open && now >= machine_.held_since + rule_.hold) Open();
    if (machine_.open && machine_.closing && now >= machine_.closing_since + rule_.clear_hold) Close();
  }

  TimePoint Next() const {
    if (machine_.holds && !machine_.open) return machine_.held_since + rule_.hold;
    if (machine_.open && machine_.closing) return machine_.closing_since + rule_.clear_hold;
    return kNever;
  }

  std::vector<Outcome> Take() {
    if (machine_.open) closed_.push_back(machine_.outcome);
    return std::move(closed_);
  }
  StateMachine TakeMachine() { return std::move(machine_); }

 private:
  void Raise(const Entry& entry) {
    const auto known = std::ranges::find(machine_.parts, entry.part, &StateMachine::Part::id);
    if (known != machine_.parts.end() || machine_.parts.size() >= kMaxParts) return;
    machine_.parts.push_back({entry.part, entry});
    if (!machine_.open) return;
    AddEvidence(machine_.outcome, entry);
    ++machine_.outcome.count;
    machine_.outcome.settled = std::max(machine_.outcome.settled, entry.at);
  }

  void Drop(const Entry& entry) {
    std::erase_if(machine_.parts, [&](const StateMachine::Part& part) { return part.id == entry.part; });
  }

  void Settle(const Entry& entry) {
    const bool enough = machine_.parts.size() >= rule_.at_least;
    if (enough && !machine_.holds) machine_.held_since = entry.at;
    machine_.holds = enough;
    if (machine_.open && !enough && !machine_.closing) {
      machine_.closing = true;
      machine_.closing_since = entry.at;
    }
    if (enough) machine_.closing = false;
    Pass(entry.at);
  }

  void Open() {
    machine_.open = true;
    machine_.closing = false;
    machine_.outcome = {};
    std::vector<StateMachine::Part> parts = machine_.parts;
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.raised < b.raised; });
    for (const StateMachine::Part& part : parts) AddEvidence(machine_.outcome, part.raised);
    machine_.outcome.count = parts.size();
    machine_.outcome.start = machine_.held_since;
    machine_.outcome.settled = machine_.held_since + rule_.hold;
  }

  void Close() {
    machine_.open = false;
    machine_.closing = false;
    Outcome done = std::move(machine_.outcome);
    done.clears = true;
    done.last = machine_.closing_since;
    done.settled = machine_.closing_since + rule_.clear_hold;
    closed_.push_back(std::move(done));
    machine_.outcome = {};
  }

  const Rule& rule_;
  StateMachine machine_;
  std::vector<Outcome> closed_;
};

Evaluation EvaluateState(const KeyState& state, TimePoint progress) {
  Run run{*state.rule, state.base.machine};
  for (const Entry& entry : state.entries) run.Take(entry);
  run.Pass(progress);
  Evaluation out;
  out.next = run.Next();
  out.outcomes = run.Take();
  return out;
}

void TrimState(KeyState& state, TimePoint watermark) {
  const auto keep = std::ranges::find_if(state.entries, [&](const Entry& entry) { return entry.at >= watermark; });
  if (keep == state.entries.begin()) return;
  Run run{*state.rule, std::move(state.base.machine)};
  for (auto entry = state.entries.begin(); entry != keep; ++entry) run.Take(*entry);
  state.base.machine = run.TakeMachine();
  state.base.resume_from = std::prev(keep)->at;
  state.entries.erase(state.entries.begin(), keep);
}

}  // namespace

const Operator kStateOperator{EvaluateState, TrimState};

}  // namespace bongsu::rules
