// SPDX-License-Identifier: Apache-2.0
#include "scenario/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::scenario {
namespace {

/// Korean words of the language; the English word stands for the same.
constexpr auto kWords = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"시나리오:", "scenario:"},
    {"주어짐", "given"},
    {"기관", "agency"},
    {"감시", "watch"},
    {"시각", "at"},
    {"마다", "every"},
    {"번", "times"},
    {"토픽", "topic"},
    {"기대", "expect"},
    {"경보", "alarm"},
    {"없음", "none"},
    {"해제", "cleared"},
    {"등급", "severity"},
    {"건", "count"},
    {"안에", "within"},
    {"초", "s"},
    {"분", "min"},
    {"시간", "h"},
    {"억제", "suppressed"},
    {"아래", "under"},
    {"절차", "procedure"},
    {"단계", "step"},
    {"늦음", "late"},
    {"숨김", "hidden"},
    {"통보", "notice"},
    {"종류", "kind"},
    {"상황", "incident"},
    {"조치", "act"},
    {"확인", "acknowledge"},
    {"종결", "close"},
    {"처리", "as"},
    {"보류", "shelve"},
    {"보류해제", "unshelve"},
    {"되돌리기", "undo"},
    {"완료", "done"},
    {"불가", "impossible"},
    {"답", "answer"},
    {"사유", "because"},
    {"담당", "by"},
    {"거부", "refused"},
    {"좌석", "seat"},
    {"현황판", "board"},
});

}  // namespace

void Words::Skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

std::string_view Words::Word() {
  Skip();
  const std::size_t end = std::min(rest_.find_first_of(" \t"), rest_.size());
  const std::string_view word = rest_.substr(0, end);
  rest_.remove_prefix(end);
  const auto korean = std::ranges::find(kWords, word, &std::pair<std::string_view, std::string_view>::first);
  return korean == kWords.end() ? word : korean->second;
}

bool Words::Take(std::string_view word) {
  const std::string_view before = rest_;
  if (Word() == word) return true;
  rest_ = before;
  return false;
}

std::string_view Words::Rest() {
  Skip();
  return rest_;
}

bool Words::empty() { return Rest().empty(); }

bool Words::AtNumber() { return !empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

Result<int> Words::Number() {
  const std::string_view word = Word();
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size() || number < 0) return Bad("\"{}\" is no number", word);
  return number;
}

Result<Duration> Words::Span() {
  BONGSU_TRY(const int number, Number());
  const std::string_view unit = Word();
  if (unit == "s") return std::chrono::seconds{number};
  if (unit == "min") return std::chrono::minutes{number};
  if (unit == "h") return std::chrono::hours{number};
  return Bad("\"{}\" is no unit: s, min, h (초, 분, 시간)", unit);
}

Result<Duration> Words::Within() {
  const bool english = Take("within");
  BONGSU_TRY(const Duration span, Span());
  if (!english && !Take("within")) return Bad("within N s (N 초 안에)");
  return span;
}

Result<Duration> Words::TimeOfDay() {
  const std::string_view word = Word();
  std::array<int, 3> parts{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < 3 && at < word.size(); ++i) {
    const auto [end, error] = std::from_chars(word.data() + at, word.data() + word.size(), parts[i]);
    if (error != std::errc{} || (end != word.data() + word.size() && *end != ':')) {
      return Bad("\"{}\" is no time such as 10:40:00", word);
    }
    at = static_cast<std::size_t>(end - word.data()) + 1;
  }
  return std::chrono::hours{parts[0]} + std::chrono::minutes{parts[1]} + std::chrono::seconds{parts[2]};
}

Result<std::string> Words::Quoted() {
  Skip();
  const std::size_t end = rest_.starts_with('"') ? rest_.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) return Bad("text stands between quotation marks");
  std::string text{rest_.substr(1, end - 1)};
  rest_.remove_prefix(end + 1);
  return text;
}

}  // namespace bongsu::scenario
