// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "guard/credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu::guard;
  const std::string_view text{reinterpret_cast<const char*>(data), size};  // NOLINT
  std::size_t seen = CookieOf(text, kSessionCookie).size();
  seen = std::max(seen, BearerOf(text).size());
  seen = std::max(seen, SubProtocolBearerOf(text).size());
  if (seen > kMaxCredential) __builtin_trap();
  (void)OriginHost(text);
  (void)IsLoopbackHost(text);
  return 0;
}
