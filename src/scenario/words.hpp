// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One line of a scenario, word by word; Korean words come out as the English ones they stand for.

#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"

namespace bongsu::scenario {

class Words {
 public:
  Words(std::string_view line, int number, std::string_view file) : rest_{line}, line_{number}, file_{file} {}

  std::string_view Word();
  /// Whether the next word is `word`, which is then read.
  bool Take(std::string_view word);
  std::string_view Rest();
  bool empty();
  /// Whether a number comes next.
  bool AtNumber();
  /// Whether a span of time comes next: "within" or a number.
  bool AtSpan() { return AtNumber() || Rest().starts_with("within"); }

  Result<int> Number();
  /// "15 s", "10 min", "2 h"
  Result<Duration> Span();
  /// "within 15 s", "15 초 안에"
  Result<Duration> Within();
  Result<Duration> TimeOfDay();
  /// "text between quotation marks"
  Result<std::string> Quoted();

  /// @errors kInvalidArgument scenario.bad_line (FILE:LINE)
  template <class... Args>
  tl::unexpected<Error> Bad(fmt::format_string<Args...> format, Args&&... args) const {
    return Fail(Code::kInvalidArgument, "scenario.bad_line", "{}:{}: {}", file_, line_,
                fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  void Skip();
  std::string_view rest_;
  int line_;
  std::string_view file_;
};

}  // namespace bongsu::scenario
