// SPDX-License-Identifier: Apache-2.0
#include "serve/live/object_feed.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <unordered_map>

#include "know/context/asset_state.hpp"

namespace bongsu::live {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kWorld = 2147483647.0;  // 2^31 - 1
constexpr double kMaxLatitude = 85.051128779806604;
constexpr double kClusterBelowZoom = 11;
constexpr int kGridColumns = 64;
constexpr int kGridRows = 36;
constexpr std::size_t kMostObjects = 200'000;
constexpr int kTicksBetweenScans = 10;  // a second: what stands still changes its state that often

template <class Number>
void Put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number),
             sizeof number);  // NOLINT: the machines we build for are little-endian
}

void Pad(std::string& out) { out.resize((out.size() + 3) / 4 * 4, '\0'); }

std::string Head(const FrameHead& head, std::size_t count) {
  std::string out;
  Put(out, static_cast<std::uint8_t>(head.type));
  Put(out, kVersion);
  Put(out, std::uint16_t{0});
  Put(out, head.sequence);
  Put(out, head.server_time_ms);
  Put(out, static_cast<std::uint32_t>(count));
  Put(out, head.conflated);
  return out;
}

/// The columns types 1, 2 and 4 share.
void PutColumns(std::string& out, const std::vector<ObjectRow>& rows) {
  for (const ObjectRow& row : rows) Put(out, row.handle);
  for (const ObjectRow& row : rows) Put(out, row.x);
  for (const ObjectRow& row : rows) Put(out, row.y);
  for (const ObjectRow& row : rows) Put(out, row.state);
  Pad(out);
  for (const ObjectRow& row : rows) Put(out, row.heading);
  Pad(out);
}

struct View {
  double west = 0, south = 0, east = 0, north = 0;
  double zoom = 0;
  std::vector<std::string> layers;
  std::size_t max_objects = 20'000;

  bool Holds(model::LatLon point) const {
    return point.lon_deg >= west && point.lon_deg <= east && point.lat_deg >= south && point.lat_deg <= north;
  }
  bool Wants(const context::ReplicaEntity& entity) const {
    return layers.empty() || std::ranges::find(layers, entity.type) != layers.end();
  }
};

View ToView(const json::Value& from) {
  View view;
  const json::Array& box = from["bbox"].AsArray();
  if (box.size() == 4) {
    const double wide = (box[2].AsDouble() - box[0].AsDouble()) * 0.2;  // 20 % margin, console.md 5.3
    const double high = (box[3].AsDouble() - box[1].AsDouble()) * 0.2;
    view.west = box[0].AsDouble() - wide;
    view.south = box[1].AsDouble() - high;
    view.east = box[2].AsDouble() + wide;
    view.north = box[3].AsDouble() + high;
  }
  view.zoom = from["zoom"].AsDouble();
  for (const json::Value& layer : from["layers"].AsArray()) view.layers.emplace_back(layer.AsString());
  view.max_objects =
      std::min(kMostObjects, static_cast<std::size_t>(std::max<std::int64_t>(0, from["maxObjects"].AsInt(20'000))));
  return view;
}

class ReplicaFeed final : public ObjectFeed {
 public:
  ReplicaFeed(const context::Replica& replica, const Clock& clock, std::uint16_t tenant)
      : replica_{replica}, clock_{clock}, tenant_{tenant} {}

  void View(const json::Value& view) override {
    view_ = ToView(view);
    fresh_ = true;
  }

  std::vector<std::string> Tick() override {
    if (!view_ || (!fresh_ && ++ticks_ < kTicksBetweenScans)) return {};
    ticks_ = 0;
    const bool snapshot = std::exchange(fresh_, false);
    const live::View& view = *view_;
    const auto seen = InView(view);
    if (view.zoom < kClusterBelowZoom) {
      shown_.clear();
      return snapshot ? std::vector<std::string>{Clusters(view, seen)} : std::vector<std::string>{};
    }
    return Objects(seen, snapshot);
  }

 private:
  std::vector<const context::ReplicaEntity*> InView(const live::View& view) const {
    const model::LatLon middle{(view.south + view.north) / 2, (view.west + view.east) / 2};
    const double radius_m = std::min(2e7, model::DistanceMeters(middle, {view.north, view.east}));
    std::vector<const context::ReplicaEntity*> seen;
    for (const auto& hit : replica_.Near(tenant_, middle, radius_m, {}, kMostObjects)) {
      const auto& point = hit.entity->point;
      if (!point || !view.Holds(*point) || !view.Wants(*hit.entity)) continue;
      seen.push_back(hit.entity);
      if (seen.size() >= view.max_objects && view.zoom >= kClusterBelowZoom) break;  // nearest to the middle first
    }
    return seen;
  }

  FrameHead NextHead(FrameType type) {
    return {type, ++sequence_, static_cast<double>(ToMicros(clock_.Now())) / 1000.0, 0};
  }

  std::vector<std::string> Objects(const std::vector<const context::ReplicaEntity*>& seen, bool snapshot) {
    std::vector<ObjectRow> rows;
    std::vector<std::pair<std::uint32_t, std::string>> entries;
    std::unordered_map<std::uint32_t, ObjectRow> now;
    for (const context::ReplicaEntity* entity : seen) {
      const auto [known, added] = handles_.try_emplace(entity->id, static_cast<std::uint32_t>(handles_.size() + 1));
      if (added) entries.emplace_back(known->second, Entry(*entity));
      const ObjectRow row = Row(*entity, known->second);
      const auto before = shown_.find(row.handle);
      if (snapshot || before == shown_.end() || before->second.state != row.state || before->second.x != row.x ||
          before->second.y != row.y) {
        rows.push_back(row);
      }
      now.emplace(row.handle, row);
    }
    std::vector<std::uint32_t> gone;
    for (const auto& [handle, row] : shown_) {
      if (!snapshot && !now.contains(handle)) gone.push_back(handle);
    }
    shown_ = std::move(now);
    std::vector<std::string> frames;
    if (!entries.empty()) frames.push_back(EncodeDictionary(NextHead(FrameType::kDictionary), entries));
    if (snapshot || !rows.empty())
      frames.push_back(EncodeObjects(NextHead(snapshot ? FrameType::kSnapshot : FrameType::kDelta), rows));
    if (!gone.empty()) frames.push_back(EncodeRemoved(NextHead(FrameType::kRemoved), gone));
    return frames;
  }

  /// Of an entity that InView gave.
  static model::LatLon PointOf(const context::ReplicaEntity& entity) { return entity.point.value_or(model::LatLon{}); }

  static ObjectRow Row(const context::ReplicaEntity& entity, std::uint32_t handle) {
    const double heading = entity.attributes["azimuth"].AsDouble();
    const model::LatLon at = PointOf(entity);
    return {handle, MercatorX(at.lon_deg), MercatorY(at.lat_deg), static_cast<std::uint8_t>(StateOf(entity)),
            static_cast<std::uint8_t>(static_cast<int>(std::lround(heading / 360.0 * 256.0)) & 0xFF)};
  }

  static std::string Entry(const context::ReplicaEntity& entity) {
    json::Writer entry;
    entry.Object()
        .Key("id")
        .String(entity.id)
        .Key("kind")
        .String(entity.type)
        .Key("name")
        .Put(model::ToJson(entity.name))
        .End();
    return entry.Take();
  }

  std::string Clusters(const live::View& view, const std::vector<const context::ReplicaEntity*>& seen) {
    std::vector<std::uint32_t> counts(std::size_t{kGridColumns} * kGridRows);
    std::vector<std::uint8_t> worst(counts.size());
    const double wide = (view.east - view.west) / kGridColumns;
    const double high = (view.north - view.south) / kGridRows;
    for (const context::ReplicaEntity* entity : seen) {
      const model::LatLon at = PointOf(*entity);
      const int column = std::clamp(static_cast<int>((at.lon_deg - view.west) / wide), 0, kGridColumns - 1);
      const int row = std::clamp(static_cast<int>((view.north - at.lat_deg) / high), 0, kGridRows - 1);
      const auto cell = static_cast<std::size_t>(row) * kGridColumns + static_cast<std::size_t>(column);
      ++counts[cell];
      worst[cell] = std::max(worst[cell], static_cast<std::uint8_t>(StateOf(*entity)));
    }
    std::vector<ObjectRow> rows;
    std::vector<std::uint32_t> numbers;
    for (std::size_t cell = 0; cell < counts.size(); ++cell) {
      if (counts[cell] == 0) continue;
      const double lon = view.west + (static_cast<double>(cell % kGridColumns) + 0.5) * wide;
      const std::size_t grid_row = cell / kGridColumns;
      const double lat = view.north - (static_cast<double>(grid_row) + 0.5) * high;
      rows.push_back({static_cast<std::uint32_t>(cell), MercatorX(lon), MercatorY(lat), worst[cell], 0});
      numbers.push_back(counts[cell]);
    }
    return EncodeClusters(NextHead(FrameType::kClusters), rows, numbers);
  }

  const context::Replica& replica_;
  const Clock& clock_;
  std::uint16_t tenant_;
  std::optional<live::View> view_;
  bool fresh_ = false;  ///< The view changed: the next tick sends everything in it.
  int ticks_ = 0;
  std::uint32_t sequence_ = 0;
  std::unordered_map<std::string, std::uint32_t> handles_;  ///< Bounded by the entities that were ever in view.
  std::unordered_map<std::uint32_t, ObjectRow> shown_;
};

}  // namespace

std::int32_t MercatorX(double lon_deg) {
  return static_cast<std::int32_t>(std::lround(std::clamp(lon_deg / 180.0, -1.0, 1.0) * kWorld));
}

std::int32_t MercatorY(double lat_deg) {
  const double lat = std::clamp(lat_deg, -kMaxLatitude, kMaxLatitude) * std::numbers::pi / 180.0;
  const double north = std::log(std::tan(std::numbers::pi / 4 + lat / 2)) / std::numbers::pi;
  return static_cast<std::int32_t>(std::lround(std::clamp(-north, -1.0, 1.0) * kWorld));
}

ObjectState StateOf(const context::ReplicaEntity& entity) {
  const std::string_view state = context::AssetStateOf(entity);
  if (state == "silent") return ObjectState::kSilent;
  if (state == "frozen" || state == "faulty") return ObjectState::kFrozen;
  if (state == "maintenance") return ObjectState::kMaintenance;
  return ObjectState::kNormal;
}

std::string EncodeObjects(const FrameHead& head, const std::vector<ObjectRow>& rows) {
  std::string out = Head(head, rows.size());
  PutColumns(out, rows);
  return out;
}

std::string EncodeRemoved(const FrameHead& head, const std::vector<std::uint32_t>& handles) {
  std::string out = Head(head, handles.size());
  for (const std::uint32_t handle : handles) Put(out, handle);
  return out;
}

std::string EncodeClusters(const FrameHead& head, const std::vector<ObjectRow>& rows,
                           const std::vector<std::uint32_t>& counts) {
  std::string out = Head(head, rows.size());
  PutColumns(out, rows);
  for (const std::uint32_t count : counts) Put(out, count);
  return out;
}

std::string EncodeDictionary(const FrameHead& head, const std::vector<std::pair<std::uint32_t, std::string>>& entries) {
  std::string out = Head(head, entries.size());
  for (const auto& [handle, entry] : entries) Put(out, handle);
  for (const auto& [handle, entry] : entries) {
    Put(out, static_cast<std::uint16_t>(entry.size()));
    out += entry;
  }
  return out;
}

std::unique_ptr<ObjectFeed> MakeReplicaFeed(const context::Replica& replica, const Clock& clock, std::uint16_t tenant) {
  return std::make_unique<ReplicaFeed>(replica, clock, tenant);
}

}  // namespace bongsu::live
