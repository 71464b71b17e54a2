// SPDX-License-Identifier: Apache-2.0
#include "serve/assets/search_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace bongsu::api {
namespace {

// Initial consonants in the order of the Unicode syllable block, as compatibility letters. Unicode 15, section 3.12.
constexpr std::array<std::string_view, 19> kInitials{"ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ",
                                                     "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"};
constexpr std::uint32_t kFirstSyllable = 0xAC00;
constexpr std::uint32_t kLastSyllable = 0xD7A3;
constexpr std::uint32_t kSyllablesAnInitial = 588;

/// Code point of a three-byte UTF-8 letter at the front; 0 for any other.
std::uint32_t ThreeByteLetter(std::string_view text) {
  if (text.size() < 3 || (static_cast<std::uint8_t>(text[0]) & 0xF0U) != 0xE0U) return 0;
  return ((static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[0])) & 0x0FU) << 12U) |
         ((static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[1])) & 0x3FU) << 6U) |
         (static_cast<std::uint8_t>(text[2]) & 0x3FU);
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string_view LastPart(std::string_view id) {
  const auto colon = id.rfind(':');
  return colon == std::string_view::npos ? id : id.substr(colon + 1);
}

}  // namespace

std::string Folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string Initials(std::string_view text) {
  const std::string folded = Folded(text);
  std::string out;
  for (std::string_view rest = folded; !rest.empty();) {
    const std::uint32_t letter = ThreeByteLetter(rest);
    if (letter >= kFirstSyllable && letter <= kLastSyllable) {
      out += kInitials[(letter - kFirstSyllable) / kSyllablesAnInitial];
      rest.remove_prefix(3);
    } else {
      out += rest.front();
      rest.remove_prefix(1);
    }
  }
  return out;
}

SearchText::SearchText(std::string_view typed) : folded{Folded(typed)} {
  initials = !folded.empty();
  for (std::string_view rest = folded; initials && !rest.empty(); rest.remove_prefix(3)) {
    const bool consonant = rest.size() >= 3 && std::ranges::find(kInitials, rest.substr(0, 3)) != kInitials.end();
    if (!consonant) initials = false;
    if (rest.size() < 3) break;
  }
}

int ScoreOf(const SearchText& text, std::string_view id, const model::LText& name, const model::LText& address) {
  const std::string_view wanted = text.folded;
  if (wanted.empty()) return 0;
  if (text.initials) {
    const std::string of_name = Initials(name.ko);
    if (std::string_view{of_name}.starts_with(wanted)) return 40;
    if (Contains(of_name, wanted)) return 30;
    return Contains(Initials(address.ko), wanted) ? 20 : 0;
  }
  const std::string ko = Folded(name.ko);
  const std::string en = Folded(name.en);
  const std::string whole_id = Folded(id);
  const auto short_id = LastPart(whole_id);
  if (whole_id == wanted || short_id == wanted || ko == wanted || en == wanted) return 100;
  if (short_id.starts_with(wanted)) return 80;
  if (std::string_view{ko}.starts_with(wanted) || std::string_view{en}.starts_with(wanted)) return 70;
  if (Contains(short_id, wanted) || Contains(ko, wanted) || Contains(en, wanted)) return 60;
  if (Contains(Folded(address.ko), wanted) || Contains(Folded(address.en), wanted)) return 50;
  return Contains(whole_id, wanted) ? 10 : 0;
}

}  // namespace bongsu::api
