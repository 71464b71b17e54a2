// SPDX-License-Identifier: Apache-2.0
#include "know/history/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/json.hpp"

namespace bongsu::history {
namespace {

constexpr std::size_t kMaxDigits = 18;
constexpr std::int64_t kExact = std::int64_t{1} << 53;  ///< Whole numbers up to it are doubles.

constexpr std::array kPowers{1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                             1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

/// digits and scale of a text that AppendDecimal writes again.
bool ReadDecimal(std::string_view text, Number& number) {
  std::string digits;
  std::size_t scale = 0;
  const auto point = text.find('.');
  digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    scale = text.size() - point - 1;
    digits += text.substr(point + 1);
    if (scale == 0 || scale >= kPowers.size() || digits.size() > kMaxDigits + 1) return false;
  }
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || rest != digits.data() + digits.size()) return false;
  std::string again;
  AppendDecimal(again, value, static_cast<unsigned>(scale));
  if (again != text) return false;
  number.decimal = true;
  number.digits = value;
  number.scale = static_cast<std::uint8_t>(scale);
  return true;
}

}  // namespace

std::optional<Number> ReadNumber(std::string_view text) {
  Number number;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
  if (error != std::errc{} || rest != text.data() + text.size() || !std::isfinite(number.value)) return std::nullopt;
  std::array<char, 32> again{};
  const auto end = std::to_chars(again.data(), again.data() + again.size(), number.value).ptr;
  number.shortest = std::string_view{again.data(), end} == text;
  ReadDecimal(text, number);
  if (!number.shortest && !number.decimal) return std::nullopt;
  return number;
}

std::optional<double> NumberIn(std::string_view json) {
  if (json.empty() || (json.front() != '-' && (json.front() < '0' || json.front() > '9'))) return std::nullopt;
  double value = 0;
  const auto [rest, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  if (error != std::errc{} || rest != json.data() + json.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void AppendDecimal(std::string& out, std::int64_t digits, unsigned scale) {
  while (scale > 0 && digits % 10 == 0) {
    digits /= 10;
    --scale;
  }
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), digits).ptr;
  std::string_view text{buffer.data(), end};
  if (scale == 0) {
    out += text;
    return;
  }
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  if (text.size() <= scale) {
    out += "0.";
    out.append(scale - text.size(), '0');
    out += text;
    return;
  }
  out += text.substr(0, text.size() - scale);
  out += '.';
  out += text.substr(text.size() - scale);
}

double DecimalValue(std::int64_t digits, unsigned scale) {
  // Both are doubles, so one division rounds once, as reading the text does.
  if (scale < kPowers.size() && digits <= kExact && digits >= -kExact)
    return static_cast<double>(digits) / kPowers.at(scale);
  std::string text;
  AppendDecimal(text, digits, scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace bongsu::history
