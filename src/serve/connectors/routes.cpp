// SPDX-License-Identifier: Apache-2.0
#include "serve/connectors/routes.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::connectors {
namespace {

using guard::Permission;

std::size_t NumberOf(const http::Request& request, std::string_view name, std::size_t otherwise, std::size_t most) {
  const auto text = request.Query(name);
  std::size_t value = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return std::min(value, most);
}

/// One page of `items`: {items, next?}; the cursor is the place of the next one.
template <class Item>
http::Response Page(const http::Request& request, const std::vector<Item>& items) {
  const std::size_t limit = std::max<std::size_t>(1, NumberOf(request, "limit", 100, 1000));
  const std::size_t from = NumberOf(request, "cursor", 0, items.size());
  json::Value body;
  json::Array shown;
  for (std::size_t i = from; i < items.size() && i < from + limit; ++i) shown.push_back(ToJson(items[i]));
  body.Set("items", std::move(shown));
  if (from + limit < items.size()) body.Set("next", std::to_string(from + limit));
  return http::JsonResponse(200, body);
}

http::Response NotFound(std::string_view reason, std::string_view what, std::string_view id) {
  return http::ProblemResponse({Code::kNotFound, std::string(reason), fmt::format("there is no {} '{}'", what, id)});
}

void ListConnectors(sense::Senses& senses, api::Call call, http::Respond respond) {
  senses.Statuses(call.caller.tenant_name,
                  [request = std::move(call.request), respond = std::move(respond)](
                      const std::vector<ingest::ConnectorStatus>& statuses) { respond(Page(request, statuses)); });
}

void GetConnector(sense::Senses& senses, api::Call call, http::Respond respond) {
  senses.Statuses(call.caller.tenant_name, [id = call.params["id"], respond = std::move(respond)](
                                               const std::vector<ingest::ConnectorStatus>& statuses) {
    const auto found = std::ranges::find(statuses, id, &ingest::ConnectorStatus::id);
    respond(found == statuses.end() ? NotFound("connectors.unknown", "connector", id)
                                    : http::JsonResponse(200, ToJson(*found)));
  });
}

void ListHeld(sense::Senses& senses, api::Call call, http::Respond respond) {
  senses.gate().LookHeld(call.caller.tenant_name, [request = std::move(call.request),
                                                   respond = std::move(respond)](std::vector<ingest::HeldItem> items) {
    const auto source = request.Query("source");
    const auto state = request.Query("state");
    std::erase_if(items, [&](const ingest::HeldItem& item) {
      return (source && item.source != *source) || (state && item.state != *state);
    });
    respond(Page(request, items));
  });
}

void GetHeld(sense::Senses& senses, api::Call call, http::Respond respond) {
  senses.gate().LookHeld(call.caller.tenant_name, [id = call.params["id"], respond = std::move(respond)](
                                                      const std::vector<ingest::HeldItem>& items) {
    const auto found = std::ranges::find_if(
        items, [&](const ingest::HeldItem& item) { return ingest::QuarantineId(item.position) == id; });
    respond(found == items.end() ? NotFound("quarantine.unknown", "held message", id)
                                 : http::JsonResponse(200, ToJson(*found)));
  });
}

void Replay(sense::Senses& senses, api::Call call, http::Respond respond) {
  const auto position = ingest::PositionOfId(call.params["id"]);
  if (!position) return respond(http::ProblemResponse(position.error()));
  senses.gate().Replay(
      call.caller.tenant_name, *position, [respond = std::move(respond)](Result<ingest::Outcome> outcome) {
        respond(outcome ? http::JsonResponse(200, ToJson(*outcome)) : http::ProblemResponse(outcome.error()));
      });
}

}  // namespace

api::Routes ConnectorRoutes(sense::Senses& senses) {
  const auto with = [&senses](auto* handler) {
    return [&senses, handler](api::Call call, http::Respond respond) {
      handler(senses, std::move(call), std::move(respond));
    };
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
