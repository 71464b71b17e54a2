// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "know/desk/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: libFuzzer's type
  const auto checkpoint = bongsu::desk::DecodeCheckpoint(bytes);
  if (checkpoint && bongsu::desk::EncodeCheckpoint(*checkpoint) != bytes) __builtin_trap();
  // What lies behind a good checksum is reached, too.
  if (size < 16) return 0;
  bongsu::desk::Checkpoint made;
  made.seq = data[0];
  made.sections.push_back({std::string(bytes.substr(0, data[0] % size)), std::string(bytes)});
  const auto read = bongsu::desk::DecodeCheckpoint(bongsu::desk::EncodeCheckpoint(made));
  if (!read || read->sections != made.sections) __builtin_trap();
  return 0;
}
