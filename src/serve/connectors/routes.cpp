// SPDX-License-Identifier: Apache-2.0
#include "serve/connectors/routes.hpp"

#include <algorithm>

#include "serve/api/query.hpp"

namespace bongsu::connectors {
namespace {

using guard::Permission;

/// Which page of a list: the cursor is the place of its first item.
struct Wanted {
  std::size_t from = 0;
  std::size_t limit = 0;
  static Result<Wanted> Of(const http::Request& request) {
    Wanted wanted;
    BONGSU_TRY(wanted.limit, api::LimitOf(request));
    BONGSU_TRY(wanted.from, api::NumberOf(request, "cursor", 0, 0, 1'000'000'000));
    return wanted;
  }
};

/// One page of `items`: {items, next?}.
template <class Item>
http::Response Page(const Wanted& wanted, const std::vector<Item>& items) {
  json::Value body;
  json::Array shown;
  const std::size_t end = wanted.from + wanted.limit;
  for (std::size_t i = wanted.from; i < std::min(items.size(), end); ++i) shown.push_back(ToJson(items[i]));
  body.Set("items", std::move(shown));
  if (end < items.size()) body.Set("next", std::to_string(end));
  return http::JsonResponse(200, body);
}

http::Response NotFound(std::string_view reason, std::string_view what, std::string_view id) {
  return http::ProblemResponse({Code::kNotFound, std::string(reason), fmt::format("there is no {} '{}'", what, id)});
}

void ListConnectors(sense::Senses& senses, const api::Call& call, http::Respond respond) {
  const auto wanted = Wanted::Of(call.request);
  if (!wanted) return respond(http::ProblemResponse(wanted.error()));
  senses.Statuses(call.caller.tenant_name,
                  [wanted = *wanted, respond = std::move(respond)](
                      const std::vector<ingest::ConnectorStatus>& statuses) { respond(Page(wanted, statuses)); });
}

void GetConnector(sense::Senses& senses, const api::Call& call, http::Respond respond) {
  senses.Statuses(call.caller.tenant_name, [id = call.params.at("id"), respond = std::move(respond)](
                                               const std::vector<ingest::ConnectorStatus>& statuses) {
    const auto found = std::ranges::find(statuses, id, &ingest::ConnectorStatus::id);
    respond(found == statuses.end() ? NotFound("connectors.unknown", "connector", id)
                                    : http::JsonResponse(200, ToJson(*found)));
  });
}

std::optional<std::string> Given(const http::Request& request, std::string_view name) {
  const auto text = request.Query(name);
  return text ? std::optional<std::string>{*text} : std::nullopt;
}

void ListHeld(sense::Senses& senses, const api::Call& call, http::Respond respond) {
  const auto wanted = Wanted::Of(call.request);
  if (!wanted) return respond(http::ProblemResponse(wanted.error()));
  senses.gate().LookHeld(call.caller.tenant_name, [wanted = *wanted, source = Given(call.request, "source"),
                                                   state = Given(call.request, "state"),
                                                   respond = std::move(respond)](std::vector<ingest::HeldItem> items) {
    std::erase_if(items, [&](const ingest::HeldItem& item) {
      return (source && item.source != *source) || (state && item.state != *state);
    });
    respond(Page(wanted, items));
  });
}

void GetHeld(sense::Senses& senses, const api::Call& call, http::Respond respond) {
  senses.gate().LookHeld(call.caller.tenant_name, [id = call.params.at("id"), respond = std::move(respond)](
                                                      const std::vector<ingest::HeldItem>& items) {
    const auto found = std::ranges::find_if(
        items, [&](const ingest::HeldItem& item) { return ingest::QuarantineId(item.position) == id; });
    respond(found == items.end() ? NotFound("quarantine.unknown", "held message", id)
                                 : http::JsonResponse(200, ToJson(*found)));
  });
}

void Replay(sense::Senses& senses, const api::Call& call, http::Respond respond) {
  const auto position = ingest::PositionOfId(call.params.at("id"));
  if (!position) return respond(http::ProblemResponse(position.error()));
  senses.gate().Replay(
      call.caller.tenant_name, *position, [respond = std::move(respond)](Result<ingest::Outcome> outcome) {
        respond(outcome ? http::JsonResponse(200, ToJson(*outcome)) : http::ProblemResponse(outcome.error()));
      });
}

}  // namespace

api::Routes ConnectorRoutes(sense::Senses& senses) {
  const auto with = [&senses](auto* handler) {
    return
        [&senses, handler](const api::Call& call, http::Respond respond) { handler(senses, call, std::move(respond)); };
  };
  api::Routes routes{
      {"GET", "/api/v1/connectors", Permission::kReadConnectors, with(ListConnectors)},
      {"GET", "/api/v1/connectors/{id}", Permission::kReadConnectors, with(GetConnector)},
      {"GET", "/api/v1/quarantine", Permission::kReadConnectors, with(ListHeld)},
      {"GET", "/api/v1/quarantine/{id}", Permission::kReadConnectors, with(GetHeld)},
      {"POST", "/api/v1/quarantine/{id}/replay", Permission::kManageConnectors, with(Replay)},
  };
  for (ingest::Door& door : senses.Doors()) {
    routes.push_back({std::move(door.method), std::move(door.path), door.permission,
                      [receive = std::move(door.receive)](api::Call call, http::Respond respond) {
                        std::string source = std::move(call.params["source"]);
                        receive({std::move(call.caller.tenant_name), std::move(source), std::move(call.request)},
                                std::move(respond));
                      }});
  }
  return routes;
}

}  // namespace bongsu::connectors
