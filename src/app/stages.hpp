// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Leads committed records from stage to stage, on the shards that own them.
///
///   kEntity  ─▶ live context (know/store): context of its shard, replica of every shard
///   kEvent, direct kEntity ─▶ rules of its shard ─ hits ─▶ shard of (rule, key) ─ findings ─▶ AppendPort
///   kFinding ─▶ the tenant's desk
///   kTick    ─▶ rules of its shard
///   kConfig  ─▶ rules of its shard: the set it names, readied before, takes force
///
/// Recover folds what the journal holds before the shards run (architecture D1).

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "decide/rules/engine.hpp"
#include "decide/rules/replica_context.hpp"
#include "guard/tenants.hpp"
#include "know/journal/port.hpp"
#include "know/store/live_context.hpp"
#include "runtime/shards.hpp"

namespace bongsu::app {

/// How late events may come, where a source says so: by tenant's name and source.
using Lateness = std::map<std::string, std::map<std::string, Duration>>;

class Stages {
 public:
  struct House {
    runtime::Shards& shards;
    journal::AppendPort& append;
    const journal::JournalPort& journal;
    store::LiveContext& context;
    const Clock& clock;
    Metrics& metrics;
    const Log& log;
  };
  /// Committed findings of one tenant; called on any shard.
  using OnFindings = std::function<void(std::uint16_t tenant, std::vector<model::Finding> findings)>;
  using OnRecord = std::function<void(const model::Record& record)>;

  Stages(const House& house, const std::shared_ptr<const rules::RuleSet>& rules, Lateness lateness);
  ~Stages();

  void set_on_findings(OnFindings on_findings) { on_findings_ = std::move(on_findings); }

  /// Reads the data partitions again, as far back as rules look or 24 h of message identities need; `on_record` gets
  /// each record once, oldest first in its partition. What it finds is appended and told when Start is called. Before
  /// the shards start, after the live context has recovered.
  /// @errors kCorrupt journal.bad_record
  Result<void> Recover(const OnRecord& on_record);
  /// A tenant is there: from now on its sources are waited for as long as they say. From any thread.
  void OnTenant(const guard::Tenant& tenant);
  /// Ends the recovery, when all tenants are known, and begins to watch timers and to tell findings. Waits until every
  /// shard did: from the main thread, before anything is taken in.
  void Start();
  /// The committer's sink.
  void OnCommitted(std::size_t shard, std::span<const model::Record* const> records);
  /// Appends an event the platform itself has to tell (a sign-in). On a shard's thread; an event that is refused is
  /// logged.
  void Take(const model::Event& event);

  /// The rules in force on a shard; on its thread.
  std::shared_ptr<const rules::RuleSet> rules(std::size_t shard) const { return parts_[shard]->rules.rule_set(); }
  /// Hands every shard a rule set that a config record will name. From any thread, before that record is appended.
  void Prepare(const std::shared_ptr<const rules::RuleSet>& set);
  /// After the config records were committed: `done` runs on some shard when every one has switched, those without a
  /// partition, which no record reaches, included.
  void SwitchAll(const std::string& version, const std::function<void()>& done);
  TimePoint Now() const { return house_.clock.Now(); }

 private:
  struct Parts {
    Parts(const context::Replica& replica, std::shared_ptr<const rules::RuleSet> rules)
        : context{replica}, rules{std::move(rules), context} {}
    rules::ReplicaContext context;
    rules::RuleEngine rules;
    bool tick_asked = false;                         ///< A kTick is on its way.
    std::shared_ptr<const rules::RuleSet> prepared;  ///< Takes force with the config record that names it.
  };
  class Merge;
  /// Since when the version that runs is in force, by rule; rules that did not change while the journal watched are not
  /// in it.
  using InForce = std::map<std::string, TimePoint, std::less<>>;

  void Evaluate(std::size_t shard, const model::Record& record, std::vector<model::Finding>& findings);
  void Route(std::size_t shard, std::vector<rules::Hit> hits, std::vector<model::Finding>& findings);
  void Settle(std::size_t shard, rules::RuleEngine::Output output, std::vector<model::Finding>& findings);
  std::size_t OwnerOf(const rules::Hit& hit) const;
  void AppendFindings(const std::vector<model::Finding>& findings);
  void AppendTick(std::size_t shard);
  void Switch(std::size_t shard, std::string_view version);
  void Watch(std::size_t shard);
  void ShareClocks(std::size_t shard);
  void EndRecovery(std::size_t shard, const std::shared_ptr<std::promise<void>>& done);
  void NoteConfig(const model::Record& record, InForce& in_force) const;

  House house_;
  const Lateness lateness_;
  std::vector<std::unique_ptr<Parts>> parts_;
  OnFindings on_findings_;
  InForce in_force_;                                                 ///< While recovering.
  bool recovering_ = false;                                          ///< Single-threaded: hits are handed over at once.
  std::map<std::uint16_t, std::vector<model::Finding>> told_again_;  ///< In the journal; the desk may not know them.
  Counter& events_;
  Counter& findings_;
  Counter& lost_findings_;
  Histogram& to_finding_;
};

}  // namespace bongsu::app
