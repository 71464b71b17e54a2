// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Matching what an operator types against names, addresses and ids: parts of words, without regard to case and blanks,
/// and Hangul initials (초성: ㅅㅈㅇㄱ finds 시장 입구).

#include <string>
#include <string_view>

#include "model/place.hpp"

namespace bongsu::api {

/// Lower case (ASCII), no blanks.
std::string Folded(std::string_view text);
/// The initial consonant of each Hangul syllable; everything else as Folded gives it.
std::string Initials(std::string_view text);

/// What was typed, made ready once.
struct SearchText {
  explicit SearchText(std::string_view typed);
  std::string folded;
  bool initials = false;  ///< Only Hangul consonants: matches initials.
};

/// 0: no match; higher is better: the exact id or name, then the beginning of a name or id, then a part of a name or
/// id, then a part of the address, then initials.
int ScoreOf(const SearchText& text, std::string_view id, const model::LText& name, const model::LText& address);

}  // namespace bongsu::api
