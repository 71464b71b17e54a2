// SPDX-License-Identifier: Apache-2.0
// Payloads of the journal: any bytes as an event or a finding are read or refused, and what is read is written the
// same.
#include <cstddef>
#include <cstdint>

#include "model/event.hpp"
#include "model/finding.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  model::Record record;
  record.payload.assign(reinterpret_cast<const char*>(data), size);  // NOLINT: libFuzzer's type
  record.kind = model::Kind::kEvent;
  if (const auto event = model::EventFromRecord(record)) {
    const model::Record written = model::ToRecord(*event, 16);
    const auto again = model::EventFromRecord(written);
    if (!again || model::ToRecord(*again, 16).payload != written.payload) __builtin_trap();
  }
  record.kind = model::Kind::kFinding;
  if (const auto finding = model::FindingFromRecord(record)) {
    const model::Record written = model::ToRecord(*finding, 16);
    const auto again = model::FindingFromRecord(written);
    if (!again || model::ToRecord(*again, 16).payload != written.payload) __builtin_trap();
  }
  return 0;
}
