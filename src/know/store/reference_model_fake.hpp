// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the live context and its history are to be, told as simply as possible and slowly: the other side of
/// reference_test.cpp. Entities of Properties with whole numbers and a location.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "know/context/context.hpp"
#include "know/history/change.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::store {

/// One random operation; a sequence of them still means something when some are left out.
struct Operation {
  enum class Kind : std::uint8_t {
    kCreate,
    kReplace,
    kUpsert,
    kMerge,
    kDeleteAttribute,
    kDelete,
    kTemporalUpsert,
    kTemporalDelete,
    kTemporalDeleteAttribute,
    kTemporalDeleteInstance,
    kSave,     ///< The state is written.
    kRestart,  ///< Nothing more is written; another number of shards opens what is there.
    kRefuse,   ///< Some of the next writes of the state fail.
    kRetain,   ///< The past begins later, then the journal does.
  };
  Kind kind = Kind::kUpsert;
  int entity = 0;
  int attribute = 0;
  int value = 0;
  int late_s = 0;          ///< How long before it is told it was observed.
  bool more = false;       ///< The next attribute is written too.
  bool held_back = false;  ///< Delivered together with what follows.
};

struct ModelAttribute {
  std::string name;
  int value = 0;
  std::optional<TimePoint> observed;
  TimePoint modified{};
};
struct ModelEntity {
  std::vector<std::string> types;
  std::optional<int> scope;
  TimePoint scoped{};
  TimePoint created{};
  TimePoint modified{};
  std::vector<ModelAttribute> attributes;  ///< In the order they came.
  ModelAttribute* Find(const std::string& name);
};
struct ModelSample {
  history::InstanceId id;
  std::optional<int> value;  ///< Nothing: it was deleted.
  std::optional<TimePoint> observed;
  friend bool operator==(const ModelSample&, const ModelSample&) = default;
};

class ReferenceModel {
 public:
  using Entities = std::map<std::string, ModelEntity>;
  /// The change that the operation asks for at `at`; nothing when it cannot be asked for. The model has made it then.
  std::optional<model::EntityPatch> Apply(const Operation& operation, TimePoint at, std::uint16_t partitions);

  static std::string IdOf(int entity) { return "urn:a:" + std::to_string(entity); }
  static std::string NameOf(int attribute);
  static std::string ScopeName(int scope) { return "/s" + std::to_string(scope); }
  /// An attribute as the operation tells it.
  static std::string Instance(const std::string& name, int value, std::optional<TimePoint> observed);

  const Entities& entities() const { return entities_; }
  const Entities& at(TimePoint time) const;
  std::vector<TimePoint> times() const;
  /// By entity and attribute, in the order of time.
  std::map<std::pair<std::string, std::string>, std::vector<ModelSample>> samples() const;

 private:
  struct Told {
    std::string name;
    int value = 0;
    std::optional<TimePoint> observed;
  };
  std::string Change(const Operation& operation, const std::string& id, TimePoint at, std::vector<Told>& told);
  void Write(const Operation& operation, const std::string& id, TimePoint at, const std::vector<Told>& told);
  void Temporal(const std::string& id, TimePoint at, const std::vector<Told>& told);
  void Sampled(const std::string& id, const ModelEntity* before, TimePoint at);

  Entities entities_;
  std::map<TimePoint, Entities> past_;
  std::map<std::pair<std::string, std::string>, std::vector<ModelSample>> samples_;
};

}  // namespace bongsu::store
