// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What tests of rules share: a context as a map, rules from text, events in one line.

#include <map>
#include <string>

#include "decide/rules/engine.hpp"

namespace bongsu::rules::testing {

class MapContext final : public ContextPort {
 public:
  struct Entity {
    std::string type;
    model::LText name;
    std::optional<model::Place> place;
    json::Value attributes;
  };
  std::map<std::string, Entity, std::less<>> entities;

  std::optional<EntityFacts> Find(std::uint16_t, std::string_view id) const override {
    const auto found = entities.find(id);
    if (found == entities.end()) return std::nullopt;
    const Entity& entity = found->second;
    return EntityFacts{entity.type, entity.name, entity.place, &entity.attributes};
  }
  bool AnyNear(std::uint16_t, model::LatLon point, double radius_m, std::string_view type) const override {
    for (const auto& [id, entity] : entities) {
      const bool fits = entity.type == type && entity.place;
      if (fits && model::DistanceMeters(point, entity.place->point) <= radius_m) return true;
    }
    return false;
  }
};

inline const TimePoint kNoon = *ParseTime("2026-11-22T03:00:00Z");

/// One shard with everything in it.
class Bench {
 public:
  explicit Bench(std::string_view yaml, const Variables& variables = {}) {
    ReadRules read = ReadRuleFile(yaml, "test.yaml", variables);
    complaints = std::move(read.complaints);
    auto built = RuleSet::Build(std::move(read.rules));
    for (Complaint& complaint : built.complaints) complaints.push_back(std::move(complaint));
    set = built.set;
    engine = std::make_unique<RuleEngine>(set, context);
  }

  /// An event `at` after noon; positions count up unless given.
  static model::Event Event(Duration at, std::string type, json::Object fields,
                            std::string entity = "urn:ngsi-ld:Thing:T-1") {
    model::Event event;
    event.source = "test";
    event.type = std::move(type);
    event.entity = std::move(entity);
    event.at = kNoon + at;
    event.received_at = event.at;
    event.fields = std::move(fields);
    return event;
  }

  std::vector<model::Finding> Send(model::Event event) {
    if (event.position.seq == 0) event.position = {1, ++seq};
    std::vector<model::Finding> out;
    for (Hit& hit : engine->OnEvent(event)) Take(engine->OnHit(std::move(hit)), out);
    return out;
  }
  std::vector<model::Finding> Tick(Duration at) {
    std::vector<model::Finding> out;
    Take(engine->OnTick(kNoon + at), out);
    return out;
  }
  void Take(RuleEngine::Output output, std::vector<model::Finding>& out) {
    for (model::Finding& finding : output.findings) {
      told.push_back(finding);
      out.push_back(std::move(finding));
    }
    for (Hit& hit : output.hits) Take(engine->OnHit(std::move(hit)), out);
  }

  MapContext context;
  std::vector<Complaint> complaints;
  std::shared_ptr<const RuleSet> set;
  std::unique_ptr<RuleEngine> engine;
  std::vector<model::Finding> told;
  std::uint64_t seq = 0;
};

}  // namespace bongsu::rules::testing
