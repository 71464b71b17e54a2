// SPDX-License-Identifier: Apache-2.0
#include "scenario/sentences.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "model/desk_act.hpp"

namespace bongsu::scenario {
namespace {

using Kind = Step::Kind;

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// [severity N] [count N] [seat S] [within N s], in any order.
Result<void> ReadLimits(Words& words, Step& step) {
  while (!words.empty()) {
    if (words.Take("severity")) {
      BONGSU_TRY(step.severity, words.Number());
    } else if (words.Take("count")) {
      BONGSU_TRY(step.count, words.Number());
    } else if (words.Take("seat")) {
      step.seat = words.Word();
    } else {
      BONGSU_TRY(step.within, words.Within());
    }
  }
  return {};
}

Result<void> ReadAlarm(Words& words, Step& step) {
  if (words.Take("none")) {
    step.kind = Kind::kNoAlarm;
    return ReadLimits(words, step);
  }
  step.kind = Kind::kAlarm;
  step.rule = words.Word();
  if (step.rule.empty()) return words.Bad("which rule's alarm?");
  if (words.Take("cleared")) step.kind = Kind::kClear;
  if (words.Take("none")) step.kind = Kind::kNoAlarm;
  return ReadLimits(words, step);
}

Result<void> ReadNo(Words& words, Step& step) {
  if (words.Take("alarm")) {
    step.kind = Kind::kNoAlarm;
    if (!words.empty() && !words.AtSpan()) step.rule = words.Word();
    return ReadLimits(words, step);
  }
  if (!words.Take("notice")) return words.Bad("expect no alarm, or expect no notice");
  step.kind = Kind::kNoNotice;
  return ReadLimits(words, step);
}

Result<void> ReadSuppressed(Words& words, Step& step) {
  step.kind = Kind::kSuppressed;
  step.rule = words.Word();
  if (!words.Take("under")) return words.Bad("expect suppressed RULE under RULE");
  step.under = words.Word();
  return ReadLimits(words, step);
}

Result<void> ReadStep(Words& words, Step& step) {
  constexpr std::array<std::string_view, 5> kStates{"open", "done", "impossible", "late", "hidden"};
  step.kind = Kind::kStep;
  BONGSU_TRY(step.step_text, words.Quoted());
  while (!words.empty()) {
    if (words.AtSpan()) {
      BONGSU_TRY(step.within, words.Within());
      continue;
    }
    step.state = words.Word();
    if (!IsOneOf(step.state, kStates)) return words.Bad("a step is open, done, impossible, late or hidden");
  }
  return {};
}

Result<void> ReadNotice(Words& words, Step& step) {
  step.kind = Kind::kNotice;
  if (words.Take("none")) {
    step.kind = Kind::kNoNotice;
    return ReadLimits(words, step);
  }
  (void)words.Take("to");
  step.peer = words.Word();
  if (words.Take("kind")) step.notice = words.Word();
  return ReadLimits(words, step);
}

/// with N alarms (경보 N 건) | new | in_progress | resolved | closed
Result<void> ReadIncident(Words& words, Step& step) {
  constexpr std::array<std::string_view, 4> kStates{"new", "in_progress", "resolved", "closed"};
  step.kind = Kind::kIncident;
  (void)words.Take("with");
  const bool korean = words.Take("alarm");
  if (words.AtNumber()) {
    BONGSU_TRY(step.count, words.Number());
    if (korean ? words.Take("count") : words.Take("alarms") || words.Take("alarm")) return {};
    return words.Bad("expect incident with N alarms");
  }
  step.state = words.Word();
  if (!IsOneOf(step.state, kStates)) return words.Bad("an incident is new, in_progress, resolved or closed");
  return {};
}

/// with N rows (현황판 N 줄)
Result<void> ReadBoard(Words& words, Step& step) {
  step.kind = Kind::kBoard;
  (void)words.Take("with");
  BONGSU_TRY(step.count, words.Number());
  if (words.Take("rows") || words.Take("row") || words.Take("줄")) return {};
  return words.Bad("expect board with N rows");
}

struct Form {
  std::string_view word;
  Result<void> (*read)(Words&, Step&);
};

Result<void> ReadRule(Words& words, Step& step) {
  step.rule = words.Word();
  if (step.rule.empty()) return words.Bad("whose alarm? act {} RULE", step.verb);
  return {};
}

Result<void> ReadClose(Words& words, Step& step) {
  BONGSU_CHECK(ReadRule(words, step));
  const bool as = words.Take("as");
  const std::string_view disposition = words.Word();
  if (!as || !model::IsDisposition(disposition)) {
    return words.Bad("act close RULE as real, drill, false_sensor, false_ai, duplicate or information");
  }
  step.arguments.Set("disposition", disposition);
  return {};
}

/// RULE N min because "TEXT"
Result<void> ReadShelve(Words& words, Step& step) {
  BONGSU_CHECK(ReadRule(words, step));
  BONGSU_TRY(const Duration span, words.Span());
  step.arguments.Set("minutes", std::chrono::duration_cast<std::chrono::minutes>(span).count());
  if (!words.Take("because")) return words.Bad("act shelve RULE N min because \"TEXT\"");
  BONGSU_TRY(std::string reason, words.Quoted());
  step.arguments.Set("reason", std::move(reason));
  return {};
}

/// N done | N impossible because "TEXT" | N answer ID
Result<void> ReadStepAct(Words& words, Step& step) {
  step.rule = "incident";
  BONGSU_TRY(step.count, words.Number());
  const std::string_view act = words.Word();
  step.arguments.Set("act", act);
  if (act == "answer") {
    step.arguments.Set("answer", words.Word());
  } else if (act == "impossible") {
    if (!words.Take("because")) return words.Bad("act step N impossible because \"TEXT\"");
    BONGSU_TRY(std::string reason, words.Quoted());
    step.arguments.Set("reason", std::move(reason));
  } else if (act != "done" && act != "undo") {
    return words.Bad("act step N done, impossible, answer ID or undo");
  }
  return {};
}

Result<void> ReadNotify(Words& words, Step& step) {
  step.rule = "incident";
  step.verb = "notify";
  step.peer = words.Word();
  if (!words.Take("kind")) return words.Bad("act notify AGENCY kind KIND");
  step.arguments.Set("peer", step.peer);
  step.arguments.Set("kind", words.Word());
  return {};
}

template <std::size_t N>
Result<void> ReadForm(const std::array<Form, N>& forms, std::string_view word, Words& words, Step& step) {
  const auto form = std::ranges::find(forms, word, &Form::word);
  if (form != forms.end()) return form->read(words, step);
  std::string known;
  for (const Form& one : forms) known += fmt::format("{}{}", known.empty() ? "" : ", ", one.word);
  return words.Bad("\"{}\" is none of {}", word, known);
}

constexpr std::array kExpected{Form{"alarm", &ReadAlarm},
                               Form{"no", &ReadNo},
                               Form{"suppressed", &ReadSuppressed},
                               Form{"step", &ReadStep},
                               Form{"notice", &ReadNotice},
                               Form{"incident", &ReadIncident},
                               Form{"board", &ReadBoard},
                               Form{"procedure", [](Words& words, Step& step) -> Result<void> {
                                      step.kind = Kind::kProcedure;
                                      step.procedure = words.Word();
                                      return ReadLimits(words, step);
                                    }}};
constexpr std::array kActs{
    Form{"acknowledge", &ReadRule}, Form{"shelve", &ReadShelve}, Form{"unshelve", &ReadRule},
    Form{"close", &ReadClose},      Form{"undo", &ReadRule},     Form{"step", &ReadStepAct},
    Form{"notify", &ReadNotify},    Form{"notice", &ReadNotify},
};

}  // namespace

Result<void> ReadExpect(Words& words, Step& step) { return ReadForm(kExpected, words.Word(), words, step); }

Result<void> ReadAct(Words& words, Step& step) {
  step.kind = Kind::kAct;
  step.arguments = json::Object{};
  step.verb = words.Word();
  BONGSU_CHECK(ReadForm(kActs, std::string{step.verb}, words, step));
  if (words.Take("by")) step.by = words.Word();
  step.refused = words.Take("refused");
  if (!words.empty()) return words.Bad("\"{}\" is too much", words.Rest());
  return {};
}

}  // namespace bongsu::scenario
