// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/cidr.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace bongsu::rules {
namespace {

constexpr std::size_t kLongest = 46;  // INET6_ADDRSTRLEN

bool ReadAddress(std::string_view text, std::array<std::uint8_t, 16>& out, bool& v4) {
  if (text.empty() || text.size() >= kLongest) return false;
  std::array<char, kLongest> buffer{};
  std::memcpy(buffer.data(), text.data(), text.size());
  v4 = text.find(':') == std::string_view::npos;
  if (!v4) return inet_pton(AF_INET6, buffer.data(), out.data()) == 1;
  out = {};
  out[10] = out[11] = 0xFF;
  return inet_pton(AF_INET, buffer.data(), out.data() + 12) == 1;
}

}  // namespace

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  Cidr net;
  const std::size_t slash = text.find('/');
  bool v4 = false;
  if (!ReadAddress(text.substr(0, slash), net.address, v4)) return std::nullopt;
  const int most = v4 ? 32 : 128;
  int bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() || bits < 0 || bits > most) return std::nullopt;
  }
  net.bits = v4 ? bits + 96 : bits;
  return net;
}

bool Cidr::Contains(std::string_view text) const {
  std::array<std::uint8_t, 16> other{};
  bool v4 = false;
  if (!ReadAddress(text, other, v4)) return false;
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address.data(), other.data(), whole) != 0) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return (address[whole] & mask) == (other[whole] & mask);
}

}  // namespace bongsu::rules
