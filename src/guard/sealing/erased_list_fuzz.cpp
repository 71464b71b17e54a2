// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "guard/sealing/erased_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu::sealing;  // NOLINT(google-build-using-namespace)
  const auto keys = ReadErasedList({reinterpret_cast<const char*>(data), size}, "one");
  if (!keys) return 0;
  std::string text;
  for (const auto& [id, key] : *keys) text += LineOf(id, key, "one");
  const auto again = ReadErasedList(text, "one");
  if (!again || again->size() != keys->size()) std::abort();
  return 0;
}
