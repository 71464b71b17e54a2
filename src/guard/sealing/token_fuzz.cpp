// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "guard/sealing/token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto same = [](const bongsu::sealing::Token& token) { return bongsu::sealing::ToText(token); };
  const std::string once = bongsu::sealing::ReplaceTokens(text, same);
  if (bongsu::sealing::ReplaceTokens(once, same) != once) std::abort();
  bongsu::sealing::Masked(bongsu::sealing::Shortened(text));
  return 0;
}
