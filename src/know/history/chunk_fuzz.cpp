// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>

#include "know/history/chunk.hpp"
#include "know/history/tail.hpp"

/// Bytes either do not decode, or what they say comes back after another encoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu::history;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  (void)DecodeHead(bytes);
  (void)DecodePoints(bytes);
  (void)DecodeRow(bytes);
  const auto samples = DecodeChunk(bytes);
  if (!samples) return 0;
  const auto again = DecodeChunk(EncodeChunk(*samples));
  if (!again || *again != *samples) std::abort();
  return 0;
}
