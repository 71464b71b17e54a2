// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/request_query.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using model::PatchOp;

/// Reads the body of an operation on one entity; the body's id, when given, must be the address's.
Result<json::Value> BodyFor(Exchange& exchange, const std::string& id, ReadMode mode) {
  BONGSU_TRY(ReadEntity entity, ReadEntityBody(exchange.TakeBody(), *exchange.context(), mode));
  if (!entity.id.empty() && entity.id != id) return BadData("the body is of {}, the address of {}", entity.id, id);
  return std::move(entity.body);
}

void AnswerNoContent(const ExchangePtr& exchange, const Result<context::WriteOutcome>& outcome) {
  if (!outcome) return exchange->Refuse(outcome.error());
  exchange->Answer(204);
}

/// A simplified merge keeps the kind of what is stored: "x" becomes the object of a Relationship, a text in a language
/// map …
Result<void> TakeStoredKinds(const context::Entity* entity, model::EntityPatch& patch, const std::string& language) {
  for (auto& [name, instance] : patch.body.MutableObject()) {
    const context::Attribute* there = entity != nullptr ? entity->Find(name) : nullptr;
    if (there == nullptr || !instance.IsObject() || instance["type"].AsString() == context::KindName(there->kind))
      continue;
    if (context::IsDeletion(instance)) continue;
    json::Value value = instance["value"];
    switch (there->kind) {
      case context::AttributeKind::kRelationship:
        if (!value.IsString() || !IsUri(value.AsString()))
          return BadData("attribute {}: a Relationship is merged with a URI", name);
        break;
      case context::AttributeKind::kLanguageProperty:
        if (!value.IsString()) return BadData("attribute {}: a LanguageProperty is merged with a text", name);
        value = json::Object{{language.empty() ? "@none" : language, value}};
        break;
      case context::AttributeKind::kListProperty:
        if (!value.IsArray()) return BadData("attribute {}: a ListProperty is merged with an array", name);
        break;
      case context::AttributeKind::kProperty:
        break;
      default:
        return BadData("attribute {} is a {} and cannot be merged in simplified form", name,
                       context::KindName(there->kind));
    }
    json::Value typed = json::Object{{"type", context::KindName(there->kind)},
                                     {std::string(context::ValueMember(there->kind)), std::move(value)}};
    instance = std::move(typed);
  }
  return {};
}

/// observedAt=… refreshes attributes that carry one already.
void RefreshObservedAt(const context::Entity* entity, model::EntityPatch& patch, const std::string& observed_at) {
  for (auto& [name, instance] : patch.body.MutableObject()) {
    const context::Attribute* there = entity != nullptr ? entity->Find(name) : nullptr;
    if (there == nullptr || !instance.IsObject() || instance.Find("observedAt") != nullptr) continue;
    const auto stored = json::Parse(there->json);
    if (stored && stored->Find("observedAt") != nullptr) instance.Set("observedAt", observed_at);
  }
}

Error NotThere(bool there, const std::string& id) {
  const char* const why = there ? "entity {} has nothing of what was asked for" : "there is no entity {}";
  return {Code::kNotFound, "ngsi.ResourceNotFound", fmt::format(fmt::runtime(why), id)};
}

/// One entity with those it links to: an object (inline) or an array (flat).
void RetrieveJoined(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                    const std::optional<context::TypeQuery>& type, const Representation& representation,
                    const Join& join) {
  const auto as = std::make_shared<const Representation>(representation);
  const std::size_t owner = service.OwnerOf(exchange->tenant(), id);
  service.On(owner, [&service, exchange, owner, id, type, as, join] {
    const context::Entity* entity = service.context(owner).Find(exchange->tenant(), id);
    if (entity == nullptr || entity->expires <= as->now || (type && !type->Matches(*entity)))
      return exchange->Refuse(NotThere(false, id));
    Render(service, {id}, {exchange->tenant(), as, join, service.query_limits().memory_bytes},
           [exchange, id, join, geo = as->geojson](Result<std::vector<std::string>> entities) {
             if (!entities) return exchange->Refuse(entities.error());
             if (entities->empty()) return exchange->Refuse(NotThere(true, id));
             // Flat, an entity that links to nothing that is here stands alone too.
             if (join.mode == Join::Mode::kInline || entities->size() == 1)
               return exchange->AnswerData(200, std::move(entities->front()));
             const std::string list = fmt::format("[{}]", fmt::join(*entities, ","));
             exchange->AnswerData(200, geo ? R"({"type":"FeatureCollection","features":)" + list + "}" : list);
           });
  });
}

}  // namespace

context::WriteRequest RequestOf(const Exchange& exchange, model::PatchOp op, std::string id, json::Value body) {
  context::WriteRequest request{exchange.tenant(), exchange.caller().id, {}, {op, std::move(id), std::move(body)}, {}};
  if (exchange.HasParameter("type")) request.type = exchange.context()->Expand(exchange.Parameter("type"));
  return request;
}

void CreateEntity(ContextService& service, const ExchangePtr& exchange) {
  auto entity = ReadEntityBody(exchange->TakeBody(), *exchange->context(), ReadMode::kEntity);
  if (!entity) return exchange->Refuse(entity.error());
  const std::string id = entity->id;
  service.Write(RequestOf(*exchange, PatchOp::kCreate, id, std::move(entity->body)),
                [exchange, id](Result<context::WriteOutcome> outcome) {
                  if (!outcome) return exchange->Refuse(outcome.error());
                  exchange->Add("Location", "/ngsi-ld/v1/entities/" + id);
                  exchange->Answer(201);
                });
}

void RetrieveEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  if (const auto built = RefuseNotBuilt(*exchange); !built) return exchange->Refuse(built.error());
  const TimePoint now = service.now();
  auto representation = ReadRepresentation(*exchange, now);
  if (!representation) return exchange->Refuse(representation.error());
  const auto type = ReadTypeFilter(*exchange);
  if (!type) return exchange->Refuse(type.error());
  const auto join = ReadJoin(*exchange, *representation);
  if (!join) return exchange->Refuse(join.error());
  if (join->mode != Join::Mode::kNone) return RetrieveJoined(service, exchange, id, *type, *representation, *join);
  const std::size_t owner = service.OwnerOf(exchange->tenant(), id);
  service.On(owner, [&service, exchange, owner, id, now, type = *type, as = std::move(*representation)]() mutable {
    auto show = [exchange, id, now, type = std::move(type),
                 as = std::move(as)](const Result<const context::Entity*>& read) {
      if (!read) return exchange->Refuse(read.error());
      const context::Entity* const entity = *read;
      std::string json;
      const bool there = entity != nullptr && entity->expires > now && (!type || type->Matches(*entity));
      if (!there || !AppendEntity(json, *entity, as)) return exchange->Refuse(NotThere(there, id));
      exchange->AnswerData(200, std::move(json));
    };
    service.context(owner).WhenWhole(exchange->tenant(), id, std::move(show));
  });
}

void ReplaceEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  auto body = BodyFor(*exchange, id, ReadMode::kReplace);
  if (!body) return exchange->Refuse(body.error());
  service.Write(RequestOf(*exchange, PatchOp::kReplace, id, std::move(*body)),
                [exchange](const Result<context::WriteOutcome>& outcome) { AnswerNoContent(exchange, outcome); });
}

void MergeEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  const auto options = exchange->Options({"normalized", "concise", "simplified", "keyValues"});
  if (!options) return exchange->Refuse(options.error());
  auto body = BodyFor(*exchange, id, ReadMode::kMerge);
  if (!body) return exchange->Refuse(body.error());
  const std::string observed_at = exchange->Parameter("observedAt");
  if (!observed_at.empty() && !IsDateTime(observed_at))
    return exchange->Refuse(BadData("observedAt is YYYY-MM-DDThh:mm:ss[.f]Z").value());
  auto request = RequestOf(*exchange, PatchOp::kMerge, id, std::move(*body));
  const bool simplified = options->contains("simplified") || options->contains("keyValues");
  request.adapt = [simplified, observed_at, language = exchange->Parameter("lang")](
                      const context::Entity* entity, model::EntityPatch& patch) -> Result<void> {
    if (simplified) {
      BONGSU_CHECK(TakeStoredKinds(entity, patch, language));
    }
    if (!observed_at.empty()) RefreshObservedAt(entity, patch, observed_at);
    return {};
  };
  service.Write(std::move(request),
                [exchange](const Result<context::WriteOutcome>& outcome) { AnswerNoContent(exchange, outcome); });
}

void DeleteEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  service.Write(RequestOf(*exchange, PatchOp::kDelete, id, {}),
                [exchange](const Result<context::WriteOutcome>& outcome) { AnswerNoContent(exchange, outcome); });
}

}  // namespace bongsu::ngsi
