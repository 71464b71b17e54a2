// SPDX-License-Identifier: Apache-2.0
#include "serve/assets/asset.hpp"

#include <algorithm>
#include <array>

#include "serve/assets/search_text.hpp"

namespace bongsu::api {
namespace {

constexpr std::array<std::string_view, 5> kParents{"refSwitch", "refCabinet", "uplink", "videoServer", "refCamera"};

}  // namespace

std::string_view AssetParentOf(const context::ReplicaEntity& entity) {
  for (const auto name : kParents) {
    if (const auto parent = entity.attributes[name].AsString(); !parent.empty()) return parent;
  }
  return {};
}

json::Value AssetJson(const context::ReplicaEntity& entity, std::size_t children) {
  const auto parent = AssetParentOf(entity);
  json::Value asset;
  asset.Set("id", entity.id);
  asset.Set("kind", entity.type);
  asset.Set("name", ToJson(entity.name));
  asset.Set("state", context::AssetStateOf(entity));
  const auto place = entity.place();
  asset.Set("place", place ? ToJson(*place) : json::Value{});
  asset.Set("last_seen_at", json::Value{});
  asset.Set("parent", parent.empty() ? json::Value{} : json::Value{parent});
  asset.Set("children", static_cast<std::int64_t>(children));
  return asset;
}

bool Fits(const context::ReplicaEntity& entity, const AssetFilter& filter) {
  if (!filter.kind.empty() && std::ranges::find(entity.types, filter.kind) == entity.types.end()) return false;
  if (!filter.state.empty() && context::AssetStateOf(entity) != filter.state) return false;
  if (!filter.parent.empty() && AssetParentOf(entity) != filter.parent) return false;
  if (!filter.district.empty()) {
    const bool code = entity.attributes["district"].AsString() == filter.district;
    const auto place = entity.place();
    const bool name = place && (place->district.ko == filter.district || place->district.en == filter.district);
    if (!code && !name) return false;
  }
  if (filter.box) {
    if (!entity.point) return false;
    const model::LatLon& point = *entity.point;
    if (!filter.box->Holds(point)) return false;
  }
  return filter.text.empty() || ScoreOf(SearchText{filter.text}, entity.id, entity.name, {}) > 0;
}

}  // namespace bongsu::api
