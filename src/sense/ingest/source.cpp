// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/source.hpp"

#include <algorithm>
#include <array>

namespace bongsu::ingest {

tl::unexpected<Error> BadSource(const SourceConfig& source, std::string_view why) {
  return Fail(Code::kInvalidArgument, "source.bad", "source '{}': {}", source.id, why);
}

json::Value Redacted(const SourceConfig& source) {
  SourceConfig copy = source;
  json::Value shown = config::Redacted(copy);
  for (const auto& [name, value] : source.options_shown.AsObject()) shown.Set(name, value);
  return shown;
}

Result<void> CheckSource(const SourceConfig& source, const MappingSet& mappings) {
  constexpr std::array<std::string_view, 4> kTrust{"official", "device", "person", "unverified"};
  if (source.id.empty() || source.id.size() > 128) return BadSource(source, "an id of 1 to 128 letters is wanted");
  if (std::ranges::find(kTrust, source.trust) == kTrust.end())
    return BadSource(source, "trust is official, device, person or unverified");
  if (source.dedupe < 0 || source.dedupe > 10'000'000) return BadSource(source, "dedupe is 0 to 10,000,000");
  if (auto zone = Zone::Load(source.zone); !zone) return BadSource(source, zone.error().message);
  if (source.mappings.empty()) return BadSource(source, "it has no mapping");
  for (const std::string& id : source.mappings) {
    if (!mappings.Find(id)) return BadSource(source, fmt::format("there is no mapping '{}'", id));
  }
  return {};
}

}  // namespace bongsu::ingest
