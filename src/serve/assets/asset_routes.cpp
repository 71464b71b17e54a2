// SPDX-License-Identifier: Apache-2.0
#include "serve/assets/asset_routes.hpp"

#include <algorithm>
#include <map>

#include "model/core_context.hpp"
#include "serve/api/query.hpp"
#include "serve/assets/asset.hpp"

namespace bongsu::api {
namespace {

using guard::Permission;

struct Asked {
  AssetFilter filter;
  std::size_t limit = 0;
  std::string after;  ///< Id of the last asset of the page before.
};

Result<Asked> ReadAsked(const http::Request& request) {
  Asked asked;
  const auto text = [&](std::string_view name) { return std::string(request.Query(name).value_or("")); };
  asked.filter = {text("kind"), text("state"), text("district"), text("parent"), text("q"), std::nullopt};
  if (asked.filter.text.size() > 200) return Fail(Code::kInvalidArgument, "list.bad_filter", "q has at most 200 bytes");
  if (!asked.filter.state.empty() &&
      std::ranges::find(context::kAssetStates, asked.filter.state) == context::kAssetStates.end()) {
    return Fail(Code::kInvalidArgument, "list.bad_filter", "'{}' is no state of an asset",
                asked.filter.state.substr(0, 40));
  }
  if (request.Query("bbox")) {
    BONGSU_TRY(asked.filter.box, BoxOf(request));
  }
  BONGSU_TRY(asked.limit, LimitOf(request));
  asked.after = text("cursor");
  return asked;
}

struct KindCount {
  std::size_t total = 0;
  std::array<std::size_t, context::kAssetStates.size()> by_state{};
};

json::Value CountsJson(const std::map<std::string, KindCount>& kinds) {
  json::Array out;
  for (const auto& [kind, count] : kinds) {
    json::Value row = json::Object{{"kind", kind}, {"total", static_cast<std::int64_t>(count.total)}};
    for (std::size_t i = 0; i < context::kAssetStates.size(); ++i)
      row.Set(context::kAssetStates[i], static_cast<std::int64_t>(count.by_state[i]));
    out.push_back(std::move(row));
  }
  return json::Value{std::move(out)};
}

/// What only the owner's shard knows of an asset.
struct Sign {
  std::string id;
  TimePoint seen_at{};
  double interval_s = 0;
};
using Signs = std::vector<Sign>;

double IntervalOf(const context::Entity& entity) {
  const context::Attribute* attribute = entity.Find(model::ExpandCore("interval"));
  if (attribute == nullptr) return 0;
  const auto instance = json::Parse(attribute->json);
  return instance ? (*instance)["value"].AsDouble() : 0;
}

Signs SignsOf(const context::Context& context, std::uint16_t tenant, const std::vector<std::string>& ids) {
  Signs signs;
  for (const auto& id : ids) {
    if (const context::Entity* entity = context.Find(tenant, id))
      signs.push_back({id, entity->modified, IntervalOf(*entity)});
  }
  return signs;
}

void AddSigns(json::Value& asset, const Sign& sign) {
  asset.Set("last_seen_at", FormatUtc(sign.seen_at));
  if (sign.interval_s > 0) asset.Set("interval_s", sign.interval_s);
}

void ListAssets(const context::Replica& replica, ngsi::ContextService& service, const Call& call,
                http::Respond respond) {
  const auto asked = ReadAsked(call.request);
  if (!asked) return respond(http::ProblemResponse(asked.error()));
  const std::uint16_t tenant = call.caller.tenant;
  auto items = std::make_shared<json::Array>();
  std::vector<std::string> ids;
  std::map<std::string, KindCount> kinds;
  std::size_t total = 0;
  bool more = false;
  replica.ForEach(tenant, asked->filter.kind, [&](const context::ReplicaEntity& entity) {
    if (!Fits(entity, asked->filter)) return;
    ++total;
    KindCount& count = kinds[entity.type];
    ++count.total;
    ++count.by_state[static_cast<std::size_t>(std::ranges::find(context::kAssetStates, context::AssetStateOf(entity)) -
                                              context::kAssetStates.begin())];
    if (entity.id <= asked->after) return;
    if (items->size() == asked->limit) {
      more = true;
      return;
    }
    items->push_back(AssetJson(entity, replica.Children(tenant, entity.id).size()));
    ids.push_back(entity.id);
  });
  json::Value answer = json::Object{{"total", static_cast<std::int64_t>(total)}, {"kinds", CountsJson(kinds)}};
  if (more) answer.Set("next", ids.back());
  const auto shown = std::make_shared<const std::vector<std::string>>(std::move(ids));
  service.AskAllWhole<Signs>(
      tenant, shown, [tenant, shown](const context::Context& context) { return SignsOf(context, tenant, *shown); },
      [items, answer = std::move(answer), respond = std::move(respond)](Result<std::vector<Signs>> parts) mutable {
        if (!parts) return respond(http::ProblemResponse(parts.error()));
        std::map<std::string, Sign> by_id;
        for (auto& part : *parts) {
          for (auto& sign : part) by_id.emplace(sign.id, sign);
        }
        for (json::Value& item : *items) {
          const auto sign = by_id.find(std::string(item["id"].AsString()));
          if (sign != by_id.end()) AddSigns(item, sign->second);
        }
        answer.Set("items", json::Value{std::move(*items)});
        respond(http::JsonResponse(200, answer));
      });
}

/// Every attribute by its short name, with unit and time: what the detail card shows.
json::Value AttributesOf(const context::Entity& entity) {
  json::Array out;
  for (const context::Attribute& attribute : entity.attributes) {
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    const auto value = (*instance)[context::ValueMember(attribute.kind)];
    json::Value row = json::Object{{"name", model::CompactCore(*attribute.name)}, {"value", value}};
    if (const auto unit = (*instance)["unitCode"].AsString(); !unit.empty()) row.Set("unit", unit);
    const auto observed = (*instance)["observedAt"].AsString();
    row.Set("at", observed.empty() ? FormatUtc(attribute.modified) : std::string(observed));
    out.push_back(std::move(row));
  }
  return json::Value{std::move(out)};
}

void ShowAsset(const context::Replica& replica, ngsi::ContextService& service, const Call& call,
               http::Respond respond) {
  const std::string& id = call.params.find("id")->second;
  const context::ReplicaEntity* entity = replica.Find(call.caller.tenant, id);
  if (entity == nullptr)
    return respond(http::ProblemResponse({Code::kNotFound, "asset.unknown", fmt::format("there is no asset {}", id)}));
  auto asset = AssetJson(*entity, replica.Children(call.caller.tenant, id).size());
  const std::size_t owner = service.OwnerOf(call.caller.tenant, id);
  service.On(owner, [&service, owner, id, tenant = call.caller.tenant, asset = std::move(asset),
                     respond = std::move(respond)]() mutable {
    auto show = [id, asset = std::move(asset),
                 respond = std::move(respond)](const Result<const context::Entity*>& read) mutable {
      if (!read) return respond(http::ProblemResponse(read.error()));
      if (const context::Entity* whole = *read) {
        AddSigns(asset, {id, whole->modified, IntervalOf(*whole)});
        asset.Set("attributes", AttributesOf(*whole));
      }
      respond(http::JsonResponse(200, asset));
    };
    service.context(owner).WhenWhole(tenant, id, std::move(show));
  });
}

using Show = void (*)(const context::Replica&, ngsi::ContextService&, const Call&, http::Respond);

Handler Here(ReplicaHere replica, ngsi::ContextService& service, Show show) {
  return [replica = std::move(replica), &service, show](const Call& call, http::Respond respond) {
    const context::Replica* here = replica();
    if (here == nullptr)
      return respond(http::ProblemResponse({Code::kUnavailable, "asset.no_city", "the context is not ready yet"}));
    show(*here, service, call, std::move(respond));
  };
}

}  // namespace

Routes AssetRoutes(const ReplicaHere& replica, ngsi::ContextService& service) {
  return {{"GET", "/api/v1/assets/{id}", Permission::kReadPicture, Here(replica, service, &ShowAsset)},
          {"GET", "/api/v1/assets", Permission::kReadPicture, Here(replica, service, &ListAssets)}};
}

}  // namespace bongsu::api
