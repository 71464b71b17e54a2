// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What rules, alarms and the choice of cameras read of the context without asking another shard (architecture D15).
/// Every shard keeps one over ALL entities, narrowed to declared attributes, so it holds the same on every shard and
/// after a restart.
///
///   Context of the owner ──Apply──▶ Entity ──See──▶ one view, never changed again ──Put──▶ replica of every shard
///                                            └─▶ nothing, when the change does not touch what is kept
///
/// A view is shared by all replicas; each keeps its own indexes over them. Of one shard; not thread-safe. Pointers hold
/// until the next Put.
///
/// Names are those of the core context ("status", "refSwitch"); a type or attribute of another vocabulary keeps its
/// full IRI (model/core_context.hpp).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "model/place.hpp"
#include "model/record.hpp"

namespace bongsu::context {

class Context;
struct Entity;

/// Names of districts by the code that entities carry ("D1"); a code that is not listed stands for itself.
using Districts = std::unordered_map<std::string, model::LText>;

struct ReplicaConfig {
  /// Attributes kept for every entity. name, location, address, district, status and every Relationship are always
  /// kept.
  std::vector<std::string> attributes;
  /// Further attributes by entity type.
  std::unordered_map<std::string, std::vector<std::string>> by_type;
  Districts districts;
  std::size_t max_entities = 1'000'000;  ///< A shard; further entities are left out and counted.
};

struct ReplicaEntity {
  std::string id;
  std::string type;  ///< First of its types.
  std::vector<std::string> types;
  model::LText name;                   ///< Attribute `name`; the last part of the id when it has none.
  std::optional<model::LatLon> point;  ///< From location.
  json::Value
      attributes;  ///< Kept attributes but location as values: {"status":"ok","refSwitch":"urn:…","name":{"ko":…}}
  TimePoint modified_at{};  ///< Ingest time at which a kept attribute last got another value.
  std::shared_ptr<const Districts> districts = nullptr;

  /// The point with name, address, district; entity = id. Nothing without a point.
  std::optional<model::Place> place() const;
};

inline std::optional<model::Place> ReplicaEntity::place() const {
  if (!point) return std::nullopt;
  model::Place place;
  place.point = *point;
  place.name = name;
  place.address = model::LTextFromJson(attributes["address"]);
  place.district = model::LTextFromJson(attributes["district"]);
  if (districts) {
    const auto known = districts->find(place.district.ko);
    if (known != districts->end()) place.district = known->second;
  }
  place.entity = id;
  return place;
}

/// What all replicas hold of one entity.
struct ReplicaView {
  ReplicaEntity entity;
  std::vector<std::pair<std::string, std::string>> parents;  ///< Relationship, parent id.
};
using SharedView = std::shared_ptr<const ReplicaView>;

class Replica {
 public:
  explicit Replica(ReplicaConfig config = {});
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  /// On the owner's shard: the view of an entity as it is now; nothing when what is kept of it did not change since the
  /// last See. All entities given are of one Context.
  SharedView See(const Entity& entity);
  /// Takes a view in, in place of the one of that entity. False when there is no room for another entity.
  bool Put(std::uint16_t tenant, SharedView view);
  /// The entity is gone. False when it was not there.
  bool Remove(std::uint16_t tenant, std::string_view id);
  /// Keeps these attributes of every entity from now on; what entities have of them already comes by See and Put.
  /// Gives the IRIs of those that were not kept so far.
  std::vector<std::string> Widen(const std::vector<std::string>& attributes);

  const ReplicaEntity* Find(std::uint16_t tenant, std::string_view id) const;

  struct Hit {
    const ReplicaEntity* entity = nullptr;
    double distance_m = 0;
  };
  /// Entities of `type` (empty: any) at most `radius_m` from `point`, nearest first, at most `limit`.
  std::vector<Hit> Near(std::uint16_t tenant, model::LatLon point, double radius_m, std::string_view type = {},
                        std::size_t limit = 1000) const;
  /// Entities whose Relationship `attribute` names `parent`: the cameras whose refSwitch is SW-031. By id.
  std::vector<const ReplicaEntity*> Children(std::uint16_t tenant, std::string_view attribute,
                                             std::string_view parent) const;
  /// Everything that names `parent` in any kept Relationship. By id.
  std::vector<const ReplicaEntity*> Children(std::uint16_t tenant, std::string_view parent) const;
  /// Every entity of `type` (empty: all), by id.
  void ForEach(std::uint16_t tenant, std::string_view type,
               const std::function<void(const ReplicaEntity&)>& visit) const;

  std::size_t size() const;
  std::uint64_t left_out() const;  ///< Entities not kept because of max_entities.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A replica fed by a context of its own, where there are no shards: scenarios and tests.
class LoneReplica {
 public:
  explicit LoneReplica(ReplicaConfig config = {});
  ~LoneReplica();

  /// Takes a committed record in. False when it does not touch what is kept.
  bool Apply(const model::Record& record);
  const Replica& replica() const { return replica_; }
  Replica& replica() { return replica_; }

 private:
  std::unique_ptr<Context> context_;
  Replica replica_;
};

}  // namespace bongsu::context
