// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/codec.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "sense/ingest/decode.hpp"

namespace bongsu::syslog {
namespace {

/// The next word up to a blank; the blank is dropped.
std::string_view TakeWord(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

Result<int> TakePriority(std::string_view& rest) {
  if (!rest.starts_with('<')) return 13;  // RFC 3164 4.3.3: none given means user.notice
  const std::size_t end = rest.find('>');
  int priority = -1;
  if (end != std::string_view::npos && end >= 2 && end <= 4)
    std::from_chars(rest.data() + 1, rest.data() + end, priority);
  if (priority < 0 || priority > 191)
    return Fail(Code::kInvalidArgument, "syslog.bad_priority", "'{}' does not begin with <0> to <191>",
                rest.substr(0, 8));
  rest.remove_prefix(end + 1);
  return priority;
}

/// Structured data: [id name="value" …][…], RFC 5424 section 6.3.
Result<json::Value> TakeData(std::string_view& rest) {
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "syslog.bad_data", "structured data breaks off near '{}'", rest.substr(0, 20));
  };
  json::Value data{json::Object{}};
  while (rest.starts_with('[')) {
    rest.remove_prefix(1);
    const std::size_t id_end = rest.find_first_of(" ]");
    if (id_end == std::string_view::npos || id_end == 0) return bad();
    const std::string id{rest.substr(0, id_end)};
    rest.remove_prefix(id_end);
    json::Value params{json::Object{}};
    while (rest.starts_with(' ')) {
      rest.remove_prefix(1);
      const std::size_t equals = rest.find("=\"");
      if (equals == std::string_view::npos || equals == 0) return bad();
      const std::string_view name = rest.substr(0, equals);
      rest.remove_prefix(equals + 2);
      std::string value;
      while (!rest.empty() && rest.front() != '"') {
        const bool escape =
            rest.front() == '\\' && rest.size() > 1 && (rest[1] == '"' || rest[1] == '\\' || rest[1] == ']');
        if (escape) rest.remove_prefix(1);
        value += rest.front();
        rest.remove_prefix(1);
      }
      if (rest.empty()) return bad();
      rest.remove_prefix(1);
      params.Set(name, std::move(value));
    }
    if (!rest.starts_with(']')) return bad();
    rest.remove_prefix(1);
    data.Set(id, std::move(params));
  }
  return data;
}

void SetWord(json::Value& document, std::string_view name, std::string_view word) {
  if (!word.empty() && word != "-") document.Set(name, word);
}

Result<void> ReadNew(std::string_view rest, json::Value& document) {
  TakeWord(rest);  // version "1"
  const std::string_view time = TakeWord(rest);
  if (time != "-") {
    const auto parsed = ParseTime(time);
    if (!parsed) return Fail(Code::kInvalidArgument, "syslog.bad_header", "{}", parsed.error().message);
    document.Set("time", FormatUtc(*parsed));
  }
  SetWord(document, "host", TakeWord(rest));
  SetWord(document, "app", TakeWord(rest));
  SetWord(document, "pid", TakeWord(rest));
  SetWord(document, "msgid", TakeWord(rest));
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
  } else {
    BONGSU_TRY(json::Value data, TakeData(rest));
    document.Set("sd", std::move(data));
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  document.Set("msg", rest);
  return {};
}

/// "Nov  2 10:00:00" as the time nearest to `arrived` in whatever year.
std::optional<TimePoint> ReadOldTime(std::string_view text, TimePoint arrived, const ingest::Zone& zone) {
  const int year = static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(arrived)}.year());
  std::optional<TimePoint> best;
  for (const int candidate : {year, year - 1, year + 1}) {
    const auto local = ParseLocal(fmt::format("{} {}", candidate, text), "%Y %b %d %H:%M:%S", std::chrono::minutes{0});
    if (!local) continue;
    const TimePoint time = zone.ToUtc(*local);
    if (!best || std::chrono::abs(time - arrived) < std::chrono::abs(*best - arrived)) best = time;
  }
  return best;
}

void ReadOld(std::string_view rest, TimePoint arrived, const ingest::Zone& zone, json::Value& document) {
  const std::string_view whole = rest;
  constexpr std::size_t kStampBytes = 15;  // "Nov 22 10:00:00"
  std::optional<TimePoint> time;
  if (rest.size() > kStampBytes && rest[kStampBytes] == ' ')
    time = ReadOldTime(rest.substr(0, kStampBytes), arrived, zone);
  if (!time) {  // no header at all: the text is everything
    document.Set("msg", whole);
    return;
  }
  document.Set("time", FormatUtc(*time));
  rest.remove_prefix(kStampBytes + 1);
  SetWord(document, "host", TakeWord(rest));
  // TAG is what stands before ':' or '['; a blank ends it too.
  const std::size_t end = rest.find_first_of(":[ ");
  if (end != std::string_view::npos && end > 0 && rest[end] != ' ') {
    std::string_view after = rest.substr(end);
    std::string_view pid;
    if (after.front() == '[') {
      const std::size_t close = after.find(']');
      if (close != std::string_view::npos) {
        pid = after.substr(1, close - 1);
        after.remove_prefix(close + 1);
      }
    }
    if (after.starts_with(':')) {
      SetWord(document, "app", rest.substr(0, end));
      SetWord(document, "pid", pid);
      after.remove_prefix(1);
      if (after.starts_with(' ')) after.remove_prefix(1);
      rest = after;
    }
  }
  document.Set("msg", rest);
}

/// Splits at the next unescaped '|'.
std::optional<std::string> TakeCefPart(std::string_view& rest) {
  std::string part;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '|' || rest[i + 1] == '\\')) {
      part += rest[++i];
    } else if (rest[i] == '|') {
      rest.remove_prefix(i + 1);
      return part;
    } else {
      part += rest[i];
    }
  }
  return std::nullopt;
}

std::string UnescapeExtension(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[++i];
      out += next == 'n' ? '\n' : next == 'r' ? '\r' : next;
    } else {
      out += text[i];
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool IsKeyLetter(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '.';
}

/// "a=b c d=e": a value goes on until the blank before the next key.
json::Value ReadExtension(std::string_view text) {
  json::Value values{json::Object{}};
  std::string_view key;
  std::size_t value_begin = 0;
  const auto finish = [&](std::size_t end) {
    if (!key.empty() && values.AsObject().size() < 200)
      values.Set(key, UnescapeExtension(text.substr(value_begin, end - value_begin)));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] != '=') continue;
    std::size_t begin = i;
    while (begin > value_begin && IsKeyLetter(text[begin - 1])) --begin;
    const bool at_word = begin < i && (begin == 0 || text[begin - 1] == ' ');
    if (!at_word) continue;
    finish(begin);
    key = text.substr(begin, i - begin);
    value_begin = i + 1;
  }
  finish(text.size());
  return values;
}

}  // namespace

std::optional<json::Value> DecodeCef(std::string_view text) {
  const std::size_t begin = text.find("CEF:");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin + 4);
  constexpr std::array<std::string_view, 7> kNames{"cef_version", "vendor", "product", "version",
                                                   "signature",   "name",   "severity"};
  json::Value cef{json::Object{}};
  for (const std::string_view name : kNames) {
    auto part = TakeCefPart(text);
    if (!part) return std::nullopt;
    cef.Set(name, *std::move(part));
  }
  cef.Set("ext", ReadExtension(text));
  return cef;
}

Result<json::Value> Decode(std::string_view bytes, TimePoint arrived, const ingest::Zone& zone) {
  while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r' || bytes.back() == '\0'))
    bytes.remove_suffix(1);
  if (bytes.empty()) return Fail(Code::kInvalidArgument, "syslog.empty", "an empty message");
  if (!ingest::IsUtf8(bytes)) return Fail(Code::kInvalidArgument, "decode.not_utf8", "the message is no UTF-8 text");
  BONGSU_TRY(const int priority, TakePriority(bytes));
  json::Value document;
  document.Set("priority", priority);
  document.Set("facility", priority / 8);
  document.Set("severity", priority % 8);
  if (bytes.starts_with("1 ")) {
    BONGSU_CHECK(ReadNew(bytes, document));
  } else {
    ReadOld(bytes, arrived, zone, document);
  }
  if (auto cef = DecodeCef(document["msg"].AsString())) document.Set("cef", *std::move(cef));
  return document;
}

Result<std::optional<std::string>> Framer::Next() {
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(taken_);
    if (rest.empty()) break;
    if (rest.front() == '\n' || rest.front() == '\r' || rest.front() == '\0' || rest.front() == ' ') {
      ++taken_;
      continue;
    }
    std::size_t begin = 0;
    std::size_t length = 0;
    std::size_t after = 0;
    if (rest.front() >= '1' && rest.front() <= '9') {
      const std::size_t blank = rest.find(' ');
      if (blank == std::string_view::npos && rest.size() < 8) break;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + std::min<std::size_t>(blank, 8), length);
      if (blank == std::string_view::npos || error != std::errc{} || end != rest.data() + blank) {
        return Fail(Code::kInvalidArgument, "syslog.bad_frame", "'{}' is no octet count", rest.substr(0, 8));
      }
      if (length > kMaxMessageBytes)
        return Fail(Code::kTooLarge, "syslog.too_large", "a message of {} bytes; at most {}", length, kMaxMessageBytes);
      begin = blank + 1;
      if (rest.size() < begin + length) break;
      after = begin + length;
    } else {
      length = rest.find('\n');
      if (length == std::string_view::npos) {
        if (rest.size() > kMaxMessageBytes)
          return Fail(Code::kTooLarge, "syslog.too_large", "a line of more than {} bytes", kMaxMessageBytes);
        break;
      }
      after = length + 1;
    }
    std::string message{rest.substr(begin, length)};
    taken_ += after;
    if (message.empty()) continue;
    return message;
  }
  buffer_.erase(0, taken_);
  taken_ = 0;
  return std::nullopt;
}

std::optional<std::string> Framer::Last() {
  std::string rest = buffer_.substr(taken_);
  buffer_.clear();
  taken_ = 0;
  if (rest.empty() || rest.front() != '<' || rest.size() > kMaxMessageBytes) return std::nullopt;
  return rest;
}

}  // namespace bongsu::syslog
