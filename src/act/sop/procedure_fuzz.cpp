// SPDX-License-Identifier: Apache-2.0
// Procedures come from people's files: whatever the text, a procedure or a complaint.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "act/sop/procedure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bongsu::sop::ParseProcedure({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  return 0;
}
