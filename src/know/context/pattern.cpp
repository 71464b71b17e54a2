// SPDX-License-Identifier: Apache-2.0
#include "know/context/pattern.hpp"

#include <re2/re2.h>

namespace bongsu::context {

struct Pattern::State {
  explicit State(std::string_view text, const RE2::Options& options)
      : regex{re2::StringPiece{text.data(), text.size()}, options} {}
  RE2 regex;
};

Result<Pattern> Pattern::Make(std::string_view text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto state = std::make_shared<State>(text, options);
  if (!state->regex.ok()) {
    return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "pattern '{}': {}", text.substr(0, 80),
                state->regex.error());
  }
  Pattern pattern;
  pattern.state_ = std::move(state);
  return pattern;
}

bool Pattern::Found(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, state_->regex);
}

}  // namespace bongsu::context
