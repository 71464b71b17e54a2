// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/request_query.hpp"

namespace bongsu::ngsi {
namespace {

using model::PatchOp;

/// Entities of one shard that are purged in one go; memory stays bounded however many match.
constexpr std::size_t kRound = 1000;

/// What a purge takes: whole entities, or some of their attributes.
struct Purge {
  context::Query query;
  std::optional<NameSet> keep;  ///< Attribute IRIs: all others go.
  std::optional<NameSet> drop;  ///< Attribute IRIs that go.

  bool whole() const { return !keep && !drop; }
  bool Takes(const std::string& attribute) const {
    return keep ? !keep->contains(attribute) : drop && drop->contains(attribute);
  }
};

/// An entity and those of its attributes that go; none when the whole of it goes.
struct Victim {
  std::string id;
  std::vector<std::string> attributes;
};

std::vector<Victim> VictimsOf(const context::Context& context, const context::Context::Selection& selection,
                              const Purge& purge) {
  std::vector<Victim> victims;
  // An entity matches as before once its attributes are gone: only those that still have some count.
  for (const context::Entity* entity : selection.entities) {
    std::vector<std::string> attributes;
    context.warmth().EachAttribute(*entity, [&](context::Name name, context::AttributeKind) {
      const bool again = !attributes.empty() && attributes.back() == *name;
      if (!again && purge.Takes(*name)) attributes.push_back(*name);
    });
    if (purge.whole() || !attributes.empty()) victims.push_back({entity->id, std::move(attributes)});
    if (victims.size() == kRound) break;
  }
  return victims;
}

context::WriteRequest RequestFor(const Exchange& exchange, PatchOp op, const std::string& id, json::Value body) {
  return {exchange.tenant(), exchange.caller().id, {}, {op, id, std::move(body)}, {}};
}

std::vector<context::WriteRequest> RequestsFor(const Exchange& exchange, const std::vector<Victim>& victims) {
  std::vector<context::WriteRequest> requests;
  for (const Victim& victim : victims) {
    if (victim.attributes.empty()) requests.push_back(RequestFor(exchange, PatchOp::kDelete, victim.id, {}));
    for (const std::string& attribute : victim.attributes) {
      requests.push_back(RequestFor(exchange, PatchOp::kDeleteAttribute, victim.id,
                                    json::Object{{"attribute", attribute}, {"deleteAll", true}}));
    }
  }
  return requests;
}

/// One round after the other until nothing matches; what cannot be written ends it with an error of each entity.
void Round(ContextService& service, const ExchangePtr& exchange, const std::shared_ptr<const Purge>& purge) {
  using Victims = std::vector<Victim>;
  service.AskAllLater<Result<Victims>>(
      [purge](context::Context& context, const std::function<void(Result<Victims>)>& answer) {
        context.Ask({.query = {purge, &purge->query}, .most = purge->whole() ? kRound : SIZE_MAX},
                    [&context, purge, answer](const Result<context::Context::Selection>& selection) {
                      answer(selection ? Result<Victims>{VictimsOf(context, *selection, *purge)}
                                       : tl::unexpected<Error>(selection.error()));
                    });
      },
      [&service, exchange, purge](std::vector<Result<Victims>> answers) {
        const auto parts = AllOf(std::move(answers));
        if (!parts) return exchange->Refuse(parts.error());
        std::vector<context::WriteRequest> requests;
        for (const auto& part : *parts) std::ranges::move(RequestsFor(*exchange, part), std::back_inserter(requests));
        if (requests.empty()) return exchange->Answer(204);
        std::vector<std::string> ids;
        ids.reserve(requests.size());
        for (const auto& request : requests) ids.push_back(request.patch.id);
        service.WriteBatch(std::move(requests), [&service, exchange, purge, ids = std::move(ids)](
                                                    const std::vector<Result<context::WriteOutcome>>& outcomes) {
          json::Array success;
          json::Array errors;
          for (std::size_t i = 0; i < outcomes.size(); ++i) {
            // What somebody else took in the meantime is gone as asked.
            if (outcomes[i] || outcomes[i].error().code == Code::kNotFound) {
              success.emplace_back(ids[i]);
            } else {
              errors.push_back(json::Object{{"entityId", ids[i]}, {"error", ProblemBody(outcomes[i].error())}});
            }
          }
          if (errors.empty()) return Round(service, exchange, purge);
          exchange->Answer(
              207, json::ToString(json::Object{{"success", std::move(success)}, {"errors", std::move(errors)}}));
        });
      });
}

Result<Purge> ReadPurge(Exchange& exchange, TimePoint now) {
  BONGSU_TRY(auto representation, ReadRepresentation(exchange, now));
  Purge purge;
  BONGSU_TRY(purge.query, ReadQuery(exchange, representation, now));
  BONGSU_TRY(purge.keep, ReadNames(exchange, "keep"));
  BONGSU_TRY(purge.drop, ReadNames(exchange, "drop"));
  if (purge.keep && purge.drop) return BadData("keep does not go together with drop");
  return purge;
}

}  // namespace

void PurgeEntities(ContextService& service, const ExchangePtr& exchange) {
  auto purge = ReadPurge(*exchange, service.now());
  if (!purge) return exchange->Refuse(purge.error());
  Round(service, exchange, std::make_shared<const Purge>(std::move(*purge)));
}

}  // namespace bongsu::ngsi
