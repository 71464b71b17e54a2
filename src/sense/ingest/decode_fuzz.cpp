// SPDX-License-Identifier: Apache-2.0
// Any bytes as a body: splitting and decoding answer or refuse, they never read past the end.
#include "sense/ingest/decode.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr const char* kTypes[] = {"application/json", "application/x-ndjson", "text/csv", "text/plain", ""};
  const auto rows = ingest::SplitBody(kTypes[data[0] % 5], text);
  ingest::FormatSpec spec;
  spec.format = static_cast<ingest::Format>(data[0] % 3);
  spec.columns = {"a", "b", "c"};
  if (rows) {
    for (const ingest::Row& row : *rows) (void)ingest::Decode(spec, row.bytes);
  }
  (void)ingest::FromBase64(text);
  if (ingest::FromBase64(ingest::ToBase64(text)).value() != text) __builtin_trap();
  return 0;
}
