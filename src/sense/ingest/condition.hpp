// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A condition on a message: {path: /kind, equals: x} and its kin (docs/formats/mapping.md section 3).

#include <memory>
#include <string>
#include <vector>

#include "sense/ingest/reference.hpp"

namespace re2 {
class RE2;
}

namespace bongsu::ingest {

using Pattern = std::shared_ptr<const re2::RE2>;

/// Compiles an RE2 pattern with a memory bound.
/// @errors kInvalidArgument mapping.bad_pattern
Result<Pattern> CompilePattern(std::string_view file, const yaml::Node& node);
/// Searches `text`; true fills `groups` with the named groups that took part.
bool SearchPattern(const Pattern& pattern, std::string_view text, Groups* groups);

class Condition {
 public:
  /// Reads `path` and one test out of `map`; other keys are the caller's business.
  static Result<Condition> Load(std::string_view file, const yaml::Node& map);
  bool Holds(const Scope& scope) const;

 private:
  enum class Test : std::uint8_t { kEquals, kNot, kExists, kMatches, kAtLeast, kBelow };
  Reference reference_;
  Test test_ = Test::kExists;
  std::vector<std::string> texts_;
  double number_ = 0;
  bool exists_ = true;
  Pattern pattern_;
};

/// All of them.
struct Conditions {
  std::vector<Condition> all;
  /// Reads `where: [...]` or the single condition written into `map` itself.
  static Result<Conditions> Load(std::string_view file, const yaml::Node& map);
  bool Hold(const Scope& scope) const;
};

/// Keys that Conditions::Load reads.
#define BONGSU_CONDITION_KEYS "where", "path", "equals", "in", "not", "exists", "matches", "at_least", "below"

}  // namespace bongsu::ingest
