// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The stages of the server in one process, on a virtual clock, without sockets and disk: bytes of a linked system ->
/// mapping -> event -> context and rules -> findings -> the desk (room.hpp).

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "decide/rules/engine.hpp"
#include "decide/rules/replica_context.hpp"
#include "scenario/room.hpp"
#include "sense/senses.hpp"

namespace bongsu::scenario {

class Stage {
 public:
  /// @param packs  folder of the packs
  /// @errors kInvalidArgument of mappings, sources, rules and procedures
  static Result<std::unique_ptr<Stage>> Make(const std::string& packs, TimePoint start, dispatch::Peers peers);

  /// Puts an entity in: members as NGSI-LD key-values; location as [lon, lat].
  void Give(const json::Value& entity);
  /// What a linked system says, now. @errors kNotFound scenario.no_source, kInvalidArgument of the mapping
  Result<void> Send(const std::string& source, const std::string& topic, const std::string& body);
  /// From now on the source's silence is noticed; others give signs of life beside what the scenario says.
  /// @errors kNotFound scenario.no_source
  Result<void> Watch(const std::string& source);
  /// Time passes; silences and the timers of rules and desk happen on the way.
  void PassTo(TimePoint time);

  TimePoint now() const { return clock_.Now(); }
  Room& room() { return *room_; }

 private:
  struct Source {
    ingest::SourceConfig config;
    ingest::Zone zone;
    std::vector<std::shared_ptr<const ingest::Mapping>> mappings;
    TimePoint heard_at{};
    bool silent = false;
    bool watched = false;
  };
  explicit Stage(TimePoint start) : clock_{start} {}

  Result<void> Row(Source& source, const std::string& topic, const ingest::Row& row);
  void Take(ingest::Meaning meaning, const Source& source);
  void Feed(model::Event event);
  void TellSilence(Source& source, bool silent);
  void Keep(rules::RuleEngine::Output output);
  void Tick();

  ManualClock clock_;
  ingest::Decoders decoders_;
  std::map<std::string, Source, std::less<>> sources_;
  context::LoneReplica replica_{Config()};
  rules::ReplicaContext context_{replica_.replica()};
  std::unique_ptr<rules::RuleEngine> engine_;
  sop::Library procedures_;
  std::unique_ptr<Room> room_;
  std::map<Hash128, bool> known_;
  std::uint64_t seq_ = 0;

  static context::ReplicaConfig Config();
};

}  // namespace bongsu::scenario
