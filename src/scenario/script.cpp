// SPDX-License-Identifier: Apache-2.0
#include "scenario/script.hpp"

#include <algorithm>
#include <utility>

#include "scenario/sentences.hpp"
#include "scenario/words.hpp"

namespace bongsu::scenario {
namespace {

Result<void> ReadAt(Words& words, Step& step) {
  BONGSU_TRY(step.at, words.TimeOfDay());
  if (words.empty()) return {};
  step.kind = Step::Kind::kSend;
  if (words.Take("every")) {
    BONGSU_TRY(step.every, words.Span());
    BONGSU_TRY(step.times, words.Number());
    if (!words.Take("times")) return words.Bad("every N s M times");
    if (step.times > 10'000) return words.Bad("at most 10,000 times");
  }
  step.source = words.Word();
  if (words.Take("topic")) step.topic = words.Word();
  step.body = words.Rest();
  if (step.body.empty()) return words.Bad("what does {} say?", step.source);
  return {};
}

Result<void> ReadGiven(Words& words, Step& step) {
  step.kind = Step::Kind::kGiven;
  auto entity = json::Parse(words.Rest());
  if (!entity || !entity->IsObject() || !(*entity)["id"].IsString() || !(*entity)["type"].IsString()) {
    return words.Bad("given needs a JSON object with id and type");
  }
  step.entity = std::move(*entity);
  return {};
}

/// ID CHANNEL: a safety_net agency whose id is a linked system's is answered on that system's events.
Result<void> ReadAgency(Words& words, Step& step) {
  step.kind = Step::Kind::kAgency;
  step.peer = words.Word();
  step.channel = words.Word();
  if (step.channel != "safety_net" && step.channel != "webhook")
    return words.Bad("agency ID safety_net, or agency ID webhook");
  return {};
}

Result<void> ReadWatch(Words& words, Step& step) {
  step.kind = Step::Kind::kWatch;
  step.source = words.Word();
  return {};
}

Result<void> ReadStatement(std::string_view first, Words& words, Step& step) {
  if (first == "given") return ReadGiven(words, step);
  if (first == "agency") return ReadAgency(words, step);
  if (first == "watch") return ReadWatch(words, step);
  if (first == "at") return ReadAt(words, step);
  if (first == "act") return ReadAct(words, step);
  if (first == "expect") return ReadExpect(words, step);
  return words.Bad("\"{}\": a line begins with scenario:, given, agency, watch, at, act or expect", first);
}

}  // namespace

Result<Script> ReadScript(std::string_view text, std::string_view file) {
  Script script;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    Words words{line, number, file};
    if (words.empty() || words.Rest().starts_with('#')) continue;
    Step step;
    step.line = number;
    step.text = line;
    const std::string_view first = words.Word();
    if (first == "scenario:") {
      script.title = words.Rest();
      continue;
    }
    BONGSU_CHECK(ReadStatement(first, words, step));
    script.steps.push_back(std::move(step));
  }
  return script;
}

}  // namespace bongsu::scenario
