// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <span>

#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/joined_reader.hpp"
#include "serve/ngsi/linked_query.hpp"
#include "serve/ngsi/page_reader.hpp"
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
  bool too_many = false;  ///< They would take more memory than a query may.
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

void AddPageHeaders(const ExchangePtr& exchange, const Asked& asked, std::size_t total, bool more) {
  if (asked.page.count) exchange->Add("NGSILD-Results-Count", std::to_string(total));
  const Page& page = asked.page;
  const std::string_view path = exchange->request().method == "POST" ? "entityOperations/query" : "entities";
  if (page.offset > 0)
    exchange->AddLink(PageLink(*exchange, path, page, page.offset - std::min(page.offset, page.limit), "prev"));
  if (more && page.limit > 0) exchange->AddLink(PageLink(*exchange, path, page, page.offset + page.limit, "next"));
}

ListFrame FrameOf(const Representation& as) {
  if (as.geojson) return {R"({"type":"FeatureCollection","features":[)", {}, "]}"};
  return {};
}

void AnswerWhole(const ExchangePtr& exchange, const Asked& asked, std::vector<std::string> entities) {
  const ListFrame frame = FrameOf(*asked.as);
  exchange->AnswerData(200, frame.open + JoinEntities(std::move(entities), frame, true) + frame.close);
}

/// A frame whose entities, or whose collection, carry the @context.
ListFrame FrameWith(const std::string& context, const Representation& as) {
  ListFrame frame = FrameOf(as);
  if (context.empty()) return frame;
  const std::string member = ",\"@context\":" + context;
  if (as.geojson) {
    frame.close = ']' + member + '}';
  } else {
    frame.in_each = member;
  }
  return frame;
}

/// An answer that is kept for a repeat (Idempotency-Key) lies in memory for a day.
constexpr std::size_t kMostKept = 4UL << 20U;

std::shared_ptr<EntityReader> MakeReader(ContextService& service, std::uint16_t tenant, const Asked& asked,
                                         const PageIds& ids, std::size_t more_bytes) {
  if (asked.join.mode == Join::Mode::kNone)
    return std::make_shared<PageReader>(service, asked.query, asked.as, ids, more_bytes);
  const Joining joining{tenant, asked.as, asked.join, service.query_limits().memory_bytes, asked.query};
  if (asked.join.mode == Join::Mode::kInline) return std::make_shared<InlineReader>(service, joining, ids);
  return std::make_shared<FlatReader>(service, joining, ids, more_bytes);
}

/// A page that fits into one part is one text; else the rest is made as the socket takes it.
class PageAnswer : public std::enable_shared_from_this<PageAnswer> {
 public:
  PageAnswer(ContextService& service, ExchangePtr exchange, Asked asked, std::vector<std::string> ids)
      : service_{service},
        exchange_{std::move(exchange)},
        asked_{std::move(asked)},
        ids_{std::make_shared<const std::vector<std::string>>(std::move(ids))},
        frame_{FrameWith(exchange_->BodyContext(), *asked_.as)} {}

  void Begin() { Fill(Reader(), {}, 0); }

 private:
  /// Reads on until a part is full.
  void Fill(const std::shared_ptr<EntityReader>& reader, std::vector<std::string> read, std::size_t bytes) {
    reader->Read([self = shared_from_this(), reader, read = std::move(read),
                  bytes](Result<std::vector<std::string>> entities) mutable {
      if (!entities) return self->exchange_->Refuse(entities.error());
      for (std::string& entity : *entities) {
        bytes += entity.size() + self->frame_.in_each.size();
        read.push_back(std::move(entity));
      }
      if (reader->at_end()) return AnswerWhole(self->exchange_, self->asked_, std::move(read));
      if (bytes < kPartBytes)
        return self->service_.Later([self, reader, read = std::move(read), bytes] { self->Fill(reader, read, bytes); });
      const auto minor = self->exchange_->preferred_minor();
      if (!minor) return self->Send(200, std::move(read), reader);
      self->Prefer(*minor);
    });
  }
  std::shared_ptr<EntityReader> Reader() const {
    return MakeReader(service_, exchange_->tenant(), asked_, ids_, frame_.in_each.size());
  }
  /// The status says whether anything of the page had to be changed: so it is looked through first, up to there.
  void Prefer(int minor) {
    const auto ahead = std::make_shared<EarlierReader>(Reader(), minor);
    ahead->LookAhead(service_, [self = shared_from_this(), minor](const Result<bool>& changed) {
      if (!changed) return self->exchange_->Refuse(changed.error());
      const auto reader = std::make_shared<EarlierReader>(self->Reader(), minor);
      reader->Read([self, reader, status = *changed ? 203 : 200](Result<std::vector<std::string>> entities) {
        if (!entities) return self->exchange_->Refuse(entities.error());
        self->Send(status, std::move(*entities), reader);
      });
    });
  }
  void Send(int status, std::vector<std::string> entities, const std::shared_ptr<EntityReader>& reader) {
    const bool none = entities.empty();  // they went since they were found
    std::string begin = frame_.open + JoinEntities(std::move(entities), frame_, true);
    if (none || reader->at_end()) return exchange_->AnswerParts(status, begin + frame_.close, nullptr);
    exchange_->AnswerParts(status, std::move(begin), std::make_shared<PageParts>(reader, frame_));
  }

  ContextService& service_;
  const ExchangePtr exchange_;
  const Asked asked_;
  const PageIds ids_;
  const ListFrame frame_;
};

/// Renders the entities of the page; one that went away in between is left out.
void FetchPage(ContextService& service, const ExchangePtr& exchange, const Asked& asked, std::vector<std::string> ids,
               std::size_t total, bool more) {
  AddPageHeaders(exchange, asked, total, more);
  if (!exchange->IsKept()) return std::make_shared<PageAnswer>(service, exchange, asked, std::move(ids))->Begin();
  Render(service, ids,
         {exchange->tenant(), asked.as, asked.join, std::min(kMostKept, service.query_limits().memory_bytes)},
         [exchange, asked](Result<std::vector<std::string>> entities) {
           if (entities) return AnswerWhole(exchange, asked, std::move(*entities));
           if (entities.error().code != Code::kTooLarge) return exchange->Refuse(entities.error());
           exchange->Refuse({Code::kTooLarge, "ngsi.TooManyResults",
                             fmt::format("an answer that is kept for its Idempotency-Key has at most {} bytes of "
                                         "entities, {} of them: ask for a smaller limit, or leave the key out, since a "
                                         "query changes nothing",
                                         kMostKept, kMaxJoined)});
         });
}

bool Before(const context::Ordering* order, const Place& a, const Place& b) {
  return order != nullptr ? order->Before(a.keys, a.id, b.keys, b.id) : a.id < b.id;
}

/// The first places of a shard, as many as are wanted and as memory allows.
class FirstPlaces {
 public:
  FirstPlaces(const context::Ordering* order, std::size_t most, std::size_t bytes)
      : order_{order}, most_{most}, left_{bytes} {}

  void Take(const context::Entity& entity) {
    Place place{order_ != nullptr ? order_->KeysOf(entity) : context::Ordering::Keys{}, entity.id};
    const auto before = [this](const Place& a, const Place& b) { return Before(order_, a, b); };
    if (places_.size() == most_) {
      if (!before(place, places_.front())) return;
      left_ += BytesOf(places_.front());
      std::ranges::pop_heap(places_, before);
      places_.pop_back();
    }
    const std::size_t bytes = BytesOf(place);
    too_many_ = too_many_ || bytes > left_;
    if (too_many_) return;
    left_ -= bytes;
    places_.push_back(std::move(place));
    std::ranges::push_heap(places_, before);
  }
  bool too_many() const { return too_many_; }
  std::vector<Place> TakeOut() { return std::move(places_); }

 private:
  static std::size_t BytesOf(const Place& place) {
    std::size_t bytes = sizeof(Place) + place.id.size() + place.keys.size() * sizeof(context::SortValue);
    for (const auto& key : place.keys) bytes += key.text.size();
    return bytes;
  }

  const context::Ordering* order_;
  const std::size_t most_;  // at least one
  std::size_t left_;
  bool too_many_ = false;
  std::vector<Place> places_;  // a heap, the last of them in front
};

/// @param memory  for the places of this shard
Found FoundIn(const context::Context::Selection& selection, const Asked& asked, std::size_t most, std::size_t memory) {
  FirstPlaces first{asked.order.get(), most, memory};
  for (const context::Entity* entity : selection.entities) {
    first.Take(*entity);
    if (first.too_many()) break;
  }
  return {first.TakeOut(), first.too_many(), selection.total, selection.plan};
}

bool WantsPlan(const Exchange& exchange) { return exchange.request().Header("Bongsu-Debug") == "query"; }

/// An @context may make any text a name: what has no place in a header is percent-encoded.
std::string InHeader(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c > ' ' && c < 0x7F && c != '"' && c != '\\') {
      out += c;
    } else {
      out += http::PercentEncode({&c, 1});
    }
  }
  return out;
}

std::string IndexText(const context::PlanReport::Considered& index) {
  std::string text{NameOf(index.kind)};
  if (!index.of.empty()) text += '(' + InHeader(index.of) + ')';
  return text;
}

/// A structured field (RFC 8941), one item a shard: which index drove, how many entities it was expected to give, how
/// many were looked at and how many were found, and what the others would have given ("+": at least).
std::string PlanText(const std::vector<Found>& parts) {
  constexpr std::size_t kMostNamed = 8;  // a header has a bound in every client
  std::string out;
  for (std::size_t shard = 0; shard < parts.size(); ++shard) {
    const auto& plan = parts[shard].plan;
    std::string others;
    for (const auto& other : std::span{plan.considered}.first(std::min(kMostNamed, plan.considered.size())))
      others +=
          fmt::format("{}{}:{}{}", others.empty() ? "" : " ", IndexText(other), other.count, other.capped ? "+" : "");
    out += fmt::format(R"({}{};index="{}";estimated={};looked-at={};read={};found={};others="{}")",
                       out.empty() ? "" : ", ", shard, IndexText(plan.chosen), plan.chosen.count, plan.looked_at,
                       plan.read, parts[shard].places.size(), others);
  }
  return out;
}

/// First the ids of every shard in order, cut to the page, then the entities themselves.
void Select(ContextService& service, const ExchangePtr& exchange, const Asked& asked) {
  const std::size_t most = asked.page.offset + asked.page.limit + 1;  // one more tells whether there is a next page
  const std::size_t memory = service.query_limits().memory_bytes;
  // In another order all that match are compared by what they say.
  const bool ordered = asked.order != nullptr;
  const context::Context::Question question{
      .query = asked.query, .most = ordered ? SIZE_MAX : most, .count = asked.page.count, .whole = ordered};
  service.SelectAll<Found>(
      question,
      [asked, most, memory = memory / service.shards()](const context::Context::Selection& selection) {
        return FoundIn(selection, asked, most, memory);
      },
      [&service, exchange, asked, memory](Result<std::vector<Found>> found) {
        if (!found) return exchange->Refuse(found.error());
        std::vector<Found> parts = std::move(*found);
        if (std::ranges::any_of(parts, &Found::too_many)) {
          return exchange->Refuse(
              {Code::kTooLarge, "ngsi.TooManyResults",
               fmt::format("the entities up to the end of the page take more than {} bytes: ask for "
                           "a smaller limit or offset, or narrow the query",
                           memory)});
        }
        if (WantsPlan(*exchange)) exchange->Add("Bongsu-Query-Plan", PlanText(parts));
        std::vector<Place> places;
        std::size_t total = 0;
        for (auto& part : parts) {
          total += part.total;
          std::ranges::move(part.places, std::back_inserter(places));
        }
        std::ranges::sort(places, [&](const Place& a, const Place& b) { return Before(asked.order.get(), a, b); });
        const std::size_t from = std::min(asked.page.offset, places.size());
        const std::size_t to = std::min(from + asked.page.limit, places.size());
        const bool more = to < places.size();
        std::vector<std::string> page;
        for (std::size_t i = from; i < to; ++i) page.push_back(std::move(places[i].id));
        FetchPage(service, exchange, asked, std::move(page), total, more);
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
  const auto page = ReadPage(*exchange, service.query_limits().page_entities);
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
