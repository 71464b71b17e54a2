// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)bongsu::safety_net::DecodeAuth(bytes);
  (void)bongsu::safety_net::DecodeEvent(bytes);
  return 0;
}
