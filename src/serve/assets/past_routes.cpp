// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "serve/api/query.hpp"
#include "serve/assets/asset_routes.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMaxLimit = 1000;

struct AsOf {
  TimePoint at{};
  bool now = true;  ///< No asOf, or one that is not over yet: the present.
};

Result<AsOf> ReadAsOf(const http::Request& request, TimePoint now) {
  const auto text = request.Query("asOf");
  if (!text) return AsOf{now, true};
  const auto at = ParseTime(*text);
  if (!at)
    return Fail(Code::kInvalidArgument, "context.bad_time", "asOf is a time such as 2026-11-22T05:32:41Z, not '{}'",
                text->substr(0, 40));
  return AsOf{*at, *at >= now};
}

ngsi::Representation Plain(TimePoint at) {
  ngsi::Representation as;
  as.system_times = true;
  as.now = at;
  return as;
}

std::string Rendered(const context::Entity& entity, TimePoint at) {
  std::string json;
  AppendEntity(json, entity, Plain(at));
  return json;
}

void NoEntity(const http::Respond& respond, const std::string& id, TimePoint at) {
  respond(http::ProblemResponse(
      {Code::kNotFound, "context.unknown", fmt::format("there was no entity {} at {}", id, FormatUtc(at))}));
}

void ShowEntity(store::LiveContext& live, ngsi::ContextService& service, const Call& call,
                const http::Respond& respond) {
  const auto as_of = ReadAsOf(call.request, service.now());
  if (!as_of) return respond(http::ProblemResponse(as_of.error()));
  const std::string& id = call.params.find("id")->second;
  const std::uint16_t tenant = call.caller.tenant;
  if (as_of->now) {
    const std::size_t owner = service.OwnerOf(tenant, id);
    return service.On(owner, [&service, owner, tenant, id, respond, at = as_of->at] {
      service.context(owner).WhenWhole(tenant, id, [id, respond, at](const Result<const context::Entity*>& entity) {
        if (!entity) return respond(http::ProblemResponse(entity.error()));
        if (*entity == nullptr || (*entity)->expires <= at) return NoEntity(respond, id, at);
        respond(http::JsonResponse(200, Rendered(**entity, at)));
      });
    });
  }
  live.AsOf(tenant, id, as_of->at,
            [respond, id, at = as_of->at](const Result<std::shared_ptr<const store::PastEntity>>& past) {
              if (!past) return respond(http::ProblemResponse(past.error()));
              if (!(*past)->entity) return NoEntity(respond, id, at);
              respond(http::JsonResponse(200, Rendered(*(*past)->entity, at)));
            });
}

std::string Joined(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

void ListNow(ngsi::ContextService& service, std::uint16_t tenant, const std::string& type, std::size_t limit,
             TimePoint at, const http::Respond& respond) {
  using Part = std::vector<std::pair<std::string, std::string>>;
  context::Query query;
  query.tenant = tenant;
  query.now = at;
  if (!type.empty()) {
    auto wanted = context::TypeQuery::Parse(type, [](std::string_view name) { return std::string(name); });
    if (wanted) query.selectors.push_back({{}, std::nullopt, std::move(*wanted)});
  }
  service.SelectAll<Part>(
      {.query = std::make_shared<const context::Query>(std::move(query)), .most = limit, .whole = true},
      [at](const context::Context::Selection& selection) {
        Part part;
        for (const context::Entity* entity : selection.entities) part.emplace_back(entity->id, Rendered(*entity, at));
        return part;
      },
      [respond, limit](Result<std::vector<Part>> parts) {
        if (!parts) return respond(http::ProblemResponse(parts.error()));
        Part all;
        for (auto& part : *parts) std::ranges::move(part, std::back_inserter(all));
        std::ranges::sort(all);
        std::vector<std::string> items;
        for (std::size_t i = 0; i < std::min(limit, all.size()); ++i) items.push_back(std::move(all[i].second));
        respond(http::JsonResponse(200, Joined(items)));
      });
}

void ListEntities(store::LiveContext& live, ngsi::ContextService& service, const Call& call,
                  const http::Respond& respond) {
  const auto as_of = ReadAsOf(call.request, service.now());
  if (!as_of) return respond(http::ProblemResponse(as_of.error()));
  const auto limit = LimitOf(call.request, kPage, kMaxLimit);
  if (!limit) return respond(http::ProblemResponse(limit.error()));
  const auto named = call.request.Query("type").value_or("");
  const std::string type = named.empty() ? std::string{} : ngsi::LdContext::Core()->Expand(named);
  if (as_of->now) return ListNow(service, call.caller.tenant, type, *limit, as_of->at, respond);
  const auto wanted = [type](const context::Entity& entity) { return type.empty() || entity.HasType(type); };
  live.ListAsOf(call.caller.tenant, as_of->at, *limit, wanted,
                [respond, at = as_of->at](const Result<std::vector<std::shared_ptr<const store::PastEntity>>>& list) {
                  if (!list) return respond(http::ProblemResponse(list.error()));
                  std::vector<std::string> items;
                  for (const auto& past : *list) items.push_back(Rendered(*past->entity, at));
                  respond(http::JsonResponse(200, Joined(items)));
                });
}

}  // namespace

Routes PastRoutes(store::LiveContext& live, ngsi::ContextService& service) {
  using guard::Permission;
  return {{"GET", "/api/v1/context/entities/{id}", Permission::kReadContext,
           [&](const Call& call, const http::Respond& respond) { ShowEntity(live, service, call, respond); }},
          {"GET", "/api/v1/context/entities", Permission::kReadContext,
           [&](const Call& call, const http::Respond& respond) { ListEntities(live, service, call, respond); }}};
}

}  // namespace bongsu::api
