// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What stands in a client's view of the map, as binary frames: dictionary, snapshot, delta, removed, cluster grid.
/// Layout: api/events.schema.json and console.md 5.2, little-endian, columns aligned to 4 bytes.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "know/context/replica.hpp"
#include "serve/live/live_hub.hpp"

namespace bongsu::live {

enum class FrameType : std::uint8_t { kSnapshot = 1, kDelta = 2, kRemoved = 3, kClusters = 4, kDictionary = 5 };

/// State column of a frame.
enum class ObjectState : std::uint8_t { kNormal = 0, kSilent = 5, kFrozen = 6, kMaintenance = 7 };

struct ObjectRow {
  std::uint32_t handle = 0;
  std::int32_t x = 0;  ///< Web Mercator, world = 2^31-1 both ways from the middle
  std::int32_t y = 0;  ///< grows south
  std::uint8_t state = 0;
  std::uint8_t heading = 0;  ///< 256 steps, clockwise from north
};

struct FrameHead {
  FrameType type = FrameType::kSnapshot;
  std::uint32_t sequence = 0;
  double server_time_ms = 0;
  std::uint32_t conflated = 0;
};

/// Frame of types 1 and 2.
std::string EncodeObjects(const FrameHead& head, const std::vector<ObjectRow>& rows);
/// Frame of type 3.
std::string EncodeRemoved(const FrameHead& head, const std::vector<std::uint32_t>& handles);
/// Frame of type 4; `counts` has one number a row.
std::string EncodeClusters(const FrameHead& head, const std::vector<ObjectRow>& rows,
                           const std::vector<std::uint32_t>& counts);
/// Frame of type 5; each entry is the JSON of one dictionary_entry.
std::string EncodeDictionary(const FrameHead& head, const std::vector<std::pair<std::uint32_t, std::string>>& entries);

/// Web-Mercator number of a longitude and a latitude.
std::int32_t MercatorX(double lon_deg);
std::int32_t MercatorY(double lat_deg);

/// State of an entity by its attribute `status`.
ObjectState StateOf(const context::ReplicaEntity& entity);

/// A feed over the replica of the shard it lives on; `replica` outlives it.
std::unique_ptr<ObjectFeed> MakeReplicaFeed(const context::Replica& replica, const Clock& clock, std::uint16_t tenant);

}  // namespace bongsu::live
