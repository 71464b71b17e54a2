// SPDX-License-Identifier: Apache-2.0
// Client bodies in every mode, folded and written again in every representation; @context, Accept and Link headers.
#include <cstddef>
#include <cstdint>

#include "know/context/patch.hpp"
#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/exchange.hpp"
#include "serve/ngsi/representation.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  (void)ngsi::ChooseMedia(text, true);
  (void)ngsi::ContextLink(text);
  const auto body = json::Parse(text);
  if (!body) return 0;
  static const ngsi::LdContexts kContexts;
  auto context = ngsi::LdContext::Core();
  if (const json::Value* given = body->Find("@context")) {
    auto resolved = kContexts.Resolve(*given);
    if (resolved) context = *resolved;
  }
  context::Names names;
  std::unique_ptr<context::Entity> entity;
  for (const auto mode : {ngsi::ReadMode::kEntity, ngsi::ReadMode::kReplace, ngsi::ReadMode::kAppend,
                          ngsi::ReadMode::kUpdate, ngsi::ReadMode::kMerge, ngsi::ReadMode::kTemporal}) {
    auto read = ngsi::ReadEntityBody(*body, *context, mode);
    if (!read) continue;
    auto op = mode == ngsi::ReadMode::kMerge ? model::PatchOp::kMerge : model::PatchOp::kUpsert;
    if (mode == ngsi::ReadMode::kTemporal) op = model::PatchOp::kTemporalUpsert;
    context::ApplyPatch(entity, {op, "urn:a:1", std::move(read->body)}, FromMicros(1), names);
  }
  (void)ngsi::ReadAttribute("https://uri.etsi.org/ngsi-ld/location", *body, *context, ngsi::ReadMode::kPartial);
  if (!entity) return 0;
  for (const auto format : {ngsi::Format::kNormalized, ngsi::Format::kConcise, ngsi::Format::kSimplified}) {
    ngsi::Representation as;
    as.context = context;
    as.format = format;
    as.system_times = format == ngsi::Format::kConcise;
    as.geojson = format == ngsi::Format::kSimplified;
    as.geometry_property = "https://uri.etsi.org/ngsi-ld/location";
    as.language = "ko,en;q=0.5";
    std::string out;
    if (ngsi::AppendEntity(out, *entity, as)) BONGSU_ASSERT(json::Parse(out).has_value());
  }
  return 0;
}
