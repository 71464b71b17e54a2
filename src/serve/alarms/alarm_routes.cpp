// SPDX-License-Identifier: Apache-2.0
#include "serve/alarms/alarm_routes.hpp"

#include <algorithm>
#include <array>

#include "serve/alarms/alarm_detail.hpp"

namespace bongsu::api {
namespace {

using alarms::AlarmRow;
using guard::Permission;

struct Filter {
  std::string state;
  int severity = 0;
  std::string position;
  std::string rule;
  std::string source;
  std::string parent;
  std::optional<bool> shelved;
  bool closed = false;
  std::optional<TimePoint> since;
  std::optional<TimePoint> until;

  static Result<Filter> Of(const http::Request& request);
  bool Fits(const AlarmRow& row) const;
};

Result<std::optional<bool>> BoolQuery(const http::Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text) return std::optional<bool>{};
  if (*text != "true" && *text != "false") {
    return Fail(Code::kInvalidArgument, "list.bad_filter", "{} is true or false, not '{}'", name, *text);
  }
  return std::optional<bool>{*text == "true"};
}

Result<Filter> Filter::Of(const http::Request& request) {
  Filter filter;
  filter.state = request.Query("state").value_or("");
  constexpr std::array<std::string_view, 4> kStates{"unacked", "acked", "returned", "normal"};
  if (!filter.state.empty() && std::ranges::find(kStates, filter.state) == kStates.end()) {
    return Fail(Code::kInvalidArgument, "list.bad_filter", "there is no alarm state '{}'", filter.state);
  }
  if (const auto severity = request.Query("severity")) {
    if (severity->size() != 1 || severity->front() < '1' || severity->front() > '4') {
      return Fail(Code::kInvalidArgument, "list.bad_filter", "severity is 1 to 4, not '{}'", *severity);
    }
    filter.severity = severity->front() - '0';
  }
  filter.position = request.Query("position").value_or("");
  filter.rule = request.Query("rule").value_or("");
  filter.source = request.Query("source").value_or("");
  filter.parent = request.Query("parent").value_or("");
  BONGSU_TRY(filter.shelved, BoolQuery(request, "shelved"));
  BONGSU_TRY(const auto closed, BoolQuery(request, "closed"));
  filter.closed = closed.value_or(false);
  BONGSU_TRY(filter.since, TimeQuery(request, "since"));
  BONGSU_TRY(filter.until, TimeQuery(request, "until"));
  return filter;
}

bool Filter::Fits(const AlarmRow& row) const {
  return (state.empty() || state == alarms::StateName(row.state)) && (severity == 0 || severity == row.severity) &&
         (position.empty() || position == row.position) && (rule.empty() || rule == row.rule) &&
         (source.empty() || std::ranges::find(row.sources, source) != row.sources.end()) &&
         (parent.empty() || (row.parent && ToText(*row.parent) == parent)) &&
         (!shelved || *shelved == row.shelved.has_value()) && (!since || row.last_at >= *since) &&
         (!until || row.first_at < *until);
}

http::Response List(const TenantDesk& tenant, const Filter& filter, Page page) {
  json::Array items;
  for (const AlarmRow* row : filter.closed ? tenant.alarms->Closed() : tenant.alarms->Board()) {
    if (filter.Fits(*row) && page.Take(ToText(row->id))) items.push_back(ToJson(*row));
    if (page.full()) break;
  }
  if (!page.met()) {
    return Refuse(
        {Code::kInvalidArgument, "list.bad_cursor", "the list changed and the cursor's row is gone; begin again"});
  }
  return http::JsonResponse(200, page.Answer(std::move(items)));
}

const AlarmRow* FindRow(const TenantDesk& tenant, std::string_view id) {
  const auto hash = HashFromText(id);
  return hash ? tenant.alarms->Find(model::AlarmId{*hash}) : nullptr;
}

void Detail(const std::shared_ptr<TenantDesk>& tenant, const Call& call, const http::Respond& respond) {
  const std::string& id = call.params.find("id")->second;
  const AlarmRow* row = FindRow(*tenant, id);
  if (row == nullptr) {
    respond(Refuse({Code::kNotFound, "alarm.unknown", fmt::format("there is no alarm {}", id)}));
    return;
  }
  auto draft = std::make_shared<DetailDraft>(DraftOf(*row, *tenant->incidents, tenant->city, call.caller));
  const bool accepted = tenant->blocking([tenant, draft, respond] {
    auto detail = std::make_shared<json::Value>(Complete(std::move(*draft), *tenant->journal));
    tenant->post([detail, respond] { respond(http::JsonResponse(200, *detail)); });
  });
  if (!accepted) respond(Refuse({Code::kOverloaded, "alarm.busy", "too many explanations are being read; come again"}));
}

Handler ActHandler(const FindDesk& find, std::string verb) {
  return [find, verb = std::move(verb)](Call call, http::Respond respond) {
    auto body = BodyOf(call.request);
    if (!body) {
      respond(Refuse(body.error()));
      return;
    }
    const std::string id = call.params.find("id")->second;
    model::DeskAct act = ActOf(call, verb, id, std::move(*body));
    DoOnDesk(
        find, call, std::move(respond), 200,
        [act](TenantDesk& tenant, desk::DeskBatch& batch) { return tenant.alarms->Do(act, batch); },
        [id, by = act.by](const TenantDesk& tenant) -> std::optional<model::Person> {
          const AlarmRow* row = FindRow(tenant, id);
          return row != nullptr && row->owner && row->owner->id != by.id ? row->owner : std::nullopt;
        });
  };
}

}  // namespace

Routes AlarmRoutes(const FindDesk& find) {
  Routes routes;
  routes.push_back({"GET", "/api/v1/alarms", Permission::kReadPicture, [find](const Call& call, http::Respond respond) {
                      const auto filter = Filter::Of(call.request);
                      const auto page = Page::Of(call.request);
                      if (!filter || !page) {
                        respond(Refuse(!filter ? filter.error() : page.error()));
                        return;
                      }
                      LookAtDesk(find, call, std::move(respond), [filter = *filter, page = *page](TenantDesk& tenant) {
                        return List(tenant, filter, page);
                      });
                    }});
  routes.push_back(
      {"GET", "/api/v1/alarms/{id}", Permission::kReadPicture, [find](const Call& call, http::Respond respond) {
         const std::shared_ptr<TenantDesk> tenant = find(call.caller);
         if (tenant == nullptr) {
           respond(Refuse({Code::kNotFound, "tenant.unknown", "there is no such tenant"}));
           return;
         }
         tenant->post([tenant, call, respond = std::move(respond)] {
           tenant->desk->Read([tenant, call, respond] { Detail(tenant, call, respond); });
         });
       }});
  for (const char* verb : {"acknowledge", "shelve", "unshelve", "close", "undo", "comment"}) {
    routes.push_back(
        {"POST", fmt::format("/api/v1/alarms/{{id}}/{}", verb), Permission::kActOnAlarms, ActHandler(find, verb)});
  }
  return routes;
}

}  // namespace bongsu::api
