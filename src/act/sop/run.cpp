// SPDX-License-Identifier: Apache-2.0
#include "act/sop/run.hpp"

#include <algorithm>

namespace bongsu::sop {
namespace {

std::string_view StateOf(const json::Value& step) { return step["state"].AsString(); }
bool IsOpen(const json::Value& step) { return StateOf(step) == "open"; }
bool IsSettled(const json::Value& step) { return StateOf(step) == "done" || StateOf(step) == "impossible"; }

TimePoint DueOf(const json::Value& step) {
  return step["due_at"].IsString() ? ParseTime(step["due_at"].AsString()).value_or(kNever) : kNever;
}

/// The true time of an act: `at` when it was made while the console was cut off, else now.
Result<TimePoint> TimeOf(const json::Value& at, TimePoint started_at, TimePoint now) {
  if (at.IsNull()) return now;
  const auto time = ParseTime(at.AsString());
  if (!time) return Fail(Code::kInvalidArgument, "step.at", "'at' is no time: {}", at.AsString());
  if (*time > now || *time < started_at) {
    return Fail(Code::kInvalidArgument, "step.at", "{} is in the future or before the incident began", at.AsString());
  }
  return *time;
}

Result<void> Settle(json::Value& step, const model::DeskAct& act) {
  const std::string_view verb = act.arguments["act"].AsString();
  if (verb == "done") {
    step.Set("state", "done");
    return {};
  }
  if (verb == "impossible") {
    const std::string_view reason = act.arguments["reason"].AsString();
    if (reason.empty() || reason.size() > 2000) {
      return Fail(Code::kInvalidArgument, "step.reason", "'impossible' needs a reason of 1 to 500 characters");
    }
    step.Set("state", "impossible");
    step.Set("reason", reason);
    return {};
  }
  if (verb != "answer") {
    return Fail(Code::kInvalidArgument, "step.act", "a step is done, impossible, answer or undo, not '{}'", verb);
  }
  const std::string_view answer = act.arguments["answer"].AsString();
  const json::Array& answers = step["question"]["answers"].AsArray();
  if (std::ranges::none_of(answers, [&](const json::Value& known) { return known["id"].AsString() == answer; })) {
    return Fail(Code::kInvalidArgument, "step.answer", "step {} has no answer '{}'", step["n"].AsInt(), answer);
  }
  step.Set("state", "done");
  step.Set("answer", answer);
  return {};
}

}  // namespace

Run::Run(json::Value procedure, const json::Value& run, TimePoint started_at)
    : procedure_{std::move(procedure)}, started_at_{started_at} {
  for (const json::Value& item : run.AsArray()) {
    std::optional<Condition>& condition = conditions_.emplace_back();
    if (!item["if"].IsObject()) continue;
    condition.emplace();
    condition->step = static_cast<std::size_t>(item["if"]["step"].AsInt());
    for (const json::Value& answer : item["if"]["answers"].AsArray())
      condition->answers.emplace_back(answer.AsString());
  }
  conditions_.resize(steps().size());
}

json::Value Run::conditions() const {
  json::Array run;
  for (const std::optional<Condition>& condition : conditions_) {
    json::Value& item = run.emplace_back(json::Object{});
    if (!condition) continue;
    item.Set("if", json::Object{{"step", static_cast<std::int64_t>(condition->step)},
                                {"answers", json::Array(condition->answers.begin(), condition->answers.end())}});
  }
  return run;
}

bool Run::Shown(const json::Array& steps, std::size_t index) const {
  const std::optional<Condition>& condition = conditions_[index];
  if (!condition) return true;
  if (condition->step < 1 || condition->step > index) return false;  // a question stands above what depends on it
  const std::size_t question = condition->step - 1;
  const std::string_view answer = steps[question]["answer"].AsString();
  return Shown(steps, question) && std::ranges::find(condition->answers, answer) != condition->answers.end();
}

void Run::ShowAndHide(json::Array steps, TimePoint now, std::vector<StepChange>& changes) const {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    json::Value& step = steps[i];
    const bool shown = Shown(steps, i);
    if (shown == (StateOf(step) != "skipped") || IsSettled(step)) continue;
    step.Set("state", shown ? "open" : "skipped");
    step.Set("late", shown && DueOf(step) <= now);
    changes.push_back({i + 1, shown ? "shown" : "hidden", step, false});
  }
}

Result<std::vector<StepChange>> Run::Act(std::size_t n, const model::DeskAct& act, TimePoint now) const {
  if (n < 1 || n > steps().size()) {
    return Fail(Code::kNotFound, "step.unknown", "the procedure has {} steps, there is no step {}", steps().size(), n);
  }
  json::Array after = steps();
  json::Value& step = after[n - 1];
  StepChange change{n, std::string(act.arguments["act"].AsString()), {}, false};
  BONGSU_TRY(const TimePoint at, TimeOf(act.arguments["at"], started_at_, now));
  if (change.act == "undo") {
    if (!IsSettled(step)) return Fail(Code::kConflict, "step.nothing_to_undo", "step {} is not done", n);
    for (const std::string_view member : {"done_at", "by", "reason", "answer"}) step.Erase(member);
    const bool shown = Shown(after, n - 1);
    step.Set("state", shown ? "open" : "skipped");
    step.Set("late", shown && DueOf(step) <= now);
  } else {
    if (StateOf(step) == "skipped") {
      return Fail(Code::kConflict, "step.not_shown", "step {} does not apply to the answers given", n);
    }
    const json::Value before = step;
    for (const std::string_view member : {"reason", "answer"}) step.Erase(member);
    BONGSU_CHECK(Settle(step, act));
    const auto same = [&](std::string_view member) { return step[member] == before[member]; };
    if (same("state") && same("answer") && same("reason")) return std::vector<StepChange>{};  // the first stamp stays
    step.Set("done_at", FormatUtc(at));
    step.Set("by", model::ToJson(act.by));
    step.Set("late", at > DueOf(step));
    change.out_of_order = std::any_of(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(n - 1), IsOpen);
  }
  change.step = step;
  std::vector<StepChange> changes{std::move(change)};
  ShowAndHide(std::move(after), now, changes);
  return changes;
}

std::vector<StepChange> Run::Late(TimePoint now) const {
  std::vector<StepChange> changes;
  for (std::size_t i = 0; i < steps().size(); ++i) {
    json::Value step = steps()[i];
    if (!IsOpen(step) || step["late"].AsBool() || DueOf(step) > now) continue;
    step.Set("late", true);
    changes.push_back({i + 1, "late", std::move(step), false});
  }
  return changes;
}

TimePoint Run::NextDue() const {
  TimePoint due = kNever;
  for (const json::Value& step : steps()) {
    if (IsOpen(step) && !step["late"].AsBool()) due = std::min(due, DueOf(step));
  }
  return due;
}

void Run::Put(const json::Value& step) {
  json::Value* list = procedure_.Find("steps");
  const auto n = static_cast<std::size_t>(step["n"].AsInt());
  if (list != nullptr && n >= 1 && n <= list->AsArray().size()) list->MutableArray()[n - 1] = step;
}

json::Value Run::Progress() const {
  std::int64_t done = 0;
  std::int64_t total = 0;
  json::Value next;
  for (const json::Value& step : steps()) {
    total += StateOf(step) != "skipped";
    done += IsSettled(step);
    if (next.IsNull() && IsOpen(step)) next = step["text"];
  }
  return json::Object{{"id", procedure_["id"]}, {"done", done}, {"total", total}, {"next", std::move(next)}};
}

}  // namespace bongsu::sop
