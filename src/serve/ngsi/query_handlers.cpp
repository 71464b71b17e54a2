// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/linked_query.hpp"
#include "serve/ngsi/request_query.hpp"

namespace bongsu::ngsi {
namespace {

/// An entity that was found, with what it is ordered by.
struct Place {
  context::Ordering::Keys keys;
  std::string id;
};

struct Found {
  std::vector<Place> places;
  std::size_t total = 0;
  context::PlanReport plan;
};

struct Asked {
  std::shared_ptr<const context::Query> query;
  std::shared_ptr<const Representation> as;
  Page page;
  std::shared_ptr<const context::Ordering> order;  ///< Null: by id.
  Join join;
};

void AnswerPage(const ExchangePtr& exchange, const Asked& asked, const std::vector<std::string>& entities,
                std::size_t total, bool more) {
  if (asked.page.count) exchange->Add("NGSILD-Results-Count", std::to_string(total));
  const Page& page = asked.page;
  const std::string_view path = exchange->request().method == "POST" ? "entityOperations/query" : "entities";
  if (page.offset > 0)
    exchange->AddLink(PageLink(*exchange, path, page, page.offset - std::min(page.offset, page.limit), "prev"));
  if (more && page.limit > 0) exchange->AddLink(PageLink(*exchange, path, page, page.offset + page.limit, "next"));
  std::string json = asked.as->geojson ? R"({"type":"FeatureCollection","features":[)" : "[";
  for (std::size_t i = 0; i < entities.size(); ++i) {
    if (i > 0) json += ',';
    json += entities[i];
  }
  json += asked.as->geojson ? "]}" : "]";
  exchange->AnswerData(200, std::move(json));
}

/// Renders the entities of the page; one that went away in between is left out.
void FetchPage(ContextService& service, const ExchangePtr& exchange, const Asked& asked,
               const std::vector<std::string>& ids, std::size_t total, bool more) {
  Render(service, exchange->tenant(), ids, asked.as, asked.join,
         [exchange, asked, total, more](Result<std::vector<std::string>> entities) {
           if (!entities) return exchange->Refuse(entities.error());
           AnswerPage(exchange, asked, *entities, total, more);
         });
}

/// Puts the first `most` of them in order and drops the rest.
void SortFirst(const Asked& asked, std::vector<Place>& places, std::size_t most) {
  const auto before = [&](const Place& a, const Place& b) {
    return asked.order ? asked.order->Before(a.keys, a.id, b.keys, b.id) : a.id < b.id;
  };
  const std::size_t kept = std::min(most, places.size());
  std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(kept), places.end(), before);
  places.resize(kept);
}

bool WantsPlan(const Exchange& exchange) { return exchange.request().Header("Bongsu-Debug") == "query"; }

std::string IndexText(const context::PlanReport::Considered& index) {
  std::string text{NameOf(index.kind)};
  if (!index.of.empty()) text += '(' + index.of + ')';
  return text;
}

/// A structured field (RFC 8941), one item a shard: which index drove, how many entities it was expected to give, how
/// many were looked at and how many were found, and what the others would have given ("+": at least).
std::string PlanText(const std::vector<Found>& parts) {
  std::string out;
  for (std::size_t shard = 0; shard < parts.size(); ++shard) {
    const auto& plan = parts[shard].plan;
    std::string others;
    for (const auto& other : plan.considered)
      others +=
          fmt::format("{}{}:{}{}", others.empty() ? "" : " ", IndexText(other), other.count, other.capped ? "+" : "");
    out +=
        fmt::format(R"({}{};index="{}";estimated={};looked-at={};found={};others="{}")", out.empty() ? "" : ", ", shard,
                    IndexText(plan.chosen), plan.chosen.count, plan.looked_at, parts[shard].places.size(), others);
  }
  return out;
}

/// First the ids of every shard in order, cut to the page, then the entities themselves.
void Select(ContextService& service, const ExchangePtr& exchange, const Asked& asked) {
  const std::size_t most = asked.page.offset + asked.page.limit + 1;  // one more tells whether there is a next page
  service.AskAll<Found>(
      [asked, most](const context::Context& context) {
        const auto selection = context.Select(*asked.query, asked.order ? context.size() : most, asked.page.count);
        Found found{{}, selection.total, selection.plan};
        for (const context::Entity* entity : selection.entities) {
          found.places.push_back({asked.order ? asked.order->KeysOf(*entity) : context::Ordering::Keys{}, entity->id});
        }
        SortFirst(asked, found.places, most);
        return found;
      },
      [&service, exchange, asked](std::vector<Found> parts) {
        if (WantsPlan(*exchange)) exchange->Add("Bongsu-Query-Plan", PlanText(parts));
        std::vector<Place> places;
        std::size_t total = 0;
        for (auto& part : parts) {
          total += part.total;
          std::ranges::move(part.places, std::back_inserter(places));
        }
        SortFirst(asked, places, places.size());
        const std::size_t from = std::min(asked.page.offset, places.size());
        const std::size_t to = std::min(from + asked.page.limit, places.size());
        const bool more = to < places.size();
        std::vector<std::string> page;
        for (std::size_t i = from; i < to; ++i) page.push_back(std::move(places[i].id));
        FetchPage(service, exchange, asked, page, total, more);
      });
}

void Run(ContextService& service, const ExchangePtr& exchange, const Asked& asked) {
  FindLinked(service, *asked.query, [&service, exchange, asked](const Result<void>& found) {
    if (!found) return exchange->Refuse(found.error());
    Select(service, exchange, asked);
  });
}

/// What is left to read once the query is, by address or by body.
void ReadRestAndRun(ContextService& service, const ExchangePtr& exchange, Representation representation,
                    context::Query query) {
  const auto page = ReadPage(*exchange);
  if (!page) return exchange->Refuse(page.error());
  auto order = ReadOrdering(*exchange);
  if (!order) return exchange->Refuse(order.error());
  auto join = ReadJoin(*exchange, representation);
  if (!join) return exchange->Refuse(join.error());
  if (const auto reach = CheckReach(query, *join); !reach) return exchange->Refuse(reach.error());
  Run(service, exchange,
      {std::make_shared<const context::Query>(std::move(query)),
       std::make_shared<const Representation>(std::move(representation)), *page, std::move(*order), std::move(*join)});
}

/// Percent-encoded but for what RFC 3986 lets stand in a query and nobody splits at.
std::string InQuery(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (std::string_view{":*/@!$();?"}.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += http::PercentEncode({&c, 1});
    }
  }
  return out;
}

}  // namespace

std::string PageLink(const Exchange& exchange, std::string_view path, const Page& page, std::size_t offset,
                     std::string_view rel) {
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : exchange.request().query) parameters.insert_or_assign(name, value);
  parameters["limit"] = std::to_string(page.limit);
  parameters["offset"] = std::to_string(offset);
  std::string address = "/ngsi-ld/v1/" + std::string(path);
  char sign = '?';
  for (const auto& [name, value] : parameters) {
    address += fmt::format("{}{}={}", sign, name, InQuery(value));
    sign = '&';
  }
  const std::string_view media =
      exchange.media() == Media::kGeoJson
          ? "application/geo+json"
          : (exchange.media() == Media::kLdJson ? "application/ld+json" : "application/json");
  return fmt::format("<{}>;rel=\"{}\";type=\"{}\"", address, rel, media);
}

void QueryEntities(ContextService& service, const ExchangePtr& exchange) {
  if (const auto built = RefuseNotBuilt(*exchange); !built) return exchange->Refuse(built.error());
  auto representation = ReadRepresentation(*exchange, service.now());
  if (!representation) return exchange->Refuse(representation.error());
  auto query = ReadQuery(*exchange, *representation, service.now(), Links::kFollowed);
  if (!query) return exchange->Refuse(query.error());
  ReadRestAndRun(service, exchange, std::move(*representation), std::move(*query));
}

void QueryByBody(ContextService& service, const ExchangePtr& exchange) {
  auto representation = ReadRepresentation(*exchange, service.now());
  if (!representation) return exchange->Refuse(representation.error());
  auto query = ReadQueryBody(*exchange, exchange->body(), *representation, service.now(), Links::kFollowed);
  if (!query) return exchange->Refuse(query.error());
  ReadRestAndRun(service, exchange, std::move(*representation), std::move(*query));
}

}  // namespace bongsu::ngsi
