// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/zone.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zone = bongsu::ingest::Zone::FromTzif({reinterpret_cast<const char*>(data), size});
  if (zone) (void)zone->ToUtc(bongsu::FromMicros(1'700'000'000'000'000));
  return 0;
}
