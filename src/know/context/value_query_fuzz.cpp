// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as q, type selection and scopeQ, and evaluates what parses against one entity.
#include <cstddef>
#include <cstdint>

#include "know/context/patch.hpp"
#include "know/context/selection.hpp"

using namespace bongsu;

static std::unique_ptr<context::Entity> MakeEntity(context::Names& names) {
  std::unique_ptr<context::Entity> entity;
  const auto body = json::Parse(
      R"({"type":"x:T","scope":"/a/b","x:a":{"type":"Property","value":[1,"s",{"k":true}],"x:b":{"type":"Property","value":2}},
    "x:l":{"type":"LanguageProperty","languageMap":{"ko":"가","en":"a"}},"x:r":{"type":"Relationship","object":"urn:a:1"}})");
  context::ApplyPatch(entity, {model::PatchOp::kCreate, "urn:t:1", *body}, FromMicros(1), names);
  return entity;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static context::Names names;
  static const auto kEntity = MakeEntity(names);
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto expand = [](std::string_view name) { return "x:" + std::string(name); };
  if (const auto q = context::ValueQuery::Parse(text, {expand, {"x:a"}, true})) (void)q->Matches(*kEntity);
  if (const auto types = context::TypeQuery::Parse(text, expand)) (void)types->Matches(*kEntity);
  if (const auto scopes = context::ScopeQuery::Parse(text)) (void)scopes->Matches(*kEntity);
  return 0;
}
