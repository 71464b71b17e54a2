// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Numbers in the keys of the state store: big-endian, so that keys are in the order of their numbers.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::store {

inline void PutNumber(std::string& out, std::uint64_t number, int bytes) {
  std::array<char, 8> text{};
  for (int i = bytes - 1; i >= 0; --i, number >>= 8U)
    text.at(static_cast<std::size_t>(i)) = static_cast<char>(number & 0xFFU);
  out.append(text.data(), static_cast<std::size_t>(bytes));
}

inline std::uint64_t GetNumber(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = (number << 8U) | static_cast<std::uint8_t>(c);
  return number;
}

}  // namespace bongsu::store
