// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A procedure while it is carried out: which steps are shown, done, impossible or late. Pure; no clock, no I/O.
/// The run keeps the text it was started with, whatever becomes of the file.

#include <vector>

#include "act/sop/procedure.hpp"
#include "model/desk_act.hpp"

namespace bongsu::sop {

/// A step that changed, as Step of api/openapi.yaml, and what changed it.
struct StepChange {
  std::size_t n = 0;  ///< 1-based
  std::string act;    ///< done | impossible | answer | undo | shown | hidden | late
  json::Value step;
  bool out_of_order = false;  ///< An earlier open step was passed over.
};

class Run {
 public:
  Run() = default;
  /// @param procedure  Procedure row
  /// @param run        [{if?:{step,answers}}] in the order of its steps
  Run(json::Value procedure, const json::Value& run, TimePoint started_at);

  /// Carries an act on step `n` out. The first change is the step itself, others follow from an answer; none when it
  /// was so already.
  /// @param act  arguments {act: done|impossible|answer|undo, answer?, reason?, at?}
  /// @errors kNotFound step.unknown · kConflict step.not_shown, step.nothing_to_undo
  ///         kInvalidArgument step.act, step.answer, step.reason, step.at
  Result<std::vector<StepChange>> Act(std::size_t n, const model::DeskAct& act, TimePoint now) const;
  /// Open steps whose due time has come and that are not marked late.
  std::vector<StepChange> Late(TimePoint now) const;
  TimePoint NextDue() const;
  /// Puts a step row in its place.
  void Put(const json::Value& step);

  const json::Value& procedure() const { return procedure_; }
  /// [{if?:{step,answers}}] as the constructor takes it.
  json::Value conditions() const;
  TimePoint started_at() const { return started_at_; }
  /// {id,done,total,next}: ProcedureProgress of api/openapi.yaml.
  json::Value Progress() const;

 private:
  const json::Array& steps() const { return procedure_["steps"].AsArray(); }
  /// Whether step `index` is shown, given `steps` as they are.
  bool Shown(const json::Array& steps, std::size_t index) const;
  void ShowAndHide(json::Array steps, TimePoint now, std::vector<StepChange>& changes) const;

  json::Value procedure_;
  std::vector<std::optional<Condition>> conditions_;
  TimePoint started_at_{};
};

}  // namespace bongsu::sop
