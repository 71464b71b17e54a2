// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/text_pattern.hpp"

#include <algorithm>

namespace bongsu::rules {
namespace {

using Kind = TextPattern::Piece::Kind;

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void AddLetter(std::vector<TextPattern::Piece>& pieces, char letter) {
  if (pieces.empty() || pieces.back().kind != Kind::kLiteral) pieces.push_back({Kind::kLiteral, {}});
  pieces.back().literal += letter;
}

/// Length of the UTF-8 character at `text[at]`; 1 for a broken byte.
std::size_t CharacterLength(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

}  // namespace

std::string Fold(std::string_view text) {
  std::string out;
  FoldInto(text, out);
  return out;
}

void FoldInto(std::string_view text, std::string& out) {
  out.resize(text.size());
  std::transform(text.begin(), text.end(), out.begin(), Lower);
}

TextPattern TextPattern::FromSigma(std::string_view text) {
  TextPattern pattern;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (letter == '\\' && (next == '*' || next == '?' || next == '\\')) {
      AddLetter(pattern.pieces, next);
      ++at;
    } else if (letter == '*') {
      if (pattern.pieces.empty() || pattern.pieces.back().kind != Kind::kAny)
        pattern.pieces.push_back({Kind::kAny, {}});
    } else if (letter == '?') {
      pattern.pieces.push_back({Kind::kOne, {}});
    } else {
      AddLetter(pattern.pieces, letter);
    }
  }
  return pattern;
}

TextPattern TextPattern::FromLiteral(std::string_view text) {
  TextPattern pattern;
  if (!text.empty()) pattern.pieces.push_back({Kind::kLiteral, std::string(text)});
  return pattern;
}

void TextPattern::OpenFront() {
  if (pieces.empty() || pieces.front().kind != Kind::kAny) pieces.insert(pieces.begin(), Piece{Kind::kAny, {}});
}

void TextPattern::OpenEnd() {
  if (pieces.empty() || pieces.back().kind != Kind::kAny) pieces.push_back({Kind::kAny, {}});
}

TextPattern::Shape TextPattern::shape() const {
  const auto is = [&](std::initializer_list<Kind> kinds) {
    return std::ranges::equal(pieces, kinds, {}, &Piece::kind);
  };
  if (pieces.empty() || is({Kind::kLiteral})) return Shape::kExact;
  if (is({Kind::kAny})) return Shape::kAnything;
  if (is({Kind::kLiteral, Kind::kAny})) return Shape::kPrefix;
  if (is({Kind::kAny, Kind::kLiteral})) return Shape::kSuffix;
  if (is({Kind::kAny, Kind::kLiteral, Kind::kAny})) return Shape::kContains;
  return Shape::kGlob;
}

std::string_view TextPattern::Longest() const {
  std::string_view longest;
  for (const Piece& piece : pieces) {
    if (piece.literal.size() > longest.size()) longest = piece.literal;
  }
  return longest;
}

bool TextPattern::HasWildcards() const {
  return std::ranges::any_of(pieces, [](const Piece& piece) { return piece.kind != Kind::kLiteral; });
}

std::string TextPattern::ToText() const {
  std::string out;
  for (const Piece& piece : pieces) {
    if (piece.kind == Kind::kAny) out += '*';
    if (piece.kind == Kind::kOne) out += '?';
    out += piece.literal;
  }
  return out;
}

bool TextPattern::Fits(std::string_view text) const {
  // Greedy with one point of return: the last `*`. What follows it is tried one character further each time.
  std::size_t at = 0;
  std::size_t piece = 0;
  std::size_t star = pieces.size();
  std::size_t star_at = 0;
  while (true) {
    if (piece == pieces.size() && at == text.size()) return true;
    bool fits = false;
    if (piece < pieces.size()) {
      const Piece& want = pieces[piece];
      if (want.kind == Kind::kAny) {
        star = piece++;
        star_at = at;
        if (piece == pieces.size()) return true;
        continue;
      }
      if (want.kind == Kind::kOne) {
        fits = at < text.size();
        if (fits) at += CharacterLength(text, at);
      } else {
        fits = text.substr(at).starts_with(want.literal);
        if (fits) at += want.literal.size();
      }
    }
    if (fits) {
      ++piece;
      continue;
    }
    if (star == pieces.size() || star_at >= text.size()) return false;
    // A literal behind the star can only begin where it is found.
    const Piece& after = pieces[star + 1];
    std::size_t next = star_at + 1;
    if (after.kind == Kind::kLiteral) {
      next = text.find(after.literal, next);
      if (next == std::string_view::npos) return false;
    }
    star_at = at = next;
    piece = star + 1;
  }
}

}  // namespace bongsu::rules
