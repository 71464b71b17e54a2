// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using model::PatchOp;

void WriteFragment(ContextService& service, const ExchangePtr& exchange, const std::string& id, PatchOp op,
                   ReadMode mode) {
  auto entity = ReadEntityBody(exchange->TakeBody(), *exchange->context(), mode);
  if (!entity) return exchange->Refuse(entity.error());
  if (!entity->id.empty() && entity->id != id)
    return exchange->Refuse(BadData("the body is of {}, the address of {}", entity->id, id).value());
  service.Write(RequestOf(*exchange, op, id, std::move(entity->body)),
                [exchange](Result<context::WriteOutcome> outcome) {
                  if (!outcome) return exchange->Refuse(outcome.error());
                  if (outcome->not_updated.empty()) return exchange->Answer(204);
                  exchange->Answer(207, UpdateResult(*outcome));
                });
}

/// IRI of the attribute in the address.
Result<std::string> AttributeOf(const Exchange& exchange, const std::string& name) {
  if (name == "." || name == ".." || name.find('%') != std::string::npos)
    return BadData("'{}' is no attribute name", name.substr(0, 80));
  if (name == "type" || name == "id" || name == "scope")
    return BadData("{} is no attribute that can be changed here", name);
  return ReadName(name, *exchange.context());
}

void WriteOne(ContextService& service, const ExchangePtr& exchange, const std::string& id, const std::string& name,
              PatchOp op, ReadMode mode) {
  const auto iri = AttributeOf(*exchange, name);
  if (!iri) return exchange->Refuse(iri.error());
  json::Value fragment = exchange->TakeBody();
  if (fragment.IsObject()) fragment.Erase("@context");
  auto attribute = ReadAttribute(*iri, std::move(fragment), *exchange->context(), mode);
  if (!attribute) return exchange->Refuse(attribute.error());
  json::Value body = json::Object{{*iri, std::move(*attribute)}};
  service.Write(RequestOf(*exchange, op, id, std::move(body)), [exchange](Result<context::WriteOutcome> outcome) {
    if (!outcome) return exchange->Refuse(outcome.error());
    exchange->Answer(204);
  });
}

}  // namespace

std::string UpdateResult(const context::WriteOutcome& outcome) {
  json::Writer out;
  out.Object().Key("updated").Array();
  for (const auto& name : outcome.updated) out.String(name);
  out.End().Key("notUpdated").Array();
  for (const auto& [name, why] : outcome.not_updated)
    out.Object().Key("attributeName").String(name).Key("reason").String(why).End();
  out.End().End();
  return out.Take();
}

void AppendAttributes(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  const auto options = exchange->Options({"noOverwrite"});
  if (!options) return exchange->Refuse(options.error());
  WriteFragment(service, exchange, id, options->empty() ? PatchOp::kAppend : PatchOp::kAppendNoOverwrite,
                ReadMode::kAppend);
}

void UpdateAttributes(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  WriteFragment(service, exchange, id, PatchOp::kUpdate, ReadMode::kUpdate);
}

void PatchAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                    const std::string& attribute) {
  WriteOne(service, exchange, id, attribute, PatchOp::kPartial, ReadMode::kPartial);
}

void ReplaceAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                      const std::string& attribute) {
  WriteOne(service, exchange, id, attribute, PatchOp::kReplaceAttribute, ReadMode::kAppend);
}

void DeleteAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                     const std::string& attribute) {
  const auto all = exchange->Flag("deleteAll");
  if (!all) return exchange->Refuse(all.error());
  json::Value body = json::Object{};
  if (attribute == "scope") {
    body.Set("attribute", "scope");
  } else {
    const auto iri = AttributeOf(*exchange, attribute);
    if (!iri) return exchange->Refuse(iri.error());
    body.Set("attribute", *iri);
  }
  const std::string dataset = exchange->Parameter("datasetId");
  if (!dataset.empty() && dataset != "@none" && !IsUri(dataset))
    return exchange->Refuse(BadData("datasetId: '{}' is no URI", dataset.substr(0, 80)).value());
  if (!dataset.empty()) body.Set("datasetId", dataset);
  if (*all) body.Set("deleteAll", true);
  service.Write(RequestOf(*exchange, PatchOp::kDeleteAttribute, id, std::move(body)),
                [exchange](Result<context::WriteOutcome> outcome) {
                  if (!outcome) return exchange->Refuse(outcome.error());
                  exchange->Answer(204);
                });
}

}  // namespace bongsu::ngsi
