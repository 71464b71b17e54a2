// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "guard/sealing/attributes.hpp"

/// A declaration, a zero byte, the body of a change.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto cut = std::min(text.find('\0'), text.size());
  bongsu::sealing::PersonalAttributes declared;
  (void)declared.AddFile(text.substr(0, cut), "fuzz.yaml");
  auto body = bongsu::json::Parse(text.substr(std::min(cut + 1, text.size())));
  if (!body) return 0;
  bongsu::model::EntityPatch patch{bongsu::model::PatchOp::kMerge, "urn:x:1", *std::move(body)};
  const auto seal = [](bongsu::sealing::DataClass, const bongsu::sealing::Belongs&,
                       std::string_view) -> bongsu::Result<std::string> { return "~seal~"; };
  (void)declared.Seal(patch, {}, seal);
  return 0;
}
