// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Names of 128 bits. On the wire and on screen: 26 characters of Crockford's base 32, like a ULID.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  constexpr Hash128() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a small number is a readable name in tests.
  constexpr Hash128(std::uint64_t number) : low{number} {}
  constexpr Hash128(std::uint64_t high_bits, std::uint64_t low_bits) : high{high_bits}, low{low_bits} {}

  friend constexpr auto operator<=>(const Hash128&, const Hash128&) = default;
  constexpr bool IsZero() const { return high == 0 && low == 0; }
};

/// 26 characters, upper case, digits and letters without I, L, O, U; sorts as the number does.
std::string ToText(Hash128 value);
/// @errors kInvalidArgument id.bad
Result<Hash128> HashFromText(std::string_view text);

/// XXH3 of the parts, each preceded by its length, so ("ab","c") differs from ("a","bc").
Hash128 HashParts(std::initializer_list<std::string_view> parts);
std::uint64_t Hash64(std::string_view bytes);
/// 64 bit of the parts with their lengths: the partition hash of architecture D4.
std::uint64_t Hash64Parts(std::initializer_list<std::string_view> parts);
/// CRC-32 (ISO-HDLC) of `bytes`.
std::uint32_t Crc32(std::string_view bytes);

/// The name of one kind of thing: Id<struct AlarmTag>.
template <class Tag>
struct Id {
  Hash128 value{};
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

template <class Tag>
std::string ToText(Id<Tag> id) {
  return ToText(id.value);
}

}  // namespace bongsu

template <>
struct std::hash<bongsu::Hash128> {
  std::size_t operator()(const bongsu::Hash128& value) const noexcept {
    return value.high ^ (value.low * 0x9E3779B97F4A7C15ULL);
  }
};
template <class Tag>
struct std::hash<bongsu::Id<Tag>> {
  std::size_t operator()(const bongsu::Id<Tag>& id) const noexcept { return std::hash<bongsu::Hash128>{}(id.value); }
};
/// {} only. Written out so that fmt/core.h is enough for whoever prints an id.
template <>
struct fmt::formatter<bongsu::Hash128> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const bongsu::Hash128& value, Context& context) const {
    const std::string text = bongsu::ToText(value);
    return std::copy(text.begin(), text.end(), context.out());
  }
};
