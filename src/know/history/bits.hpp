// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Bits of chunks, from the lowest of each byte on, little-endian.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bongsu::history {

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

}  // namespace bongsu::history
