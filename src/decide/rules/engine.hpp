// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The rule engine of one shard: plain functions, no thread, no clock of its own.
///
///   committed kEvent ─▶ OnEvent ─▶ hits ─▶ (the shard of each hit's Partition) ─▶ OnHit ─▶ findings to append
///   kTick            ─▶ OnTick ─▶ findings                 TakeClocks ─▶ every other shard's OnClocks
///
/// After a restart: BeginRecovery; Recover for every recorded finding on every shard; OnEvent and OnHit with the events
/// of the last LongestWindow() and lateness; EndRecovery gives what was not recorded.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "decide/rules/correlator.hpp"
#include "decide/rules/detector.hpp"

namespace bongsu::rules {

inline constexpr Duration kLateness{std::chrono::minutes{10}};

struct EngineConfig {
  Duration lateness{kLateness};  ///< Of a source that does not say; at most 24 h.
};

class RuleEngine {
 public:
  /// @param context  must outlive the engine
  RuleEngine(std::shared_ptr<const RuleSet> rules, const ContextPort& context, EngineConfig config = {});

  /// What came of a call: findings to append, hits to route.
  using Output = Correlator::Output;

  /// A committed event of a source that lives on this shard.
  std::vector<Hit> OnEvent(const model::Event& event);
  /// A hit whose Partition lives on this shard.
  Output OnHit(Hit hit);
  /// Platform time moved to `now` (a kTick record).
  Output OnTick(TimePoint now);
  /// Platform time at which OnTick is wanted; kNever for none.
  TimePoint NextDue() const;

  /// Since the last call; hand it to every other shard, a few times a second.
  std::vector<ClockNews> TakeClocks() { return clocks_.TakeNews(); }
  void OnClocks(const std::vector<ClockNews>& news);
  void SetLateness(std::uint16_t tenant, const std::string& source, Duration lateness);

  void BeginRecovery() { correlator_.BeginRecovery(); }
  void Recover(const model::Finding& finding);
  Output EndRecovery(TimePoint now);

  /// Hot reload: state of unchanged rules is kept, that of changed and removed ones is dropped. Hits of the shard's own
  /// old rules, and of others that reload a moment earlier or later, may still come.
  void Reload(std::shared_ptr<const RuleSet> rules);

  const RuleSet& rules() const { return detector_->rules(); }
  std::shared_ptr<const RuleSet> rule_set() const { return detector_->rule_set(); }
  const CorrelatorCounters& counters() const { return correlator_.counters(); }
  std::size_t keys() const { return correlator_.keys(); }
  std::uint64_t outdated() const { return outdated_; }  ///< Hits of rules that a reload had taken away.

 private:
  bool Takes(Hit& hit) const;
  const std::vector<std::uint64_t>& GroupsOf(const model::LogSource& source);

  const ContextPort& context_;
  std::unique_ptr<Detector> detector_;
  SourceClocks clocks_;
  Correlator correlator_;
  TimePoint now_{};
  std::set<std::pair<std::string, std::string>> retired_;  ///< Id and version of the rules the newest reload took away.
  std::uint64_t outdated_ = 0;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> groups_;
};

/// Partition whose shard holds the state of a hit.
std::uint16_t PartitionOf(const Hit& hit, std::uint16_t partitions);

}  // namespace bongsu::rules
