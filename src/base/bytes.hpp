// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Numbers and texts as bytes: LEB128, zigzag for signed ones, doubles little-endian. What state and history are kept
/// in.

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu {

inline std::uint64_t ZigZag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63);
}
inline std::int64_t UnZigZag(std::uint64_t number) {
  return static_cast<std::int64_t>((number >> 1U) ^ (~(number & 1U) + 1U));
}

inline void PutVarint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>((number & 0x7FU) | 0x80U);
    number >>= 7U;
  }
  out += static_cast<char>(number);
}
inline void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out += text;
}
inline void PutDouble(std::string& out, double number) {
  auto bits = std::bit_cast<std::uint64_t>(number);
  for (int i = 0; i < 8; ++i, bits >>= 8U) out += static_cast<char>(bits & 0xFFU);
}

/// Reads what the functions above wrote; after the first fault everything is zero and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t Varint() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return number;
    }
    Fail();
    return 0;
  }
  std::int64_t Signed() { return UnZigZag(Varint()); }
  std::string_view Take(std::size_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string_view Text() { return Take(Varint()); }
  /// A count of things of at least one byte each, so it cannot exceed what is left.
  std::size_t Count() {
    const auto count = Varint();
    if (count <= rest_.size()) return count;
    Fail();
    return 0;
  }
  std::uint8_t Byte() {
    const auto byte = Take(1);
    return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte[0]);
  }
  double Double() {
    const auto bytes = Take(8);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bits |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
    return std::bit_cast<double>(bits);
  }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace bongsu
