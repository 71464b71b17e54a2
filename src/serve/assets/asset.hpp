// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Facilities as the equipment screen shows them: a reading of entities that carry a name, a place or a state.
/// The contract is Asset and AssetState of api/openapi.yaml.

#include <array>
#include <optional>
#include <string_view>

#include "know/context/replica.hpp"

namespace bongsu::api {

inline constexpr std::array<std::string_view, 7> kAssetStates{"online", "degraded",    "frozen",          "silent",
                                                              "faulty", "maintenance", "not_commissioned"};

/// A word of kAssetStates. From the attribute `status`; an unknown word counts as online: it must not hide an asset.
std::string_view AssetStateOf(const context::ReplicaEntity& entity);
/// Entity this one hangs on; empty for none. The first of refSwitch, refCabinet, uplink, videoServer, refCamera.
std::string_view AssetParentOf(const context::ReplicaEntity& entity);
/// {"id","kind","name","state","place","parent","children"}; last_seen_at and interval_s are the owner's to add.
json::Value AssetJson(const context::ReplicaEntity& entity, std::size_t children);

struct AssetFilter {
  std::string kind;
  std::string state;
  std::string district;  ///< Its code or its name.
  std::string parent;
  std::string text;  ///< Part of an id or a name.
  struct Box {
    double west = -180, south = -90, east = 180, north = 90;
  };
  std::optional<Box> box;
};
bool Fits(const context::ReplicaEntity& entity, const AssetFilter& filter);

}  // namespace bongsu::api
