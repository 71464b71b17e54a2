// SPDX-License-Identifier: Apache-2.0
#include "serve/incidents/incident_routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::api {
namespace {

using guard::Permission;
using incidents::Incident;

struct Filter {
  std::string state;
  std::string owner;
  std::optional<TimePoint> since;

  static Result<Filter> Of(const Call& call) {
    Filter filter;
    filter.state = call.request.Query("state").value_or("");
    constexpr std::array<std::string_view, 4> kStates{"new", "in_progress", "resolved", "closed"};
    if (!filter.state.empty() && std::ranges::find(kStates, filter.state) == kStates.end()) {
      return Fail(Code::kInvalidArgument, "list.bad_filter", "there is no incident state '{}'", filter.state);
    }
    filter.owner = call.request.Query("owner").value_or("");
    if (filter.owner == "me") filter.owner = call.caller.id;
    BONGSU_TRY(filter.since, TimeQuery(call.request, "since"));
    return filter;
  }
  bool Fits(const Incident& incident) const {
    return (state.empty() || state == incidents::StateName(incident.state)) &&
           (owner.empty() || (incident.owner && incident.owner->id == owner)) &&
           (!since || incident.opened_at >= *since);
  }
};

const Incident* FindIncident(const TenantDesk& tenant, std::string_view id) {
  const auto hash = HashFromText(id);
  return hash ? tenant.incidents->Find(model::IncidentId{*hash}) : nullptr;
}

/// The incident after an act, as the answer; it exists, the act was on it.
Result<json::Value> Row(const TenantDesk& tenant, std::string_view id) {
  const Incident* incident = FindIncident(tenant, id);
  if (incident == nullptr) return Fail(Code::kNotFound, "incident.unknown", "there is no incident {}", id);
  return ToJson(*incident);
}

http::Response List(const TenantDesk& tenant, const Filter& filter, Page page) {
  json::Array items;
  for (const Incident* incident : tenant.incidents->List(true)) {
    if (filter.Fits(*incident) && page.Take(ToText(incident->id))) items.push_back(ToJson(*incident));
    if (page.full()) break;
  }
  if (!page.met()) {
    return Refuse(
        {Code::kInvalidArgument, "list.bad_cursor", "the list changed and the cursor's row is gone; begin again"});
  }
  return http::JsonResponse(200, page.Answer(std::move(items)));
}

Handler ActHandler(const FindDesk& find, std::string verb, int status) {
  return [find, verb = std::move(verb), status](const Call& call, http::Respond respond) {
    auto body = BodyOf(call.request);
    if (!body) {
      respond(Refuse(body.error()));
      return;
    }
    const auto id = call.params.find("id");
    model::DeskAct act = ActOf(call, verb, id == call.params.end() ? std::string{} : id->second, std::move(*body));
    DoOnDesk(find, call, std::move(respond), status,
             [act](TenantDesk& tenant, desk::DeskBatch& batch) { return tenant.incidents->Do(act, batch); });
  };
}

void Step(const FindDesk& find, const Call& call, http::Respond respond) {
  auto body = BodyOf(call.request);
  if (!body) {
    respond(Refuse(body.error()));
    return;
  }
  const std::string& text = call.params.find("n")->second;
  std::size_t n = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || rest != text.data() + text.size()) {
    respond(Refuse({Code::kInvalidArgument, "step.number", fmt::format("'{}' is no step number", text)}));
    return;
  }
  const model::DeskAct act = ActOf(call, "step", call.params.find("id")->second, std::move(*body));
  DoOnDesk(find, call, std::move(respond), 200,
           [act, n](TenantDesk& tenant, desk::DeskBatch& batch) -> Result<json::Value> {
             BONGSU_CHECK(tenant.procedures->Do(act, n, batch));
             return Row(tenant, act.subject);
           });
}

}  // namespace

Routes IncidentRoutes(FindDesk find) {
  Routes routes;
  routes.push_back(
      {"GET", "/api/v1/incidents", Permission::kReadPicture, [find](const Call& call, http::Respond respond) {
         const auto filter = Filter::Of(call);
         const auto page = Page::Of(call.request);
         if (!filter || !page) {
           respond(Refuse(!filter ? filter.error() : page.error()));
           return;
         }
         LookAtDesk(find, call, std::move(respond),
                    [filter = *filter, page = *page](TenantDesk& tenant) { return List(tenant, filter, page); });
       }});
  routes.push_back({"POST", "/api/v1/incidents", Permission::kActOnAlarms, ActHandler(find, "open", 201)});
  routes.push_back(
      {"GET", "/api/v1/incidents/{id}", Permission::kReadPicture, [find](const Call& call, http::Respond respond) {
         const std::string id = call.params.find("id")->second;
         LookAtDesk(find, call, std::move(respond), [id](TenantDesk& tenant) {
           const auto row = Row(tenant, id);
           return row ? http::JsonResponse(200, *row) : Refuse(row.error());
         });
       }});
  routes.push_back({"POST", "/api/v1/incidents/{id}/steps/{n}", Permission::kActOnAlarms,
                    [find](const Call& call, http::Respond respond) { Step(find, call, std::move(respond)); }});
  for (const char* verb : {"own", "release", "close"}) {
    routes.push_back({"POST", fmt::format("/api/v1/incidents/{{id}}/{}", verb), Permission::kActOnAlarms,
                      ActHandler(find, verb, 200)});
  }
  return routes;
}

}  // namespace bongsu::api
