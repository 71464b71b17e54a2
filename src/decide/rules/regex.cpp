// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/regex.hpp"

#include <re2/re2.h>

namespace bongsu::rules {

struct Regex::State {
  State(const std::string& pattern, const re2::RE2::Options& options) : re{pattern, options} {}
  re2::RE2 re;
};

Regex::Regex(std::unique_ptr<State> state) : state_{std::move(state)} {}
Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::Make(std::string_view pattern, Flags flags) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!flags.ignore_case);
  options.set_max_mem(1 << 20);
  std::string text;
  if (flags.multi_line) text += "(?m)";
  if (flags.dot_all) text += "(?s)";
  text += pattern;
  auto state = std::make_unique<State>(text, options);
  if (!state->re.ok()) {
    return Fail(Code::kInvalidArgument, "rules.bad_regex", "regular expression \"{}\": {}", pattern, state->re.error());
  }
  return std::shared_ptr<const Regex>(new Regex(std::move(state)));
}

bool Regex::Finds(std::string_view text) const {
  return re2::RE2::PartialMatch({text.data(), text.size()}, state_->re);
}

std::size_t Regex::bytes() const {
  return sizeof(State) + state_->re.pattern().size() + static_cast<std::size_t>(state_->re.ProgramSize()) * 16U;
}

}  // namespace bongsu::rules
