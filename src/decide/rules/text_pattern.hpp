// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A Sigma string: letters, `*` for any run of characters, `?` for exactly one, `\` before one of them (or itself)
/// makes it a letter. Source: Sigma specification 2.1.0, "Escaping" and "Wildcards".

#include <string>
#include <string_view>
#include <vector>

namespace bongsu::rules {

/// ASCII letters in lower case; other bytes stay. Korean has no case, so this is what case-blind comparison needs here.
std::string Fold(std::string_view text);
void FoldInto(std::string_view text, std::string& out);

struct TextPattern {
  /// One piece: a literal, any one character, or any run.
  struct Piece {
    enum class Kind : std::uint8_t { kLiteral, kOne, kAny } kind = Kind::kLiteral;
    std::string literal;
  };
  enum class Shape : std::uint8_t { kExact, kPrefix, kSuffix, kContains, kGlob, kAnything };

  std::vector<Piece> pieces;

  static TextPattern FromSigma(std::string_view text);
  static TextPattern FromLiteral(std::string_view text);
  /// `*` at the front or the end, unless it is there.
  void OpenFront();
  void OpenEnd();

  Shape shape() const;
  /// The longest literal piece; empty when there is none.
  std::string_view Longest() const;
  bool HasWildcards() const;
  /// The pattern as Sigma text again.
  std::string ToText() const;
  /// Whether all of `text` fits. Linear in text times pieces.
  bool Fits(std::string_view text) const;
};

}  // namespace bongsu::rules
