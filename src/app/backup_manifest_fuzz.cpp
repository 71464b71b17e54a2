// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/backup_manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: libFuzzer's type
  (void)bongsu::app::ManifestFromText(bytes);
  // Behind a good hash, too.
  const std::string line{bytes.substr(0, bytes.find('\n'))};
  (void)bongsu::app::ManifestFromText(line + "\n" + bongsu::ToText(bongsu::HashParts({line})) + "\n");
  return 0;
}
