// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A number by its text. 21.50 and 21.5 are two texts; what is stored must come back as it was written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::history {

struct Number {
  double value = 0;
  bool decimal = false;     ///< The text is `digits` / 10^`scale` without trailing zeros.
  std::int64_t digits = 0;  ///< Only when decimal.
  std::uint8_t scale = 0;   ///< Only when decimal; at most 17.
  bool shortest = false;    ///< The text is the shortest one of `value`: the double alone gives it back.
};

/// Nothing when the text is no number that either form gives back exactly ("21.50", "1e5").
std::optional<Number> ReadNumber(std::string_view text);

/// The double of a JSON number, however it is written; nothing when `json` is another value.
std::optional<double> NumberIn(std::string_view json);

/// Appends digits / 10^scale without trailing zeros.
void AppendDecimal(std::string& out, std::int64_t digits, unsigned scale);
/// The double that a JSON reader makes of digits / 10^scale.
double DecimalValue(std::int64_t digits, unsigned scale);

}  // namespace bongsu::history
