// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/yaml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto documents = bongsu::yaml::ParseAll({reinterpret_cast<const char*>(data), size}, "fuzz");  // NOLINT
  if (documents) {
    for (const auto& document : *documents) bongsu::yaml::ToJson(document);
  }
  return 0;
}
