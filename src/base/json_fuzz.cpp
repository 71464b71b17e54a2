// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};  // NOLINT
  const auto value = bongsu::json::Parse(text);
  if (value) {
    const auto again = bongsu::json::Parse(bongsu::json::ToString(*value));
    BONGSU_ASSERT(again && *again == *value);
  }
  return 0;
}
