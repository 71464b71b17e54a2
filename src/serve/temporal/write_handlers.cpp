// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "know/history/change.hpp"
#include "know/history/chunk.hpp"
#include "know/history/tail.hpp"
#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/uri.hpp"
#include "serve/temporal/handlers.hpp"

namespace bongsu::temporal {
namespace {

using model::PatchOp;
using ngsi::BadData;

void Write(const TemporalHouse& house, const ExchangePtr& exchange, PatchOp op, const std::string& id,
           json::Value body) {
  house.service.Write(ngsi::RequestOf(*exchange, op, id, std::move(body)),
                      [exchange](const Result<context::WriteOutcome>& outcome) {
                        if (!outcome) return exchange->Refuse(outcome.error());
                        exchange->Answer(204);
                      });
}

/// True when there is a history of the entity.
Result<bool> Known(const store::StatePort& state, const store::EntityKey& key) {
  BONGSU_TRY(const auto head, state.EvolutionOf(key));
  if (!head || !head->cleared) return head.has_value();
  BONGSU_TRY(const auto series, state.SeriesOf(key));
  return !series.empty();
}

store::EntityKey KeyOf(const TemporalHouse& house, const ngsi::Exchange& exchange, const std::string& id) {
  return {model::PartitionOf(exchange.tenant(), id, house.live.partitions()), exchange.tenant(), id};
}

/// Writes what `prepare` makes of the history as it is.
void WriteKnown(
    const TemporalHouse& house, const ExchangePtr& exchange, PatchOp op, const std::string& id,
    const std::function<Result<json::Value>(const store::StatePort& state, const store::EntityKey& key)>& prepare) {
  ReadThenAnswer(
      house, exchange, id, [house, exchange, op, id, prepare](const store::StatePort& state) -> Result<Answer> {
        const store::EntityKey key = KeyOf(house, *exchange, id);
        BONGSU_TRY(const bool there, Known(state, key));
        if (!there) return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "there is no history of {}", id);
        BONGSU_TRY(json::Value body, prepare(state, key));
        return Answer{[house, exchange, op, id, body = std::move(body)] { Write(house, exchange, op, id, body); }};
      });
}

Result<std::string> AttributeOf(const ngsi::Exchange& exchange, const std::string& name) {
  if (name == "." || name == ".." || name.find('%') != std::string::npos || name == "type" || name == "id")
    return BadData("'{}' is no attribute name", name.substr(0, 80));
  return ngsi::ReadName(name, *exchange.context());
}

tl::unexpected<Error> NoInstance(std::string_view attribute, std::string_view instance) {
  return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "attribute {} has no instance {}", attribute,
              instance.substr(0, 120));
}

/// The series of the attribute that holds the instance.
Result<history::SeriesKey> SeriesWith(const store::StatePort& state, const store::EntityKey& key,
                                      const std::string& attribute, const std::string& urn) {
  const auto id = history::InstanceFromUrn(urn);
  if (!id || urn != history::InstanceUrn(key.partition, *id)) return NoInstance(attribute, urn);
  BONGSU_TRY(const auto all, state.SeriesOf(key));
  for (const auto& series : all) {
    if (series.attribute != attribute) continue;
    bool found = false;
    BONGSU_CHECK(state.ReadSeries(series, {}, [&](std::string_view bytes, bool sealed) -> Result<bool> {
      history::Head head;
      if (sealed) {
        BONGSU_TRY(head, history::DecodeHead(bytes));
      }
      if (head.summed && (id->recorded < head.recorded_from || id->recorded > head.recorded_to)) return true;
      BONGSU_TRY(const auto samples, history::DecodeRow(bytes));
      found = std::ranges::any_of(samples, [&](const history::Sample& sample) { return sample.id == *id; });
      return !found;
    }));
    if (found) return series;
  }
  return NoInstance(attribute, urn);
}

json::Value InstanceBody(const history::SeriesKey& series, const std::string& urn) {
  json::Value body = json::Object{{"attribute", series.attribute}, {"instanceId", urn}};
  if (!series.dataset.empty()) body.Set("datasetId", series.dataset);
  return body;
}

/// The one instance that the body of a PATCH has, bare or as the member of its attribute.
Result<json::Value> OneInstance(const ngsi::Exchange& exchange, const std::string& attribute) {
  if (context::KindFromName(exchange.body()["type"].AsString())) {
    json::Value instance = exchange.body();
    instance.Erase("@context");
    return ngsi::ReadAttribute(attribute, std::move(instance), *exchange.context(), ngsi::ReadMode::kTemporal);
  }
  BONGSU_TRY(const ngsi::ReadEntity body,
             ngsi::ReadEntityBody(exchange.body(), *exchange.context(), ngsi::ReadMode::kTemporal));
  const json::Value* given = body.body.Find(attribute);
  const bool one =
      given != nullptr && body.body.AsObject().size() == 1 && (given->IsObject() || given->AsArray().size() == 1);
  if (!one) return BadData("the body has one instance of attribute {} and nothing else", attribute);
  return given->IsArray() ? given->AsArray().front() : *given;
}

Result<void> CheckInstanceId(const std::string& instance) {
  if (!ngsi::IsUri(instance)) return BadData("instanceId: '{}' is no URI", instance.substr(0, 120));
  return {};
}

bool HasAttribute(const json::Value& body) {
  return std::ranges::any_of(body.AsObject(), [](const json::Member& m) { return !context::IsEntityMember(m.first); });
}

void Upsert(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id, json::Value body,
            bool creates) {
  house.service.Write(ngsi::RequestOf(*exchange, PatchOp::kTemporalUpsert, id, std::move(body)),
                      [exchange, id, creates](const Result<context::WriteOutcome>& outcome) {
                        if (!outcome) return exchange->Refuse(outcome.error());
                        if (!creates) return exchange->Answer(204);
                        exchange->Add("Location", "/ngsi-ld/v1/temporal/entities/" + id);
                        exchange->Answer(201);
                      });
}

}  // namespace

void CreateEvolution(const TemporalHouse& house, const ExchangePtr& exchange) {
  auto entity = ngsi::ReadEntityBody(exchange->TakeBody(), *exchange->context(), ngsi::ReadMode::kTemporal);
  if (!entity) return exchange->Refuse(entity.error());
  if (entity->id.empty()) return exchange->Refuse(BadData("an entity has an id").value());
  if (entity->body.Find("type") == nullptr) return exchange->Refuse(BadData("an entity has a type").value());
  // Created is the history (5.6.11), whether the entity is there or not.
  ReadThenAnswer(house, exchange, entity->id,
                 [house, exchange, id = entity->id,
                  body = std::move(entity->body)](const store::StatePort& state) -> Result<Answer> {
                   BONGSU_TRY(const bool there, Known(state, KeyOf(house, *exchange, id)));
                   return Answer{[house, exchange, id, body, there] { Upsert(house, exchange, id, body, !there); }};
                 });
}

void DeleteEvolution(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id) {
  WriteKnown(house, exchange, PatchOp::kTemporalDelete, id,
             [](const store::StatePort&, const store::EntityKey&) -> Result<json::Value> { return json::Value{}; });
}

void AddInstances(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id) {
  auto entity = ngsi::ReadEntityBody(exchange->TakeBody(), *exchange->context(), ngsi::ReadMode::kTemporal);
  if (!entity) return exchange->Refuse(entity.error());
  if (!entity->id.empty() && entity->id != id)
    return exchange->Refuse(BadData("the body is of {}, the address of {}", entity->id, id).value());
  if (!HasAttribute(entity->body) && entity->body.Find(history::kScope) == nullptr)
    return exchange->Refuse(BadData("the body has no attribute").value());
  WriteKnown(house, exchange, PatchOp::kTemporalAppend, id,
             [body = std::move(entity->body)](const store::StatePort&, const store::EntityKey&) -> Result<json::Value> {
               return body;
             });
}

void DeleteAttributeHistory(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                            const std::string& attribute) {
  const auto all = exchange->Flag("deleteAll");
  if (!all) return exchange->Refuse(all.error());
  const auto iri = attribute == history::kScope ? Result<std::string>{attribute} : AttributeOf(*exchange, attribute);
  if (!iri) return exchange->Refuse(iri.error());
  std::string dataset = exchange->Parameter("datasetId");
  if (!dataset.empty() && dataset != "@none" && !ngsi::IsUri(dataset))
    return exchange->Refuse(BadData("datasetId: '{}' is no URI", dataset.substr(0, 80)).value());
  if (dataset == "@none") dataset.clear();
  WriteKnown(house, exchange, PatchOp::kTemporalDeleteAttribute, id,
             [iri = *iri, dataset, all = *all](const store::StatePort& state,
                                               const store::EntityKey& key) -> Result<json::Value> {
               BONGSU_TRY(const auto series, state.SeriesOf(key));
               const bool there = std::ranges::any_of(series, [&](const history::SeriesKey& one) {
                 return one.attribute == iri && (all || one.dataset == dataset);
               });
               if (!there)
                 return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "there is no history of attribute {}", iri);
               json::Value body = json::Object{{"attribute", iri}};
               if (!dataset.empty()) body.Set("datasetId", dataset);
               if (all) body.Set("deleteAll", true);
               return body;
             });
}

void ReplaceInstance(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                     const std::string& attribute, const std::string& instance) {
  const auto iri = AttributeOf(*exchange, attribute);
  if (!iri) return exchange->Refuse(iri.error());
  if (const auto good = CheckInstanceId(instance); !good) return exchange->Refuse(good.error());
  const auto fresh = OneInstance(*exchange, *iri);
  if (!fresh) return exchange->Refuse(fresh.error());
  WriteKnown(house, exchange, PatchOp::kTemporalReplaceInstance, id,
             [iri = *iri, instance, fresh = *fresh](const store::StatePort& state,
                                                    const store::EntityKey& key) -> Result<json::Value> {
               BONGSU_TRY(const history::SeriesKey series, SeriesWith(state, key, iri, instance));
               json::Value body = InstanceBody(series, instance);
               json::Value said = fresh;
               said.Erase("datasetId");  // an instance stays in its series
               if (!series.dataset.empty()) said.Set("datasetId", series.dataset);
               body.Set("instance", std::move(said));
               return body;
             });
}

void DeleteInstance(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                    const std::string& attribute, const std::string& instance) {
  const auto iri = AttributeOf(*exchange, attribute);
  if (!iri) return exchange->Refuse(iri.error());
  if (const auto good = CheckInstanceId(instance); !good) return exchange->Refuse(good.error());
  WriteKnown(house, exchange, PatchOp::kTemporalDeleteInstance, id,
             [iri = *iri, instance](const store::StatePort& state, const store::EntityKey& key) -> Result<json::Value> {
               BONGSU_TRY(const history::SeriesKey series, SeriesWith(state, key, iri, instance));
               return InstanceBody(series, instance);
             });
}

}  // namespace bongsu::temporal
