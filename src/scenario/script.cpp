// SPDX-License-Identifier: Apache-2.0
#include "scenario/script.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace bongsu::scenario {
namespace {

/// Korean words of the language; the English word stands for the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kWords{{
    {"시나리오:", "scenario:"}, {"주어짐", "given"}, {"시각", "at"}, {"기대", "expect"}, {"경보", "alarm"}, {"없음", "none"},
    {"해제", "cleared"}, {"등급", "severity"}, {"안에", "within"}, {"초", "s"}, {"분", "min"}, {"시간", "h"}, {"마다", "every"},
    {"번", "times"}, {"토픽", "topic"}, {"감시", "watch"},
}};

class LineReader {
 public:
  LineReader(std::string_view line, int number, std::string_view file) : rest_{line}, line_{number}, file_{file} {}

  /// The next word, Korean ones in English.
  std::string_view Word() {
    Skip();
    const std::size_t end = std::min(rest_.find_first_of(" \t"), rest_.size());
    std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    for (const auto& [korean, english] : kWords) {
      if (word == korean) word = english;
    }
    return word;
  }
  bool Take(std::string_view word) {
    const std::string_view before = rest_;
    if (Word() == word) return true;
    rest_ = before;
    return false;
  }
  std::string_view Rest() {
    Skip();
    return rest_;
  }
  bool empty() {
    Skip();
    return rest_.empty();
  }
  template <class... Args>
  tl::unexpected<Error> Bad(fmt::format_string<Args...> format, Args&&... args) const {
    return Fail(Code::kInvalidArgument, "scenario.bad_line", "{}:{}: {}", file_, line_, fmt::format(format, std::forward<Args>(args)...));
  }

  Result<int> Number() {
    const std::string_view word = Word();
    int number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size() || number < 0) return Bad("\"{}\" is no number", word);
    return number;
  }
  /// "15 s", "10 min", "2 h"
  Result<Duration> Span() {
    BONGSU_TRY(const int number, Number());
    const std::string_view unit = Word();
    if (unit == "s") return std::chrono::seconds{number};
    if (unit == "min") return std::chrono::minutes{number};
    if (unit == "h") return std::chrono::hours{number};
    return Bad("\"{}\" is no unit: s, min, h (초, 분, 시간)", unit);
  }
  Result<Duration> TimeOfDay() {
    const std::string_view word = Word();
    std::array<int, 3> parts{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < 3 && at < word.size(); ++i) {
      const auto [end, error] = std::from_chars(word.data() + at, word.data() + word.size(), parts[i]);
      if (error != std::errc{} || (end != word.data() + word.size() && *end != ':')) return Bad("\"{}\" is no time such as 10:40:00", word);
      at = static_cast<std::size_t>(end - word.data()) + 1;
    }
    return std::chrono::hours{parts[0]} + std::chrono::minutes{parts[1]} + std::chrono::seconds{parts[2]};
  }

 private:
  void Skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }
  std::string_view rest_;
  int line_;
  std::string_view file_;
};

Result<void> ReadExpect(LineReader& words, Step& step) {
  if (words.Take("no")) {
    if (!words.Take("alarm")) return words.Bad("expect no alarm");
    step.kind = Step::Kind::kNoAlarm;
  } else {
    if (!words.Take("alarm")) return words.Bad("expect alarm RULE, or expect no alarm");
    if (words.Take("none")) {
      step.kind = Step::Kind::kNoAlarm;
    } else {
      step.kind = Step::Kind::kAlarm;
      step.rule = words.Word();
      if (words.Take("cleared")) step.kind = Step::Kind::kClear;
    }
  }
  while (!words.empty()) {
    if (words.Take("severity")) {
      BONGSU_TRY(step.severity, words.Number());
    } else {
      const bool english = words.Take("within");
      BONGSU_TRY(step.within, words.Span());
      if (!english && !words.Take("within")) return words.Bad("within N s (N 초 안에)");
    }
  }
  return {};
}

Result<void> ReadAt(LineReader& words, Step& step) {
  BONGSU_TRY(step.at, words.TimeOfDay());
  if (words.empty()) return {};
  step.kind = Step::Kind::kSend;
  while (true) {
    if (words.Take("every")) {
      BONGSU_TRY(step.every, words.Span());
      BONGSU_TRY(step.times, words.Number());
      if (!words.Take("times")) return words.Bad("every N s M times");
      if (step.times > 10'000) return words.Bad("at most 10,000 times");
    } else {
      break;
    }
  }
  step.source = words.Word();
  if (words.Take("topic")) step.topic = words.Word();
  step.body = words.Rest();
  if (step.body.empty()) return words.Bad("what does {} say?", step.source);
  return {};
}

Result<void> ReadGiven(LineReader& words, Step& step) {
  step.kind = Step::Kind::kGiven;
  auto entity = json::Parse(words.Rest());
  if (!entity || !entity->IsObject() || !(*entity)["id"].IsString() || !(*entity)["type"].IsString()) {
    return words.Bad("given needs a JSON object with id and type");
  }
  step.entity = std::move(*entity);
  return {};
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
    LineReader words{line, number, file};
    if (words.empty() || words.Rest().starts_with('#')) continue;
    Step step;
    step.line = number;
    step.text = line;
    const std::string_view first = words.Word();
    if (first == "scenario:") {
      script.title = words.Rest();
      continue;
    }
    if (first == "given") BONGSU_CHECK(ReadGiven(words, step));
    else if (first == "at") BONGSU_CHECK(ReadAt(words, step));
    else if (first == "expect") BONGSU_CHECK(ReadExpect(words, step));
    else if (first == "watch") {
      step.kind = Step::Kind::kWatch;
      step.source = words.Word();
    } else {
      return words.Bad("\"{}\": a line begins with scenario:, given, watch, at or expect", first);
    }
    script.steps.push_back(std::move(step));
  }
  return script;
}

}  // namespace bongsu::scenario
