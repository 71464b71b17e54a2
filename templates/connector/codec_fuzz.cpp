// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/@NAME@/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bongsu::@NAME@::Decode({reinterpret_cast<const char*>(data), size});
  return 0;
}
