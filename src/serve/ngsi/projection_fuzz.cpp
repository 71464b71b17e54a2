// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "serve/ngsi/projection.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto members = bongsu::ngsi::ParseMembers({reinterpret_cast<const char*>(data), size}, "pick");
  if (members && bongsu::ngsi::DepthOf(*members) > bongsu::ngsi::kMaxJoinLevel) __builtin_trap();
  return 0;
}
