// SPDX-License-Identifier: Apache-2.0
// Agencies come from people's files: whatever the text, peers or a complaint.
#include <cstddef>
#include <cstdint>

#include "act/dispatch/peer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto root = bongsu::yaml::Parse({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (root) (void)bongsu::dispatch::ParsePeers(*root, "fuzz.yaml", "http://127.0.0.1:1");
  return 0;
}
