// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include <xxhash.h>
#include <zlib.h>

namespace bongsu {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string Framed(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (const std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift);
    bytes += part;
  }
  return bytes;
}

}  // namespace

std::string ToText(Hash128 value) {
  std::string text(26, '0');
  for (std::size_t i = 26; i-- > 0;) {
    text[i] = kAlphabet[value.low & 31U];
    value.low = (value.low >> 5U) | (value.high << 59U);
    value.high >>= 5U;
  }
  return text;
}

Result<Hash128> HashFromText(std::string_view text) {
  Hash128 value;
  const auto bad = [text] {
    return Fail(Code::kInvalidArgument, "id.bad", "id '{}' is not 26 characters of base 32", text);
  };
  if (text.size() != 26 || text.front() > '7') return bad();
  for (const char letter : text) {
    const std::size_t digit = kAlphabet.find(letter);
    if (digit == std::string_view::npos) return bad();
    value.high = (value.high << 5U) | (value.low >> 59U);
    value.low = (value.low << 5U) | digit;
  }
  return value;
}

Hash128 HashParts(std::initializer_list<std::string_view> parts) {
  const std::string bytes = Framed(parts);
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::uint64_t Hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t Hash64Parts(std::initializer_list<std::string_view> parts) { return Hash64(Framed(parts)); }

std::uint32_t Crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));  // NOLINT: zlib's type
}

}  // namespace bongsu
