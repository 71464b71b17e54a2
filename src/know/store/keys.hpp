// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Numbers in the keys of the state store: big-endian, so that keys are in the order of their numbers.

#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::store {

inline void PutNumber(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
}

inline std::uint64_t GetNumber(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = (number << 8U) | static_cast<std::uint8_t>(c);
  return number;
}

}  // namespace bongsu::store
