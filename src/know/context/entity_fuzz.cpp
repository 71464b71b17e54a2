// SPDX-License-Identifier: Apache-2.0
// Stored entity bytes, and changes of the journal applied to what decodes.
#include <cstddef>
#include <cstdint>

#include "know/context/context.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  context::Names names;
  auto entity = context::Decode(bytes, names);
  if (entity) {
    BONGSU_ASSERT(context::Decode(context::Encode(*entity), names).has_value());
    context::Context live;
    entity->id = "urn:a:1";
    auto again = context::Decode(context::Encode(*entity), live.names());
    live.Load(std::move(*again));
  }
  context::Context live;
  model::Record record;
  record.kind = model::Kind::kEntity;
  record.payload = bytes;
  for (std::uint64_t seq = 1; seq < 3; ++seq) {
    record.position = {0, seq};
    record.ingest_time = FromMicros(static_cast<std::int64_t>(seq));
    live.Apply(record);
  }
  return 0;
}
