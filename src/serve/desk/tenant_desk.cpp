// SPDX-License-Identifier: Apache-2.0
#include "serve/desk/tenant_desk.hpp"

#include "serve/api/query.hpp"

namespace bongsu::api {
namespace {

Error NoTenant(const guard::Principal& caller) {
  return {Code::kNotFound, "tenant.unknown", fmt::format("there is no tenant '{}'", caller.tenant_name)};
}

}  // namespace

Result<json::Value> BodyOf(const http::Request& request) {
  if (request.body.empty()) return json::Value{json::Object{}};
  auto body = json::Parse(request.body);
  if (!body || !body->IsObject())
    return Fail(Code::kInvalidArgument, "http.bad_body", "the body must be a JSON object");
  return body;
}

model::DeskAct ActOf(const Call& call, std::string verb, std::string subject, json::Value arguments) {
  const std::string& name = call.caller.name.empty() ? call.caller.id : call.caller.name;
  return {std::move(verb),
          std::move(subject),
          {call.caller.id, name},
          guard::Allows(call.caller.role, guard::Permission::kShelveCritical),
          std::move(arguments)};
}

http::Response Refuse(const Error& error, const std::optional<model::Person>& owner) {
  http::Response response = http::ProblemResponse(error);
  if (!owner) return response;
  if (auto body = json::Parse(response.body)) {
    body->Set("owner", model::ToJson(*owner));
    response.body = json::ToString(*body);
  }
  return response;
}

void DoOnDesk(const FindDesk& find, const Call& call, http::Respond respond, int status,
              std::function<Result<json::Value>(TenantDesk&, desk::DeskBatch&)> propose,
              std::function<std::optional<model::Person>(const TenantDesk&)> owner) {
  const std::shared_ptr<TenantDesk> tenant = find(call.caller);
  if (tenant == nullptr) {
    respond(Refuse(NoTenant(call.caller)));
    return;
  }
  tenant->post([tenant, actor = guard::ActorOf(call.caller), respond = std::move(respond), status,
                propose = std::move(propose), owner = std::move(owner)] {
    tenant->desk->Act(
        actor, [&](desk::DeskBatch& batch) { return propose(*tenant, batch); },
        [tenant, respond, status, owner](const Result<json::Value>& answer) {
          if (answer) {
            respond(http::JsonResponse(status, *answer));
          } else {
            respond(Refuse(answer.error(), owner ? owner(*tenant) : std::nullopt));
          }
        });
  });
}

void LookAtDesk(const FindDesk& find, const Call& call, http::Respond respond,
                std::function<http::Response(TenantDesk&)> look) {
  const std::shared_ptr<TenantDesk> tenant = find(call.caller);
  if (tenant == nullptr) {
    respond(Refuse(NoTenant(call.caller)));
    return;
  }
  tenant->post([tenant, respond = std::move(respond), look = std::move(look)] {
    tenant->desk->Read([tenant, respond, look] { respond(look(*tenant)); });
  });
}

Result<Page> Page::Of(const http::Request& request) {
  Page page;
  BONGSU_TRY(page.left_, LimitOf(request));
  page.cursor_ = request.Query("cursor").value_or("");
  return page;
}

bool Page::Take(const std::string& id) {
  if (!cursor_.empty()) {
    if (id == cursor_) cursor_.clear();
    return false;
  }
  if (left_ == 0) {
    full_ = true;
    return false;
  }
  --left_;
  last_ = id;
  return true;
}

json::Value Page::Answer(json::Array items) const {
  json::Value answer = json::Object{{"items", std::move(items)}};
  if (full_) answer.Set("next", last_);
  return answer;
}

Result<std::optional<TimePoint>> TimeQuery(const http::Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text) return std::optional<TimePoint>{};
  const auto time = ParseTime(*text);
  if (!time) return Fail(Code::kInvalidArgument, "list.bad_filter", "{} is no time: '{}'", name, *text);
  return std::optional<TimePoint>{*time};
}

}  // namespace bongsu::api
