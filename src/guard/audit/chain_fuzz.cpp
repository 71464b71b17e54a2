// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "guard/audit/chain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};  // NOLINT
  (void)bongsu::audit::ReadLink(text);
  (void)bongsu::audit::SealFromText(text);
  return 0;
}
