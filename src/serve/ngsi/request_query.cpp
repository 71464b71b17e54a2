// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/request_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/query_parts.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using context::Query;
using context::Selector;

const NameSet kNotBuilt{"entityMap", "entityMapLifetime", "splitEntities"};

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

Result<std::size_t> ReadNumber(std::string_view name, std::string_view text) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || number > 1'000'000'000)
    return BadData("{} is a whole number of 0 or more", name);
  return number;
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

}  // namespace bongsu::ngsi
