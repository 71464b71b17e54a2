// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An IPv4 or IPv6 network.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bongsu::rules {

struct Cidr {
  std::array<std::uint8_t, 16> address{};  ///< IPv4 in the last four bytes of ::ffff:0:0/96.
  int bits = 0;                            ///< Leading bits that count, 0..128.

  /// "10.20.0.0/15", "fe80::/10", "127.0.0.1".
  static std::optional<Cidr> Parse(std::string_view text);
  /// Whether `text` is an address inside of the network.
  bool Contains(std::string_view text) const;
};

}  // namespace bongsu::rules
