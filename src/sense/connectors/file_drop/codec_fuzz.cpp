// SPDX-License-Identifier: Apache-2.0
// Any bytes as pattern, name and content: refused or read, never past the end.
#include "sense/connectors/file_drop/codec.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string::size_type line = text.find('\n');
  if (const auto pattern = file_drop::NamePattern::Parse(text.substr(0, line))) {
    const auto number = pattern->NumberOf(line == std::string::npos ? text : text.substr(line + 1));
    if (number && *number > 999'999'999'999'999'999U) __builtin_trap();
  }
  constexpr const char* kTypes[] = {"application/x-ndjson", "text/csv", "application/json"};
  const auto rows = file_drop::Rows(kTypes[data[0] % 3], data[0] % 2 == 0, text);
  if (rows && rows->size() > ingest::kMaxRows) __builtin_trap();
  return 0;
}
