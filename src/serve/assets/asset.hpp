// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Facilities as the equipment screen shows them: a reading of entities that carry a name, a place or a state.
/// The contract is Asset of api/openapi.yaml.

#include <optional>
#include <string_view>

#include "know/context/asset_state.hpp"
#include "serve/api/query.hpp"

namespace bongsu::api {

/// Entity this one hangs on; empty for none. The first of refSwitch, refCabinet, uplink, videoServer, refCamera.
std::string_view AssetParentOf(const context::ReplicaEntity& entity);
/// {"id","kind","name","state","place","parent","children"}; last_seen_at and interval_s are the owner's to add.
json::Value AssetJson(const context::ReplicaEntity& entity, std::size_t children);

struct AssetFilter {
  std::string kind;
  std::string state;     ///< A word of context::kAssetStates.
  std::string district;  ///< Its code or its name.
  std::string parent;
  std::string text;  ///< Part of an id or a name.
  std::optional<Box> box;
};
bool Fits(const context::ReplicaEntity& entity, const AssetFilter& filter);

}  // namespace bongsu::api
