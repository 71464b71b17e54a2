// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/codec.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ingest::Zone zone = *ingest::Zone::Load("+09:00");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)syslog::Decode(bytes, FromMicros(1'764'000'000'000'000), zone);
  syslog::Framer framer;
  framer.Feed(bytes.substr(0, size / 2));
  framer.Feed(bytes.substr(size / 2));
  for (;;) {
    const auto message = framer.Next();
    if (!message || !*message) break;
    if ((*message)->empty()) __builtin_trap();
  }
  (void)framer.Last();
  return 0;
}
