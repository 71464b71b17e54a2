// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/expression.hpp"
#include "decide/rules/text_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu::rules;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (ParseCondition(text, {"a", "b1", "b2", "_c"})) return 0;
  const std::size_t half = size / 2;
  (void)TextPattern::FromSigma(text.substr(0, half)).Fits(text.substr(half));
  return 0;
}
