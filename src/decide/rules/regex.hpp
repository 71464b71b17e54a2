// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A regular expression of a rule: RE2, linear in the text, so no rule can stall a shard.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::rules {

class Regex {
 public:
  struct Flags {
    bool ignore_case = false;
    bool multi_line = false;
    bool dot_all = false;
  };
  /// @errors kInvalidArgument rules.bad_regex (look-around and back references are not in RE2)
  static Result<std::shared_ptr<const Regex>> Make(std::string_view pattern, Flags flags);
  ~Regex();

  /// Searches: finds the pattern anywhere in `text`.
  bool Finds(std::string_view text) const;
  std::size_t bytes() const;  ///< Rough size in memory.

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::rules
