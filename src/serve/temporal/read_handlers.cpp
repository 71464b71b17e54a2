// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "serve/ngsi/request_query.hpp"
#include "serve/temporal/evolution_text.hpp"
#include "serve/temporal/handlers.hpp"

namespace bongsu::temporal {
namespace {

struct Asked {
  TemporalRequest request;
  context::Query query;
  ngsi::Page page;
  std::string_view path;
  bool descending = false;  ///< By id.
};

void AddPageLinks(const ExchangePtr& exchange, const Asked& asked, bool more) {
  const ngsi::Page& page = asked.page;
  if (page.offset > 0) {
    const std::size_t before = page.offset - std::min(page.offset, page.limit);
    exchange->AddLink(ngsi::PageLink(*exchange, asked.path, page, before, "prev"));
  }
  if (more && page.limit > 0)
    exchange->AddLink(ngsi::PageLink(*exchange, asked.path, page, page.offset + page.limit, "next"));
}

Result<Answer> Find(const TemporalHouse& house, const ExchangePtr& exchange, const std::shared_ptr<const Asked>& asked,
                    const store::StatePort& state) {
  const std::uint16_t partitions = house.live.partitions();
  const EvolutionReader reader{state, asked->request, house.cap};
  BONGSU_CHECK(reader.CheckReach(0, static_cast<std::uint16_t>(partitions - 1)));
  BONGSU_TRY(EvolutionReader::Page found, reader.Find(partitions, asked->query, asked->page, asked->descending));
  const auto range = CutToCap(found.entities, asked->request.time, house.cap);
  std::string text = "[";
  for (const EvolutionAnswer& entity : found.entities) {
    BONGSU_TRY(const std::string one,
               EvolutionText(entity, asked->request, model::PartitionOf(asked->query.tenant, entity.id, partitions)));
    if (text.size() > 1) text += ',';
    text += one;
  }
  text += ']';
  const auto json = std::make_shared<std::string>(std::move(text));
  return Answer{[exchange, asked, range, json, total = found.total, more = found.more] {
    if (asked->page.count) exchange->Add("NGSILD-Results-Count", std::to_string(total));
    AddPageLinks(exchange, *asked, more);
    if (range) exchange->Add("Content-Range", *range);
    exchange->AnswerData(range ? 206 : 200, std::move(*json));
  }};
}

void Run(const TemporalHouse& house, const ExchangePtr& exchange, Asked asked) {
  if (!asked.request.time.given())
    return exchange->Refuse(ngsi::BadData("a temporal query needs timerel and timeAt").value());
  const auto shared = std::make_shared<const Asked>(std::move(asked));
  ReadThenAnswer(house, exchange, {}, [house, exchange, shared](const store::StatePort& state) {
    return Find(house, exchange, shared, state);
  });
}

Result<Asked> ReadAsked(const TemporalHouse& house, ngsi::Exchange& exchange, bool by_body) {
  BONGSU_CHECK(ngsi::RefuseNotBuilt(exchange));
  const std::string order = exchange.Parameter("orderBy");
  if (exchange.HasParameter("orderBy") && order != "id" && order != "id;asc" && order != "id;desc")
    return ngsi::BadData("histories are ordered by id");
  if (by_body && exchange.body().Find("ordering") != nullptr) return ngsi::BadData("histories are ordered by id");
  const TimePoint now = house.service.now();
  Asked asked;
  asked.descending = order == "id;desc";
  json::Value body = by_body ? exchange.body() : json::Value{};
  BONGSU_TRY(asked.request, ReadTemporalRequest(exchange, by_body ? &body : nullptr, now));
  if (by_body) {
    BONGSU_TRY(asked.query, ngsi::ReadQueryBody(exchange, body, asked.request.as, now));
  } else {
    BONGSU_TRY(asked.query, ngsi::ReadQuery(exchange, asked.request.as, now));
  }
  BONGSU_TRY(asked.page, ngsi::ReadPage(exchange));
  asked.path = by_body ? "temporal/entityOperations/query" : "temporal/entities";
  return asked;
}

Result<Answer> Retrieve(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                        const std::shared_ptr<const TemporalRequest>& request,
                        const std::optional<context::TypeQuery>& type, const store::StatePort& state) {
  const std::uint16_t partition = model::PartitionOf(exchange->tenant(), id, house.live.partitions());
  const EvolutionReader reader{state, *request, house.cap};
  BONGSU_CHECK(reader.CheckReach(partition, partition));
  BONGSU_TRY(auto found, reader.Read({partition, exchange->tenant(), id}, nullptr));
  context::Names names;
  context::Entity entity;
  for (const auto& one : found ? found->head.types : std::vector<std::string>{})
    entity.types.push_back(names.Intern(one));
  if (!found || (type && !type->Matches(entity)))
    return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "there is no history of {}", id);
  const bool leaves_member = !request->as.attributes && ShowsMembers(request->as, *found);
  if (!found->known_attributes && !leaves_member)
    return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "the history of {} has nothing of what was asked for", id);
  std::vector<EvolutionAnswer> one;
  one.push_back(std::move(*found));
  const auto range = CutToCap(one, request->time, house.cap);
  BONGSU_TRY(std::string text, EvolutionText(one.front(), *request, partition));
  const auto json = std::make_shared<std::string>(std::move(text));
  return Answer{[exchange, range, json] {
    if (range) exchange->Add("Content-Range", *range);
    exchange->AnswerData(range ? 206 : 200, std::move(*json));
  }};
}

}  // namespace

void ReadThenAnswer(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                    const std::function<Result<Answer>(const store::StatePort& state)>& read) {
  const std::size_t shard = house.service.OwnerOf(exchange->tenant(), id);
  const auto run = [&service = house.service, exchange, shard, read](const store::StatePort& state) {
    auto answer = read(state);
    service.On(shard, [exchange, answer = std::move(answer)] {
      if (!answer) return exchange->Refuse(answer.error());
      (*answer)();
    });
  };
  const auto refused = [exchange](const Error& error) { exchange->Refuse(error); };
  if (id.empty()) return house.live.ReadHistory(run, refused);
  house.live.ReadHistory(exchange->tenant(), id, run, refused);
}

void QueryEvolutions(const TemporalHouse& house, const ExchangePtr& exchange) {
  auto asked = ReadAsked(house, *exchange, false);
  if (!asked) return exchange->Refuse(asked.error());
  Run(house, exchange, std::move(*asked));
}

void QueryEvolutionsByBody(const TemporalHouse& house, const ExchangePtr& exchange) {
  auto asked = ReadAsked(house, *exchange, true);
  if (!asked) return exchange->Refuse(asked.error());
  Run(house, exchange, std::move(*asked));
}

void RetrieveEvolution(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id) {
  if (const auto built = ngsi::RefuseNotBuilt(*exchange); !built) return exchange->Refuse(built.error());
  auto read = ReadTemporalRequest(*exchange, nullptr, house.service.now());
  if (!read) return exchange->Refuse(read.error());
  const auto type = ngsi::ReadTypeFilter(*exchange);
  if (!type) return exchange->Refuse(type.error());
  const auto request = std::make_shared<const TemporalRequest>(std::move(*read));
  ReadThenAnswer(house, exchange, id, [house, exchange, id, request, type = *type](const store::StatePort& state) {
    return Retrieve(house, exchange, id, request, type, state);
  });
}

}  // namespace bongsu::temporal
