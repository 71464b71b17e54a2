// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/handlers.hpp"

namespace bongsu::ngsi {
namespace {

struct Usage {
  std::size_t count = 0;
  std::map<std::string, std::set<std::string>> others;  // attribute -> kinds, or attribute's kinds by type
};

/// By type IRI: how many entities, which attributes with which kinds.
using ByType = std::map<std::string, Usage>;

ByType Survey(const context::Context& context, std::uint16_t tenant) {
  ByType types;
  context.ForEach(tenant, [&](const context::Entity& entity) {
    for (const context::Name type : entity.types) {
      Usage& usage = types[*type];
      ++usage.count;
      context.warmth().EachAttribute(entity, [&](context::Name name, context::AttributeKind kind) {
        usage.others[*name].insert(std::string(context::KindName(kind)));
      });
    }
  });
  return types;
}

void Merge(ByType& into, ByType&& part) {
  for (auto& [type, usage] : part) {
    into[type].count += usage.count;
    for (auto& [name, kinds] : usage.others) into[type].others[name].merge(kinds);
  }
}

void Ask(ContextService& service, const ExchangePtr& exchange, std::function<void(const ByType&)> answer) {
  service.AskAll<ByType>(
      [tenant = exchange->tenant()](const context::Context& context) { return Survey(context, tenant); },
      [answer = std::move(answer)](std::vector<ByType> parts) {
        ByType all;
        for (auto& part : parts) Merge(all, std::move(part));
        answer(all);
      });
}

json::Value Texts(const std::set<std::string>& texts) {
  json::Array out;
  for (const auto& text : texts) out.emplace_back(text);
  return json::Value{std::move(out)};
}

/// Attribute IRI -> the types that have it and its kinds.
struct AttributeUsage {
  std::size_t count = 0;
  std::set<std::string> kinds;
  std::set<std::string> types;
};

std::map<std::string, AttributeUsage> ByAttribute(const ByType& types) {
  std::map<std::string, AttributeUsage> attributes;
  for (const auto& [type, usage] : types) {
    for (const auto& [name, kinds] : usage.others) {
      attributes[name].kinds.insert(kinds.begin(), kinds.end());
      attributes[name].types.insert(type);
    }
  }
  return attributes;
}

json::Value AttributeInfo(const LdContext& context, const std::string& iri, const AttributeUsage& usage, bool whole) {
  std::set<std::string> types;
  for (const auto& type : usage.types) types.insert(context.Compact(type));
  json::Value info = json::Object{
      {"id", iri}, {"type", "Attribute"}, {"attributeName", context.Compact(iri)}, {"typeNames", Texts(types)}};
  if (!whole) return info;
  info.Set("attributeCount", static_cast<std::int64_t>(usage.count));
  info.Set("attributeTypes", Texts(usage.kinds));
  return info;
}

void NotFound(const ExchangePtr& exchange, std::string_view what, const std::string& name) {
  exchange->Refuse({Code::kNotFound, "ngsi.ResourceNotFound", fmt::format("there is no {} {}", what, name)});
}

}  // namespace

void ListTypes(ContextService& service, const ExchangePtr& exchange) {
  const auto details = exchange->Flag("details");
  if (!details) return exchange->Refuse(details.error());
  Ask(service, exchange, [exchange, details = *details](const ByType& types) {
    const LdContext& context = *exchange->context();
    if (!details) {
      std::set<std::string> names;
      for (const auto& [type, usage] : types) names.insert(context.Compact(type));
      return exchange->AnswerData(
          200, json::ToString(json::Object{
                   {"id", "urn:ngsi-ld:EntityTypeList:1"}, {"type", "EntityTypeList"}, {"typeList", Texts(names)}}));
    }
    json::Array list;
    for (const auto& [type, usage] : types) {
      std::set<std::string> names;
      for (const auto& [name, kinds] : usage.others) names.insert(context.Compact(name));
      list.push_back(json::Object{
          {"id", type}, {"type", "EntityType"}, {"typeName", context.Compact(type)}, {"attributeNames", Texts(names)}});
    }
    exchange->AnswerData(200, json::ToString(json::Value{std::move(list)}));
  });
}

void ShowType(ContextService& service, const ExchangePtr& exchange, const std::string& type) {
  const auto iri = ReadName(type, *exchange->context());
  if (!iri) return exchange->Refuse(iri.error());
  Ask(service, exchange, [exchange, type, iri = *iri](const ByType& types) {
    const auto at = types.find(iri);
    if (at == types.end()) return NotFound(exchange, "entity type", type);
    const LdContext& context = *exchange->context();
    json::Array details;
    for (const auto& [name, kinds] : at->second.others) {
      details.push_back(json::Object{{"id", name},
                                     {"type", "Attribute"},
                                     {"attributeName", context.Compact(name)},
                                     {"attributeTypes", Texts(kinds)}});
    }
    exchange->AnswerData(200, json::ToString(json::Object{{"id", iri},
                                                          {"type", "EntityTypeInfo"},
                                                          {"typeName", context.Compact(iri)},
                                                          {"entityCount", static_cast<std::int64_t>(at->second.count)},
                                                          {"attributeDetails", json::Value{std::move(details)}}}));
  });
}

void ListAttributes(ContextService& service, const ExchangePtr& exchange) {
  const auto details = exchange->Flag("details");
  if (!details) return exchange->Refuse(details.error());
  Ask(service, exchange, [exchange, details = *details](const ByType& types) {
    const LdContext& context = *exchange->context();
    const auto attributes = ByAttribute(types);
    if (!details) {
      std::set<std::string> names;
      for (const auto& [name, usage] : attributes) names.insert(context.Compact(name));
      return exchange->AnswerData(
          200, json::ToString(json::Object{
                   {"id", "urn:ngsi-ld:AttributeList:1"}, {"type", "AttributeList"}, {"attributeList", Texts(names)}}));
    }
    json::Array list;
    for (const auto& [name, usage] : attributes) list.push_back(AttributeInfo(context, name, usage, false));
    exchange->AnswerData(200, json::ToString(json::Value{std::move(list)}));
  });
}

void ShowAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& attribute) {
  const auto iri = ReadName(attribute, *exchange->context());
  if (!iri) return exchange->Refuse(iri.error());
  service.AskAll<AttributeUsage>(
      [tenant = exchange->tenant(), iri = *iri](const context::Context& context) {
        AttributeUsage usage;
        context.ForEach(tenant, [&](const context::Entity& entity) {
          bool there = false;
          context.warmth().EachAttribute(entity, [&](context::Name name, context::AttributeKind kind) {
            if (*name != iri) return;
            there = true;
            usage.kinds.insert(std::string(context::KindName(kind)));
          });
          if (!there) return;
          ++usage.count;
          for (const context::Name type : entity.types) usage.types.insert(*type);
        });
        return usage;
      },
      [exchange, attribute, iri = *iri](std::vector<AttributeUsage> parts) {
        AttributeUsage all;
        for (auto& part : parts) {
          all.count += part.count;
          all.kinds.merge(part.kinds);
          all.types.merge(part.types);
        }
        if (all.count == 0) return NotFound(exchange, "attribute", attribute);
        exchange->AnswerData(200, json::ToString(AttributeInfo(*exchange->context(), iri, all, true)));
      });
}

}  // namespace bongsu::ngsi
