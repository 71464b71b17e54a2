// SPDX-License-Identifier: Apache-2.0
#include "serve/notices/notice_routes.hpp"

#include <algorithm>
#include <array>

namespace bongsu::api {
namespace {

using dispatch::Notice;
using guard::Permission;

struct Filter {
  std::string incident;
  std::string state;

  static Result<Filter> Of(const http::Request& request) {
    Filter filter{std::string(request.Query("incident").value_or("")),
                  std::string(request.Query("state").value_or(""))};
    constexpr std::array<std::string_view, 6> kStates{"intended", "sent",         "delivered",
                                                      "failed",   "needs_answer", "held"};
    if (!filter.state.empty() && std::ranges::find(kStates, filter.state) == kStates.end()) {
      return Fail(Code::kInvalidArgument, "list.bad_filter", "there is no notice state '{}'", filter.state);
    }
    return filter;
  }
  bool Fits(const Notice& notice) const {
    return (incident.empty() || incident == notice.incident) &&
           (state.empty() || state == dispatch::StateName(notice.state));
  }
};

http::Response List(const TenantDesk& tenant, const Filter& filter, Page page) {
  json::Array items;
  for (const Notice* notice : tenant.outbox->List()) {
    if (filter.Fits(*notice) && page.Take(ToText(notice->id))) items.push_back(ToJson(*notice));
    if (page.full()) break;
  }
  if (!page.met()) {
    return Refuse(
        {Code::kInvalidArgument, "list.bad_cursor", "the list changed and the cursor's row is gone; begin again"});
  }
  return http::JsonResponse(200, page.Answer(std::move(items)));
}

/// The notice and the step it fulfils are one act. The step is tried first: what fails must not have added anything.
Result<json::Value> Send(TenantDesk& tenant, const model::DeskAct& act, desk::DeskBatch& batch) {
  const std::int64_t step = act.arguments["step"].AsInt();
  if (step < 1) return tenant.outbox->Do(act, batch);
  const model::DeskAct done{"step", std::string(act.arguments["incident"].AsString()), act.by, false,
                            json::Object{{"act", "done"}}};
  const auto incident = HashFromText(done.subject);
  const sop::Run* run = incident ? tenant.procedures->Find(model::IncidentId{*incident}) : nullptr;
  if (run == nullptr) {
    return Fail(Code::kNotFound, "incident.no_procedure", "incident {} is unknown or has no procedure", done.subject);
  }
  BONGSU_CHECK(run->Act(static_cast<std::size_t>(step), done, batch.now()));
  BONGSU_TRY(json::Value notice, tenant.outbox->Do(act, batch));
  BONGSU_CHECK(tenant.procedures->Do(done, static_cast<std::size_t>(step), batch));
  return notice;
}

void Post(const FindDesk& find, const Call& call, http::Respond respond, bool send) {
  auto body = BodyOf(call.request);
  if (!body) {
    respond(Refuse(body.error()));
    return;
  }
  const auto id = call.params.find("id");
  const model::DeskAct act =
      ActOf(call, send ? "send" : "answer", id == call.params.end() ? std::string{} : id->second, std::move(*body));
  DoOnDesk(find, call, std::move(respond), send ? 201 : 200, [act, send](TenantDesk& tenant, desk::DeskBatch& batch) {
    return send ? Send(tenant, act, batch) : tenant.outbox->Do(act, batch);
  });
}

}  // namespace

Routes NoticeRoutes(FindDesk find) {
  Routes routes;
  routes.push_back(
      {"GET", "/api/v1/notices", Permission::kReadPicture, [find](const Call& call, http::Respond respond) {
         const auto filter = Filter::Of(call.request);
         const auto page = Page::Of(call.request);
         if (!filter || !page) {
           respond(Refuse(!filter ? filter.error() : page.error()));
           return;
         }
         LookAtDesk(find, call, std::move(respond),
                    [filter = *filter, page = *page](TenantDesk& tenant) { return List(tenant, filter, page); });
       }});
  routes.push_back({"POST", "/api/v1/notices", Permission::kActOnAlarms,
                    [find](const Call& call, http::Respond respond) { Post(find, call, std::move(respond), true); }});
  routes.push_back({"POST", "/api/v1/notices/{id}/answer", Permission::kActOnAlarms,
                    [find](const Call& call, http::Respond respond) { Post(find, call, std::move(respond), false); }});
  return routes;
}

}  // namespace bongsu::api
