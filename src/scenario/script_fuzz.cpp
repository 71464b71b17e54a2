// SPDX-License-Identifier: Apache-2.0
// Scenarios come from people's files: whatever the text, a script or a complaint.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scenario/script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bongsu::scenario::ReadScript({reinterpret_cast<const char*>(data), size}, "fuzz.city");
  return 0;
}
