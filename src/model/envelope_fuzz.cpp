// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "model/envelope.hpp"

/// Bytes either are refused or read back as the very same bytes (the reserved field is zero or refused).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: libFuzzer's type
  (void)model::FirstEnvelopeLength(bytes);
  for (const bool mend : {false, true}) {
    std::string input = bytes;
    if (mend && input.size() >= model::kEnvelopeHeaderBytes) {  // reach what lies behind the checksum
      const auto length = static_cast<std::uint32_t>(input.size());
      for (std::size_t i = 0; i < 4; ++i) input[i] = static_cast<char>((length >> (8U * i)) & 0xFFU);
      const std::uint32_t crc = Crc32(std::string_view(input).substr(8));
      for (std::size_t i = 0; i < 4; ++i) input[4 + i] = static_cast<char>((crc >> (8U * i)) & 0xFFU);
    }
    const auto record = model::DecodeEnvelope(input);
    if (!record) continue;
    std::string again;
    if (!model::EncodeEnvelope(again, *record) || again != input) std::abort();
  }
  return 0;
}
