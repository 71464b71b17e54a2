// SPDX-License-Identifier: Apache-2.0
// Any text as a mapping, and any text as a message for a mapping that loads.
#include "sense/ingest/decode.hpp"
#include "sense/ingest/mapping.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  const auto node = yaml::Parse(text.substr(0, cut), "f");
  if (!node) return 0;
  const auto mapping = ingest::Mapping::Load(*node, "f");
  if (!mapping || cut == std::string_view::npos) return 0;
  const auto document = ingest::Decode(mapping->format(), text.substr(cut + 1));
  if (!document) return 0;
  ingest::Scope scope;
  scope.message = scope.root = &*document;
  scope.topic = "a/b/c";
  ingest::Groups groups;
  if (!mapping->Matches(scope, groups)) return 0;
  scope.groups = &groups;
  (void)mapping->Apply(scope, {});
  return 0;
}
