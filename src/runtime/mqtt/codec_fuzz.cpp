// SPDX-License-Identifier: Apache-2.0
#include "runtime/mqtt/codec.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto version = (data[0] & 1U) != 0 ? mqtt::Version::k5 : mqtt::Version::k311;
  mqtt::Reader reader{version, 4096};
  // In two pieces: what is not all there yet must wait.
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = bytes.size() / 2;
  for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    reader.Feed(part);
    for (;;) {
      const auto read = reader.Next();
      if (!read) break;
      const auto& packet = read.value();
      if (!packet) break;
      if (const auto* publish = std::get_if<mqtt::Publish>(&*packet)) {
        // What was read is written and read as the same.
        mqtt::Reader again{version, 1U << 16U};
        again.Feed(mqtt::Encode(*publish, version));
        const auto read_again = again.Next();
        if (!read_again) __builtin_trap();
        const auto& copy = read_again.value();
        if (!copy || std::get<mqtt::Publish>(*copy).payload != publish->payload) __builtin_trap();
      }
    }
  }
  return 0;
}
