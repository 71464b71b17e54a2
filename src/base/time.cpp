// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

namespace bongsu {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

/// Reads exactly `digits` decimal digits from the front of `text` and drops them.
std::optional<int> TakeDigits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// Reads up to six fraction digits as microseconds; further digits are read and dropped.
std::optional<std::int64_t> TakeFraction(std::string_view& text) {
  std::int64_t micros = 0;
  std::int64_t scale = 100000;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    micros += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return micros;
}

struct Parts {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t micros = 0;
};

std::optional<TimePoint> Join(const Parts& parts) {
  const year_month_day date{year{parts.year}, month{static_cast<unsigned>(parts.month)},
                            day{static_cast<unsigned>(parts.day)}};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{parts.hour} + std::chrono::minutes{parts.minute} +
         std::chrono::seconds{parts.second} + Duration{parts.micros};
}

std::optional<int> TakeMonthName(std::string_view& text) {
  constexpr std::array<std::string_view, 12> kNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text.starts_with(kNames[i])) {
      text.remove_prefix(3);
      return static_cast<int>(i) + 1;
    }
  }
  return std::nullopt;
}

/// One field of a ParseLocal format. False when `text` does not have it.
/// @param loose  one digit may stand for two ("4/1", syslog's "Nov  2"); not where fields touch each other
bool TakeField(char field, std::string_view& text, Parts& parts, bool loose = false) {
  const auto take = [&](std::size_t digits, int& into) {
    if (loose && digits == 2 && !text.empty() && text.front() == ' ') text.remove_prefix(1);
    const bool one = loose && digits == 2 && (text.size() < 2 || text[1] < '0' || text[1] > '9');
    const auto value = TakeDigits(text, one ? 1 : digits);
    if (value) into = *value;
    return value.has_value();
  };
  switch (field) {
    case 'Y':
      return take(4, parts.year);
    case 'm':
      return take(2, parts.month);
    case 'd':
      return take(2, parts.day);
    case 'H':
      return take(2, parts.hour);
    case 'M':
      return take(2, parts.minute);
    case 'S':
      return take(2, parts.second);
    case 'y': {
      if (!take(2, parts.year)) return false;
      parts.year += parts.year < 70 ? 2000 : 1900;
      return true;
    }
    case 'b': {
      const auto name = TakeMonthName(text);
      if (name) parts.month = *name;
      return name.has_value();
    }
    case 'f': {
      const auto micros = TakeFraction(text);
      if (micros) parts.micros = *micros;
      return micros.has_value();
    }
    default:
      return false;
  }
}

}  // namespace

std::string FormatUtc(TimePoint time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date{days};
  const std::chrono::hh_mm_ss clock{time - days};
  const auto micros = clock.subseconds().count();
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (micros % 1000 != 0) {
    text += fmt::format(".{:06}", micros);
  } else if (micros != 0) {
    text += fmt::format(".{:03}", micros / 1000);
  }
  text += 'Z';
  return text;
}

Result<TimePoint> ParseTime(std::string_view text) {
  const auto bad = [whole = std::string(text)] {
    return Fail(Code::kInvalidArgument, "time.bad", "time '{}' is not YYYY-MM-DDThh:mm:ss[.f] with Z or +hh:mm", whole);
  };
  Parts parts;
  for (const char field : {'Y', '-', 'm', '-', 'd', 'T', 'H', ':', 'M', ':', 'S'}) {
    const bool taken = std::isalpha(static_cast<unsigned char>(field)) && field != 'T' ? TakeField(field, text, parts)
                                                                                       : TakeChar(text, field);
    if (!taken) return bad();
  }
  if (TakeChar(text, '.') || TakeChar(text, ',')) {
    const auto micros = TakeFraction(text);
    if (!micros) return bad();
    parts.micros = *micros;
  }
  std::chrono::minutes offset{0};
  if (!TakeChar(text, 'Z')) {
    const int sign = text.starts_with('-') ? -1 : 1;
    if (!TakeChar(text, '+') && !TakeChar(text, '-')) return bad();
    const auto hours = TakeDigits(text, 2);
    TakeChar(text, ':');
    const auto minutes = TakeDigits(text, 2);
    if (!hours || !minutes) return bad();
    offset = std::chrono::minutes{sign * (*hours * 60 + *minutes)};
  }
  const auto time = Join(parts);
  if (!time || !text.empty()) return bad();
  return *time - offset;
}

Result<TimePoint> ParseLocal(std::string_view text, std::string_view format, std::chrono::minutes offset) {
  const std::string_view whole = text;
  Parts parts;
  bool after_field = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool field = format[i] == '%' && i + 1 < format.size();
    const bool taken = field ? TakeField(format[++i], text, parts, !after_field) : TakeChar(text, format[i]);
    after_field = field;
    if (!taken)
      return Fail(Code::kInvalidArgument, "time.bad", "time '{}' does not follow the format '{}'", whole, format);
  }
  const auto time = Join(parts);
  if (!time || !text.empty()) {
    return Fail(Code::kInvalidArgument, "time.bad", "time '{}' does not follow the format '{}'", whole, format);
  }
  return *time - offset;
}

Result<Duration> ParseDuration(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  struct Unit {
    std::string_view name;
    double micros;
  };
  constexpr std::array<Unit, 7> kUnits{
      {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 6e7}, {"min", 6e7}, {"h", 3.6e9}, {"d", 8.64e10}}};
  for (const Unit& known : kUnits) {
    const double micros = number * known.micros;
    if (error == std::errc{} && unit == known.name && std::abs(micros) < 9e18) {
      return Duration{static_cast<std::int64_t>(std::llround(micros))};
    }
  }
  return Fail(Code::kInvalidArgument, "time.bad_duration",
              "duration '{}' is not a number with a unit of us, ms, s, m, h or d (such as 10m)", text);
}

std::string FormatDuration(Duration duration) {
  const std::int64_t micros = duration.count();
  struct Unit {
    std::int64_t micros;
    std::string_view name;
  };
  constexpr std::array<Unit, 5> kUnits{
      {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "m"}, {1'000'000, "s"}, {1000, "ms"}}};
  for (const Unit& unit : kUnits) {
    if (micros != 0 && micros % unit.micros == 0) return fmt::format("{}{}", micros / unit.micros, unit.name);
  }
  return fmt::format("{}us", micros);
}

TimePoint WallClock::Now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

ScaledClock::ScaledClock(TimePoint epoch, double scale)
    : epoch_{epoch}, scale_{scale}, start_{std::chrono::steady_clock::now()} {}

TimePoint ScaledClock::Now() const {
  const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start_;
  return epoch_ + Duration{static_cast<std::int64_t>(passed.count() * scale_)};
}

}  // namespace bongsu
