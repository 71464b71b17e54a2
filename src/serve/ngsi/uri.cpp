// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/uri.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "base/time.hpp"

namespace bongsu::ngsi {
namespace {

/// Next code point of valid UTF-8 (bodies were parsed as such; addresses may not be: then 0xFFFD).
std::uint32_t NextCodePoint(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
  if (size == 0 || size > text.size()) {
    text.remove_prefix(1);
    return 0xFFFD;
  }
  std::uint32_t code = size == 1 ? first : first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) code = (code << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  text.remove_prefix(size);
  return code;
}

/// White space, controls, direction marks, fillers, variation selectors, noncharacters: what looks like nothing.
bool IsInvisible(std::uint32_t code) {
  return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0xAD || code == 0x34F || code == 0x61C ||
         code == 0x115F || code == 0x1160 || code == 0x1680 || (code >= 0x180B && code <= 0x180F) ||
         (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
         (code >= 0x205F && code <= 0x206F) || code == 0x2800 || code == 0x3000 || code == 0x3164 ||
         (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF || code == 0xFFA0 || (code >= 0xFFF0 && code <= 0xFFFF) ||
         (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFEU) == 0xFFFE || (code >= 0xE0000 && code <= 0xE0FFF);
}

bool IsSchemeChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
}

bool IsWord(std::string_view text) {
  const auto letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<std::uint8_t>(c) >= 0x80;
  };
  return !text.empty() && letter(text.front()) && std::ranges::all_of(text, [&](char c) {
    return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

}  // namespace

bool IsUri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto scheme = text.substr(0, colon);
  if (std::isalpha(static_cast<unsigned char>(scheme.front())) == 0 || !std::ranges::all_of(scheme, IsSchemeChar))
    return false;
  for (auto rest = text; !rest.empty();) {
    const std::uint32_t code = NextCodePoint(rest);
    if (IsInvisible(code) ||
        (code < 0x80 && std::string_view{"<>\"{}|\\^`"}.find(static_cast<char>(code)) != std::string_view::npos))
      return false;
  }
  return true;
}

bool IsName(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return IsWord(text);
  if (text.substr(colon + 1).starts_with("//") || text.starts_with("urn:")) return IsUri(text);
  const auto suffix = text.substr(colon + 1);
  // A compact IRI may have a path behind its prefix: ngsi-ld:default-context/almostFull.
  return IsUri(text) && !suffix.empty();
}

bool IsDateTime(std::string_view text) {
  return text.size() >= 20 && text.ends_with('Z') && text[10] == 'T' && text.size() <= 27 &&
         ParseTime(text).has_value();
}

}  // namespace bongsu::ngsi
