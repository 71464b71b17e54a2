// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A regular expression whose time is linear in its input (RE2, POSIX syntax first, Perl classes allowed).

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::context {

class Pattern {
 public:
  /// @errors kInvalidArgument ngsi.BadRequestData
  static Result<Pattern> Make(std::string_view text);
  bool Found(std::string_view text) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace bongsu::context
