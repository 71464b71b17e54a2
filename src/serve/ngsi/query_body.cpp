// SPDX-License-Identifier: Apache-2.0
// Queries that stand in a body: of POST /entityOperations/query and of subscriptions.
#include <algorithm>
#include <cmath>

#include "serve/ngsi/query_parts.hpp"

namespace bongsu::ngsi {
namespace {

using context::Query;
using context::Selector;

/// A member of a Query body: a string, or an array of strings. @errors kInvalidArgument ngsi.BadRequestData
Result<std::optional<std::vector<std::string>>> Strings(const json::Value& body, std::string_view name) {
  const json::Value* value = body.Find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> words;
  for (const auto& item : value->AsArray()) {
    if (!item.IsString() || item.AsString().empty()) return BadData("{} is an array of strings", name);
    words.emplace_back(item.AsString());
  }
  if (!value->IsArray() || words.empty()) return BadData("{} is a non-empty array of strings", name);
  return words;
}

/// The same as members of an entity; a string may carry braces.
Result<Members> MembersOf(const json::Value& body, std::string_view name) {
  BONGSU_TRY(const auto texts, Strings(body, name));
  if (!texts) return std::nullopt;
  std::vector<Member> members;
  for (const std::string& text : *texts) {
    BONGSU_TRY(auto more, ParseMembers(text, name));
    std::ranges::move(more, std::back_inserter(members));
  }
  return members;
}

Result<std::string> Text(const json::Value& body, std::string_view name) {
  const json::Value* value = body.Find(name);
  if (value == nullptr) return std::string{};
  if (!value->IsString() || value->AsString().empty()) return BadData("{} is a non-empty string", name);
  return std::string(value->AsString());
}

Result<Selector> ReadSelector(const json::Value& entry, const LdContext& context) {
  Selector selector;
  if (!entry.IsObject()) return BadData("entities holds objects");
  for (const auto& [name, value] : entry.AsObject()) {
    if (name != "id" && name != "idPattern" && name != "type")
      return BadData("an entity selector has no member '{}'", name.substr(0, 40));
  }
  BONGSU_TRY(const std::string type, Text(entry, "type"));
  if (type.empty()) return BadData("an entity selector has a type");
  BONGSU_TRY(selector.type, context::TypeQuery::Parse(type, Expander(context)));
  if (entry["id"].IsArray()) {
    BONGSU_TRY(const auto ids, Strings(entry, "id"));
    if (ids) {
      BONGSU_CHECK(SetIds(selector, *ids));
    }
  } else {
    BONGSU_TRY(const std::string id, Text(entry, "id"));
    if (!id.empty()) {
      BONGSU_CHECK(SetIds(selector, {id}));
    }
  }
  BONGSU_TRY(const std::string pattern, Text(entry, "idPattern"));
  if (!pattern.empty()) {
    BONGSU_TRY(selector.id_pattern, context::Pattern::Make(pattern));
  }
  return selector;
}

Result<void> CheckQueryMembers(const json::Value& body) {
  static const NameSet kKnown{"type",     "entities", "attrs",     "pick",        "omit",      "q",
                              "geoQ",     "scopeQ",   "csf",       "lang",        "datasetId", "expandValues",
                              "ordering", "join",     "joinLevel", "containedBy", "jsonKeys",  "@context"};
  static const NameSet kLater{"aggrParams", "entityMap", "splitEntities"};
  if (!body.IsObject()) return BadData("a query is a JSON object");
  if (body["type"].AsString() != "Query") return BadData("the type of a query is Query");
  for (const auto& [name, value] : body.AsObject()) {
    if (kLater.contains(name))
      return Fail(Code::kNotSupported, "ngsi.OperationNotSupported", "{} is not built yet", name);
    if (!kKnown.contains(name)) return BadData("a query has no member '{}'", name.substr(0, 40));
  }
  return {};
}

Result<std::optional<context::GeoQuery>> ReadGeoBody(const LdContext& context, const json::Value& body) {
  const json::Value* geo = body.Find("geoQ");
  if (geo == nullptr) return std::nullopt;
  if (!geo->IsObject()) return BadData("geoQ is an object");
  BONGSU_TRY(const std::string georel, Text(*geo, "georel"));
  BONGSU_TRY(const std::string geometry, Text(*geo, "geometry"));
  BONGSU_TRY(const std::string property, Text(*geo, "geoproperty"));
  const json::Value& coordinates = (*geo)["coordinates"];
  if (georel.empty()) return BadData("geoQ has a georel");
  return ReadGeo(context, georel, geometry,
                 coordinates.IsString() ? std::string(coordinates.AsString()) : json::ToString(coordinates), property);
}

}  // namespace

Result<std::shared_ptr<const context::Ordering>> ReadOrderingBody(const Exchange& exchange, const json::Value& asked) {
  if (!asked.IsObject()) return BadData("ordering is an object");
  for (const auto& [name, value] : asked.AsObject()) {
    if (name != "orderBy" && name != "coordinates" && name != "geometry" && name != "collation")
      return BadData("ordering has no member '{}'", name.substr(0, 40));
  }
  BONGSU_TRY(auto terms, Strings(asked, "orderBy"));
  if (!terms) return BadData("ordering has an orderBy");
  BONGSU_TRY(const std::string geometry, Text(asked, "geometry"));
  BONGSU_TRY(std::string collation, Text(asked, "collation"));
  return MakeOrdering(exchange, {std::move(*terms), std::nullopt, std::move(collation)},
                      geometry.empty() ? "Point" : geometry, asked["coordinates"]);
}

Result<Join> ReadJoin(const json::Value& body, const Representation& representation) {
  BONGSU_TRY(const std::string mode, Text(body, "join"));
  std::size_t levels = 1;
  if (const json::Value* level = body.Find("joinLevel")) {
    if (!level->IsNumber() || level->AsDouble() != std::floor(level->AsDouble()) || level->AsDouble() < 1)
      return BadData("joinLevel is a positive whole number");
    levels = static_cast<std::size_t>(std::min(level->AsDouble(), 1e6));
  }
  BONGSU_TRY(const auto contained_by, Strings(body, "containedBy"));
  return JoinOf(mode, levels, contained_by.value_or(std::vector<std::string>{}), representation);
}

Result<Query> ReadQueryBody(Exchange& exchange, const json::Value& body, Representation& representation, TimePoint now,
                            Links links) {
  const LdContext& context = *representation.context;
  BONGSU_CHECK(CheckQueryMembers(body));
  Query query;
  query.tenant = exchange.tenant();
  query.now = now;
  BONGSU_TRY(const bool local, exchange.Flag("local"));
  if (const json::Value* entities = body.Find("entities")) {
    if (!entities->IsArray() || entities->AsArray().empty()) return BadData("entities is a non-empty array");
    for (const auto& entry : entities->AsArray()) {
      BONGSU_TRY(Selector selector, ReadSelector(entry, context));
      query.selectors.push_back(std::move(selector));
    }
  }
  BONGSU_CHECK(ReadProjection(body, "attrs", *representation.context, representation));
  if (representation.attributes)
    query.attributes.assign(representation.attributes->begin(), representation.attributes->end());
  BONGSU_TRY(const auto datasets, Strings(body, "datasetId"));
  if (datasets) representation.datasets.insert(datasets->begin(), datasets->end());
  BONGSU_TRY(representation.language, Text(body, "lang"));
  BONGSU_TRY(const std::string q, Text(body, "q"));
  BONGSU_TRY(const auto expand_values, Strings(body, "expandValues"));
  if (!q.empty()) {
    BONGSU_TRY(query.q,
               ReadQ(context, q, expand_values.value_or(std::vector<std::string>{}), links, SealedOf(exchange)));
  }
  BONGSU_CHECK(Strings(body, "jsonKeys"));
  BONGSU_TRY(const std::string scope, Text(body, "scopeQ"));
  if (!scope.empty()) {
    BONGSU_TRY(query.scope, context::ScopeQuery::Parse(scope));
  }
  BONGSU_TRY(query.geo, ReadGeoBody(context, body));
  BONGSU_CHECK(CheckNotTooWide(query, local));
  return query;
}

Result<Query> ReadSubscriptionQuery(const json::Value& body, const LdContext& context) {
  Query query;
  if (const json::Value* entities = body.Find("entities")) {
    if (!entities->IsArray() || entities->AsArray().empty()) return BadData("entities is a non-empty array");
    for (const auto& entry : entities->AsArray()) {
      BONGSU_TRY(Selector selector, ReadSelector(entry, context));
      query.selectors.push_back(std::move(selector));
    }
  }
  BONGSU_TRY(const std::string q, Text(body, "q"));
  if (!q.empty()) {
    BONGSU_TRY(query.q, ReadQ(context, q, {}, Links::kFollowed));
  }
  BONGSU_TRY(const std::string filter, Text(body, "csf"));
  if (!filter.empty()) {  // no context sources yet: only its form is looked at
    BONGSU_CHECK(ReadQ(context, filter, {}));
  }
  BONGSU_TRY(const std::string scope, Text(body, "scopeQ"));
  if (!scope.empty()) {
    BONGSU_TRY(query.scope, context::ScopeQuery::Parse(scope));
  }
  BONGSU_TRY(query.geo, ReadGeoBody(context, body));
  return query;
}

Result<void> ReadProjection(const json::Value& body, std::string_view attributes, const LdContext& names,
                            Representation& representation) {
  BONGSU_TRY(const auto attrs, MembersOf(body, attributes));
  BONGSU_TRY(const auto pick, MembersOf(body, "pick"));
  BONGSU_TRY(const auto omit, MembersOf(body, "omit"));
  return Project(representation, names, attrs, pick, omit);
}

Result<std::optional<NameSet>> ReadNameList(const json::Value& body, std::string_view name, const LdContext& context) {
  BONGSU_TRY(const auto members, MembersOf(body, name));
  if (!members) return std::nullopt;
  NameSet names;
  for (const Member& member : *members) {
    if (!member.inside.empty()) return BadData("{}: an attribute is meant, not those of linked entities", name);
    BONGSU_TRY(std::string iri, ReadMember(member, context));
    names.insert(std::move(iri));
  }
  return names;
}

}  // namespace bongsu::ngsi
