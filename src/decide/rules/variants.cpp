// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/variants.hpp"

#include <array>
#include <cctype>
#include <cstdint>

namespace bongsu::rules {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::string_view, 5> kDashes{"-", "/", "\u2013", "\u2014", "\u2015"};
constexpr std::size_t kMaxDashes = 3;

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Code point at `at`, which moves on; a broken byte stands for itself.
std::uint32_t NextCodePoint(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at);
  const std::size_t more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if (more == 0 || at + more >= text.size()) return byte(at++);
  std::uint32_t point = first & (0x3FU >> more);
  for (std::size_t i = 1; i <= more; ++i) point = (point << 6U) | (byte(at + i) & 0x3FU);
  at += more + 1;
  return point;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      three = (three << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool pad = at + i > bytes.size();
      out += pad ? '=' : kAlphabet[(three >> (18U - 6U * static_cast<std::uint32_t>(i))) & 0x3FU];
    }
  }
  return out;
}

std::vector<std::string> Base64Offsets(std::string_view bytes) {
  // Letters that depend on neighbours of `bytes` are cut: at the front by offset, at the back by what is left over.
  constexpr std::array<std::size_t, 3> kFront{0, 2, 3};
  constexpr std::array<std::size_t, 3> kBack{0, 3, 2};
  std::vector<std::string> out;
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string text = Base64(std::string(offset, ' ') + std::string(bytes));
    const std::size_t end = text.size() - kBack[(bytes.size() + offset) % 3];
    if (end > kFront[offset]) out.push_back(text.substr(kFront[offset], end - kFront[offset]));
  }
  return out;
}

std::string Utf16(std::string_view utf8, bool big_endian) {
  std::string out;
  const auto unit = [&](std::uint32_t value) {
    const char low = static_cast<char>(value & 0xFFU);
    const char high = static_cast<char>(value >> 8U);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const std::uint32_t point = NextCodePoint(utf8, at);
    if (point < 0x10000) {
      unit(point & 0xFFFFU);
    } else {
      unit(0xD800U + (((point - 0x10000U) >> 10U) & 0x3FFU));
      unit(0xDC00U + ((point - 0x10000U) & 0x3FFU));
    }
  }
  return out;
}

std::vector<std::string> WindowsDashes(std::string_view text) {
  std::vector<std::string> forms{""};
  std::size_t dashes = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = text[at] == '-' || text[at] == '/';
    const bool begins_word = (at == 0 || !IsWord(text[at - 1])) && at + 1 < text.size() && IsWord(text[at + 1]);
    if (!dash || !begins_word || ++dashes > kMaxDashes) {
      for (std::string& form : forms) form += text[at];
      continue;
    }
    std::vector<std::string> more;
    for (const std::string& form : forms) {
      for (const std::string_view variant : kDashes) more.push_back(form + std::string(variant));
    }
    forms = std::move(more);
  }
  return forms;
}

}  // namespace bongsu::rules
