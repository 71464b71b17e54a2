// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Bytes and bits of chunks: little-endian, LEB128 numbers, bits from the lowest of each byte on.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bongsu::history {

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

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_{out} {}
  /// The lowest `bits` (0 to 64) of `number`.
  void Put(std::uint64_t number, unsigned bits) {
    if (bits == 0) return;
    if (bits < 64) number &= (std::uint64_t{1} << bits) - 1;
    held_ |= number << used_;
    if (used_ + bits < 64) {
      used_ += bits;
      return;
    }
    Spill(8);
    const unsigned taken = 64 - used_;
    held_ = taken < 64 ? number >> taken : 0;
    used_ = used_ + bits - 64;
  }
  /// Fills the last byte up with zeros.
  void Finish() {
    Spill((used_ + 7) / 8);
    held_ = 0;
    used_ = 0;
  }

 private:
  void Spill(unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out_ += static_cast<char>((held_ >> (8 * i)) & 0xFFU);
  }
  std::string& out_;
  std::uint64_t held_ = 0;
  unsigned used_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_{bytes} {}
  /// Zero, and ok() is false, past the end.
  std::uint64_t Get(unsigned bits) {
    if (bits == 0) return 0;
    if (at_ + bits > bytes_.size() * 8) {
      ok_ = false;
      return 0;
    }
    const std::size_t byte = at_ / 8;
    const auto shift = static_cast<unsigned>(at_ % 8);
    at_ += bits;
    std::uint64_t number = Load(byte) >> shift;
    if (shift + bits > 64) number |= std::uint64_t{static_cast<std::uint8_t>(bytes_[byte + 8])} << (64 - shift);
    return bits < 64 ? number & ((std::uint64_t{1} << bits) - 1) : number;
  }
  bool ok() const { return ok_; }

 private:
  std::uint64_t Load(std::size_t byte) const {
    std::uint64_t number = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&number, bytes_.data() + byte, bytes_.size() - byte < 8 ? bytes_.size() - byte : 8);
    } else {
      for (std::size_t i = 0; i < 8 && byte + i < bytes_.size(); ++i)
        number |= std::uint64_t{static_cast<std::uint8_t>(bytes_[byte + i])} << (8 * i);
    }
    return number;
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

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

}  // namespace bongsu::history
