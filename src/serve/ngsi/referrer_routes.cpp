// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/referrer_routes.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "serve/api/query.hpp"

namespace bongsu::ngsi {
namespace {

constexpr std::size_t kMostCounted = 10'000;  ///< Entities of an attribute that are looked at, a shard.
constexpr std::size_t kMostGroups = 100;
constexpr std::size_t kPage = 10;  ///< Ids of a group when no limit is given.
constexpr std::size_t kMostOfPage = 100;

struct Group {
  std::size_t count = 0;
  std::set<std::string> ids;  ///< The first ones.

  void Add(std::string id, std::size_t most) {
    ids.insert(std::move(id));
    if (ids.size() > most) ids.erase(std::prev(ids.end()));
  }
};

struct Found {
  std::map<std::pair<std::string, std::string>, Group> groups;  ///< By attribute and type, IRIs.
  std::size_t total = 0;                                        ///< Relationships, each attribute of an entity once.
  bool more = false;                                            ///< There are more than were counted.
};

Found FindOn(const context::Context& context, std::uint16_t tenant, const std::string& target, std::size_t most,
             TimePoint now) {
  Found found;
  context::Name counted = nullptr;
  std::size_t of_attribute = 0;
  context.Referrers(tenant, target, [&](context::Name attribute, const context::Entity& entity) {
    if (std::exchange(counted, attribute) != attribute) of_attribute = 0;
    if (entity.expires <= now) return true;
    if (of_attribute == kMostCounted) {
      found.more = true;
      return false;
    }
    ++of_attribute;
    ++found.total;
    for (const context::Name type : entity.types) {
      Group& group = found.groups[{*attribute, *type}];
      ++group.count;
      group.Add(entity.id, most);
    }
    return true;
  });
  return found;
}

Found Merged(const std::vector<Found>& parts, std::size_t most) {
  Found all;
  for (const Found& part : parts) {
    all.total += part.total;
    all.more = all.more || part.more;
    for (const auto& [key, group] : part.groups) {
      Group& into = all.groups[key];
      into.count += group.count;
      for (const std::string& id : group.ids) into.Add(id, most);
    }
  }
  return all;
}

/// The largest groups first.
json::Value ToJson(const Found& found) {
  const auto& names = *LdContext::Core();
  std::vector<decltype(found.groups)::const_pointer> largest;
  largest.reserve(found.groups.size());
  for (const auto& pair : found.groups) largest.push_back(&pair);
  std::ranges::sort(largest, [](const auto* a, const auto* b) {
    return a->second.count != b->second.count ? a->second.count > b->second.count : a->first < b->first;
  });
  json::Array groups;
  for (const auto* pair : largest) {
    if (groups.size() == kMostGroups) break;
    json::Array ids{pair->second.ids.begin(), pair->second.ids.end()};
    groups.push_back(json::Object{{"attribute", names.Compact(pair->first.first)},
                                  {"type", names.Compact(pair->first.second)},
                                  {"count", static_cast<std::int64_t>(pair->second.count)},
                                  {"items", json::Value{std::move(ids)}}});
  }
  return json::Object{{"total", static_cast<std::int64_t>(found.total)},
                      {"more", found.more || largest.size() > kMostGroups},
                      {"groups", json::Value{std::move(groups)}}};
}

void List(const ContextService& service, const api::Call& call, const http::Respond& respond) {
  const auto limit = api::LimitOf(call.request, kPage, kMostOfPage);
  if (!limit) return respond(http::ProblemResponse(limit.error()));
  service.AskAll<Found>(
      [tenant = call.caller.tenant, id = call.params.find("id")->second, limit = *limit,
       now = service.now()](const context::Context& context) { return FindOn(context, tenant, id, limit, now); },
      [respond, limit = *limit](const std::vector<Found>& parts) {
        respond(http::JsonResponse(200, ToJson(Merged(parts, limit))));
      });
}

}  // namespace

api::Routes ReferrerRoutes(const ContextService& service) {
  return {{"GET", "/api/v1/context/entities/{id}/referrers", guard::Permission::kReadContext,
           [&service](const api::Call& call, const http::Respond& respond) { List(service, call, respond); }}};
}

}  // namespace bongsu::ngsi
