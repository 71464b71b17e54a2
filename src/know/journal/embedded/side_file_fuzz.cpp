// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "know/journal/embedded/side_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bongsu::journal::SideFile::Parse({reinterpret_cast<const char*>(data), size});  // NOLINT: libFuzzer's type
  return 0;
}
