// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/request_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/projection.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using context::Query;
using context::Selector;

const NameSet kNotBuilt{"entityMap", "entityMapLifetime", "splitEntities"};

/// Names that say nothing about what an entity is.
constexpr std::array<std::string_view, 7> kSystem{"id",         "type",       "scope",    "createdAt",
                                                  "modifiedAt", "observedAt", "expiresAt"};
constexpr std::string_view kCoreNames = "https://uri.etsi.org/ngsi-ld/";

Result<std::vector<std::string>> Words(std::string_view list, std::string_view what) {
  std::vector<std::string> words;
  while (true) {
    const auto end = std::min(list.find_first_of(",|"), list.size());
    if (end == 0) return BadData("{}: a name is missing", what);
    words.emplace_back(list.substr(0, end));
    if (end == list.size()) return words;
    list.remove_prefix(end + 1);
  }
}

context::Expand Expander(const LdContext& context) {
  return [&context](std::string_view name) { return context.Expand(name); };
}

/// id, type, scope, or the IRI of an attribute. @errors kInvalidArgument ngsi.BadRequestData
Result<std::string> ReadMember(const Member& member, const LdContext& context) {
  const std::string& name = member.name;
  if (name != "id" && name != "type" && name != "scope") return ReadName(name, context);
  if (!member.inside.empty()) return BadData("'{}' links to nothing", name);
  return name;
}

using Members = std::optional<std::vector<Member>>;

/// pick and omit of an entity and of those it links to.
Result<void> Narrow(Representation& out, const LdContext& names, const std::vector<Member>* pick,
                    const std::vector<Member>* omit) {
  struct Linked {
    const std::vector<Member>* pick = nullptr;
    const std::vector<Member>* omit = nullptr;
  };
  std::map<std::string, Linked> linked;
  if (pick != nullptr) {
    out.pick.emplace();
    for (const Member& member : *pick) {
      BONGSU_TRY(std::string name, ReadMember(member, names));
      if (!member.inside.empty()) linked[name].pick = &member.inside;
      out.pick->insert(std::move(name));
    }
  }
  if (omit != nullptr) {
    out.omit.emplace();
    for (const Member& member : *omit) {
      BONGSU_TRY(std::string name, ReadMember(member, names));
      if (out.pick && out.pick->contains(name) && member.inside.empty())
        return BadData("a member stands in pick and in omit");
      if (!member.inside.empty()) {
        linked[name].omit = &member.inside;
      } else {
        out.omit->insert(std::move(name));
      }
    }
  }
  for (const auto& [relationship, members] : linked) {
    auto representation = std::make_shared<Representation>(*LinkedBy(out, relationship));
    BONGSU_CHECK(Narrow(*representation, names, members.pick, members.omit));
    out.linked.emplace(relationship, std::move(representation));
  }
  return {};
}

/// attrs, pick and omit together.
Result<void> Project(Representation& out, const LdContext& names, const Members& attrs, const Members& pick,
                     const Members& omit) {
  if (attrs && (pick || omit)) return BadData("attrs does not go together with pick or omit");
  if (attrs) {
    out.attributes.emplace();
    for (const Member& member : *attrs) {
      if (!member.inside.empty()) return BadData("attrs names no members of linked entities");
      BONGSU_TRY(std::string name, ReadMember(member, names));
      out.attributes->insert(std::move(name));
    }
  }
  out.linked_depth = std::max(pick ? DepthOf(*pick) : 0, omit ? DepthOf(*omit) : 0);
  return Narrow(out, names, pick ? &*pick : nullptr, omit ? &*omit : nullptr);
}

Result<std::size_t> ReadNumber(std::string_view name, std::string_view text) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || number > 1'000'000'000)
    return BadData("{} is a whole number of 0 or more", name);
  return number;
}

Result<void> SetIds(Selector& selector, const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    if (!IsUri(id)) return BadData("id: '{}' is no URI", id.substr(0, 120));
    selector.ids.insert(id);
  }
  return {};
}

/// The rule against queries that would select everything.
Result<void> CheckNotTooWide(const Query& query, bool local) {
  const auto counts = [](const std::string& name) {
    return std::ranges::none_of(kSystem, [&](std::string_view system) {
      return name == system || (name.starts_with(kCoreNames) && name.substr(kCoreNames.size()) == system);
    });
  };
  const bool typed = !query.selectors.empty() &&
                     std::ranges::all_of(query.selectors, [](const Selector& s) { return s.type.has_value(); });
  if (typed || local || std::ranges::any_of(query.attributes, counts) || query.geo ||
      (query.q && query.q->NamesAnAttribute()))
    return {};
  return BadData("the query is too wide: it needs a type, attrs, q, georel or local=true");
}

Result<std::optional<context::GeoQuery>> ReadGeo(const LdContext& context, const std::string& georel,
                                                 const std::string& geometry, const std::string& coordinates,
                                                 const std::string& property) {
  if (georel.empty()) {
    if (!geometry.empty() || !coordinates.empty() || !property.empty())
      return BadData("geometry, coordinates and geoproperty need georel");
    return std::nullopt;
  }
  BONGSU_TRY(auto query, context::GeoQuery::Parse(georel, geometry, coordinates,
                                                  context.Expand(property.empty() ? "location" : property)));
  return query;
}

using Sealed = decltype(context::ValueQuery::Options::sealed);

/// What q may ask of personal attributes in this request.
Sealed SealedOf(Exchange& exchange) {
  return [&exchange](std::string_view iri, std::string_view text, bool equality) {
    return exchange.SealedStartOf(iri, text, equality);
  };
}

Result<context::ValueQuery> ReadQ(const LdContext& context, std::string_view text,
                                  const std::vector<std::string>& expand_values, Links links = Links::kRefused,
                                  const Sealed& sealed = {}) {
  context::ValueQuery::Options options{Expander(context), {}, links == Links::kFollowed, sealed};
  for (const auto& name : expand_values) options.expand_values.insert(context.Expand(name));
  return context::ValueQuery::Parse(text, options);
}

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

const NameSet& QueryParameters() {
  static const NameSet kNames{"id",
                              "type",
                              "idPattern",
                              "attrs",
                              "q",
                              "expandValues",
                              "jsonKeys",
                              "csf",
                              "georel",
                              "geometry",
                              "coordinates",
                              "geoproperty",
                              "geometryProperty",
                              "lang",
                              "scopeQ",
                              "pick",
                              "omit",
                              "datasetId",
                              "join",
                              "joinLevel",
                              "containedBy",
                              "orderBy",
                              "orderFrom",
                              "orderGeometry",
                              "collation",
                              "splitEntities",
                              "entityMap",
                              "entityMapLifetime",
                              "format",
                              "options",
                              "limit",
                              "offset",
                              "count",
                              "local"};
  return kNames;
}

const NameSet& RetrieveParameters() {
  static const NameSet kNames{"type",   "attrs",   "pick",      "omit",        "datasetId", "geometryProperty",
                              "lang",   "join",    "joinLevel", "containedBy", "entityMap", "entityMapLifetime",
                              "format", "options", "local"};
  return kNames;
}

const NameSet& PurgeParameters() {
  static const NameSet kNames{"id",           "type",   "idPattern", "attrs",    "q",
                              "expandValues", "csf",    "georel",    "geometry", "coordinates",
                              "geoproperty",  "scopeQ", "keep",      "drop",     "local"};
  return kNames;
}

Result<void> RefuseNotBuilt(const Exchange& exchange) {
  for (const auto& [name, value] : exchange.request().query) {
    const bool harmless = (name == "entityMap" || name == "splitEntities") && value == "false";
    if (kNotBuilt.contains(name) && !harmless)
      return Fail(Code::kNotSupported, "ngsi.OperationNotSupported", "parameter {} is not built yet", name);
  }
  return {};
}

Result<Page> ReadPage(const Exchange& exchange, std::size_t most) {
  Page page;
  BONGSU_TRY(page.count, exchange.Flag("count"));
  if (const auto limit = exchange.request().Query("limit")) {
    BONGSU_TRY(page.limit, ReadNumber("limit", *limit));
  }
  if (const auto offset = exchange.request().Query("offset")) {
    BONGSU_TRY(page.offset, ReadNumber("offset", *offset));
  }
  if (page.limit == 0 && !page.count) return BadData("limit=0 goes with count=true only");
  if (page.limit > most) return Fail(Code::kTooLarge, "ngsi.TooManyResults", "limit is at most {}", most);
  return page;
}

Result<Representation> ReadRepresentation(const Exchange& exchange, TimePoint now,
                                          std::span<const std::string_view> allowed) {
  Representation out;
  out.context = exchange.context();
  out.now = now;
  out.geojson = exchange.media() == Media::kGeoJson;
  BONGSU_TRY(const auto options, exchange.Options(allowed));
  out.system_times = options.contains("sysAttrs");
  const bool simplified = options.contains("simplified") || options.contains("keyValues");
  const bool concise = options.contains("concise");
  const auto format = exchange.Parameter("format");  // wins over the older options
  if (!format.empty()) {
    out.format =
        format == "concise" ? Format::kConcise : (format == "normalized" ? Format::kNormalized : Format::kSimplified);
  } else {
    if (int{simplified} + int{concise} + int{options.contains("normalized")} > 1)
      return BadRequest("options asks for more than one representation");
    out.format = simplified ? Format::kSimplified : (concise ? Format::kConcise : Format::kNormalized);
  }
  Members attrs;
  Members pick;
  Members omit;
  for (const auto& [name, list] : {std::pair{"attrs", &attrs}, std::pair{"pick", &pick}, std::pair{"omit", &omit}}) {
    if (!exchange.HasParameter(name)) continue;
    BONGSU_TRY(*list, ParseMembers(exchange.Parameter(name), name));
  }
  BONGSU_CHECK(Project(out, *out.context, attrs, pick, omit));
  if (exchange.HasParameter("geometryProperty") && !out.geojson)
    return BadData("geometryProperty goes with application/geo+json only");
  const auto geometry = exchange.Parameter("geometryProperty");
  out.geometry_property = out.context->Expand(geometry.empty() ? "location" : geometry);
  out.language = exchange.Parameter("lang");
  if (exchange.HasParameter("datasetId")) {
    BONGSU_TRY(const auto words, Words(exchange.Parameter("datasetId"), "datasetId"));
    for (const auto& word : words) {
      if (word != "@none" && !IsUri(word)) return BadData("datasetId: '{}' is no URI", word.substr(0, 80));
      out.datasets.insert(word);
    }
  }
  return out;
}

Result<Query> ReadQuery(Exchange& exchange, const Representation& representation, TimePoint now, Links links) {
  Query query;
  query.tenant = exchange.tenant();
  query.now = now;
  const LdContext& context = *representation.context;
  BONGSU_TRY(const bool local, exchange.Flag("local"));
  Selector selector;
  if (exchange.HasParameter("type")) {
    BONGSU_TRY(selector.type, context::TypeQuery::Parse(exchange.Parameter("type"), Expander(context)));
    if (selector.type->every() && exchange.Parameter("local") == "false") return BadData("type=* is local");
  }
  if (exchange.HasParameter("id")) {
    BONGSU_TRY(const auto ids, Words(exchange.Parameter("id"), "id"));
    BONGSU_CHECK(SetIds(selector, ids));
  }
  if (exchange.HasParameter("idPattern")) {
    BONGSU_TRY(selector.id_pattern, context::Pattern::Make(exchange.Parameter("idPattern")));
  }
  query.selectors.push_back(std::move(selector));
  if (representation.attributes)
    query.attributes.assign(representation.attributes->begin(), representation.attributes->end());
  if (exchange.HasParameter("q")) {
    std::vector<std::string> expand_values;
    if (exchange.HasParameter("expandValues")) {
      BONGSU_TRY(expand_values, Words(exchange.Parameter("expandValues"), "expandValues"));
    }
    BONGSU_TRY(query.q, ReadQ(context, exchange.Parameter("q"), expand_values, links, SealedOf(exchange)));
  }
  // Members of a JsonProperty are never expanded here, so what jsonKeys asks for is so.
  BONGSU_CHECK(ReadNames(exchange, "jsonKeys"));
  if (exchange.HasParameter("csf")) {  // no context sources yet: only its form is looked at
    BONGSU_CHECK(ReadQ(context, exchange.Parameter("csf"), {}));
  }
  if (exchange.HasParameter("scopeQ")) {
    BONGSU_TRY(query.scope, context::ScopeQuery::Parse(exchange.Parameter("scopeQ")));
  }
  if (exchange.HasParameter("georel") && exchange.Parameter("georel").empty()) return BadData("georel is empty");
  BONGSU_TRY(query.geo, ReadGeo(context, exchange.Parameter("georel"), exchange.Parameter("geometry"),
                                exchange.Parameter("coordinates"), exchange.Parameter("geoproperty")));
  BONGSU_CHECK(CheckNotTooWide(query, local));
  return query;
}

Result<std::optional<NameSet>> ReadNames(const Exchange& exchange, std::string_view parameter) {
  if (!exchange.HasParameter(parameter)) return std::nullopt;
  BONGSU_TRY(const auto words, Words(exchange.Parameter(parameter), parameter));
  NameSet names;
  for (const auto& word : words) {
    BONGSU_TRY(std::string iri, ReadName(word, *exchange.context()));
    names.insert(std::move(iri));
  }
  return names;
}

namespace {

Result<std::shared_ptr<const context::Ordering>> MakeOrdering(const Exchange& exchange,
                                                              context::Ordering::Request request,
                                                              std::string_view geometry,
                                                              const json::Value& coordinates) {
  if (!coordinates.IsNull()) {
    if (!coordinates.IsArray()) return BadData("the coordinates of an ordering are a JSON array");
    BONGSU_TRY(request.from, context::Geometry::Read(json::Object{{"type", geometry}, {"coordinates", coordinates}}));
  }
  BONGSU_TRY(auto ordering, context::Ordering::Make(std::move(request), Expander(*exchange.context())));
  return std::make_shared<const context::Ordering>(std::move(ordering));
}

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

Result<Join> JoinOf(const std::string& mode, std::size_t levels, const std::vector<std::string>& contained_by,
                    const Representation& representation) {
  Join join;
  if (!mode.empty() && mode != "@none") {
    if (mode != "inline" && mode != "flat")
      return BadData("join is inline, flat or @none, not '{}'", mode.substr(0, 40));
    join.mode = mode == "flat" ? Join::Mode::kFlat : Join::Mode::kInline;
  }
  if (levels == 0) return BadData("joinLevel is a positive whole number");
  if (levels > kMaxJoinLevel)
    return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "joinLevel is at most {}", kMaxJoinLevel);
  join.levels = levels;
  join.contained_by.insert(contained_by.begin(), contained_by.end());
  const std::size_t reach = join.mode == Join::Mode::kNone ? 0 : levels;
  if (representation.linked_depth > reach)
    return BadData("pick and omit name {} levels of linked entities, join reaches {}", representation.linked_depth,
                   reach);
  return join;
}

}  // namespace

Result<std::optional<context::TypeQuery>> ReadTypeFilter(const Exchange& exchange) {
  if (!exchange.HasParameter("type")) return std::nullopt;
  BONGSU_TRY(auto type, context::TypeQuery::Parse(exchange.Parameter("type"), Expander(*exchange.context())));
  return type;
}

Result<Join> ReadJoin(const Exchange& exchange, const Representation& representation) {
  if (exchange.body().IsObject()) return ReadJoin(exchange.body(), representation);
  std::size_t levels = 1;
  std::vector<std::string> contained_by;
  if (exchange.HasParameter("joinLevel")) {
    BONGSU_TRY(levels, ReadNumber("joinLevel", exchange.Parameter("joinLevel")));
  }
  if (exchange.HasParameter("containedBy")) {
    BONGSU_TRY(contained_by, Words(exchange.Parameter("containedBy"), "containedBy"));
  }
  return JoinOf(exchange.Parameter("join"), levels, contained_by, representation);
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

Result<std::shared_ptr<const context::Ordering>> ReadOrdering(const Exchange& exchange) {
  if (const json::Value* asked = exchange.body().Find("ordering")) return ReadOrderingBody(exchange, *asked);
  if (!exchange.HasParameter("orderBy")) {
    for (const auto* name : {"orderFrom", "orderGeometry", "collation"}) {
      if (exchange.HasParameter(name)) return BadData("{} goes with orderBy", name);
    }
    return nullptr;
  }
  BONGSU_TRY(auto terms, Words(exchange.Parameter("orderBy"), "orderBy"));
  json::Value coordinates;
  if (exchange.HasParameter("orderFrom")) {
    auto parsed = json::Parse(exchange.Parameter("orderFrom"));
    if (!parsed) return BadData("orderFrom is a JSON array of coordinates");
    coordinates = std::move(*parsed);
  }
  if (exchange.HasParameter("collation") && exchange.Parameter("collation").empty())
    return BadData("collation is empty");
  const std::string geometry = exchange.Parameter("orderGeometry");
  return MakeOrdering(exchange, {std::move(terms), std::nullopt, exchange.Parameter("collation")},
                      geometry.empty() ? "Point" : geometry, coordinates);
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
