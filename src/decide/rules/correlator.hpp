// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Turns hits into findings. Of one shard; holds the state of the (rule, key)s whose partition lives there.
///
///   hit ──▶ KeyState ──▶ operator ──▶ outcomes ──▶ difference to what was told ──▶ findings
///                                                                                    provisional, corrected,
///                                                                                    withdrawn, final
///
/// Bounds: rule.max_keys keys a rule, rule.max_events hits a key; what leaves early is counted. Keys with one hit and
/// nothing told leave first, so a flood of new keys does not push out a slow attack.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "decide/rules/key_state.hpp"
#include "decide/rules/source_clocks.hpp"

namespace bongsu::rules {

struct CorrelatorCounters {
  std::uint64_t hits = 0;
  std::uint64_t repeated = 0;      ///< Positions that were known.
  std::uint64_t too_late = 0;      ///< Behind the watermark.
  std::uint64_t keys_evicted = 0;  ///< max_keys
  std::uint64_t hits_evicted = 0;  ///< max_events
  std::uint64_t differences = 0;   ///< Recomputed finding differs from the recorded one, which stands.
};

class Correlator {
 public:
  explicit Correlator(const SourceClocks& clocks) : clocks_{clocks} {}

  struct Output {
    std::vector<model::Finding> findings;
    std::vector<Hit> hits;  ///< For rules that read other rules' findings.
  };

  void OnHit(Hit hit, TimePoint now, Output& out);
  /// Time passed or clocks moved: deadlines and finality.
  void OnTick(TimePoint now, Output& out);
  /// Earliest platform time at which OnTick may have something to say; kNever for none.
  TimePoint NextDue(TimePoint now) const;

  /// Between these two, findings are only computed; what is recorded already is not told again.
  void BeginRecovery() { recovering_ = true; }
  /// A recorded finding. @param rule  the rule as it is now; a finding of a rule that is gone is skipped by the caller
  void Recover(const RulePtr& rule, const model::Finding& finding);
  void EndRecovery(TimePoint now, Output& out);

  /// Rules changed: state of rules whose version is the same stays, that of others is dropped.
  void Reload(const std::function<RulePtr(std::string_view id)>& find);

  const CorrelatorCounters& counters() const { return counters_; }
  std::size_t keys() const { return states_.size(); }

 private:
  struct Slot {
    KeyState state;
    std::list<Hash128>::iterator place;
    bool warm = false;  ///< In the list that is evicted last.
  };
  struct RuleKeys {
    std::list<Hash128> cold;  ///< Oldest first.
    std::list<Hash128> warm;
  };

  Slot& SlotOf(const RulePtr& rule, std::uint16_t tenant, const std::string& key);
  void Touch(Hash128 id, Slot& slot);
  void Evict(RuleKeys& keys);
  void Forget(Hash128 id);
  void Review(Hash128 id, Slot& slot, TimePoint now, Output& out);
  void Tell(Slot& slot, const Outcome& outcome, TimePoint watermark, TimePoint now, Output& out);
  void Withdraw(KeyState& state, Told& told, TimePoint now, Output& out);
  void Queue(Hash128 id, Slot& slot, TimePoint due, TimePoint settled);
  void FeedOthers(const KeyState& state, const Outcome& outcome, Output& out) const;
  /// A recorded finding whose events were not read again.
  void Resume(KeyState& state, Told& told);
  std::uint32_t SourceNumber(const std::string& source);

  const SourceClocks& clocks_;
  std::unordered_map<Hash128, Slot> states_;
  std::unordered_map<std::string, RuleKeys> rules_;
  std::set<std::pair<TimePoint, Hash128>> due_;
  std::set<std::pair<TimePoint, Hash128>> settling_;
  std::vector<std::string> sources_;
  std::unordered_map<std::string, std::uint32_t> source_numbers_;
  bool recovering_ = false;
  std::set<Hash128> recovered_;
  CorrelatorCounters counters_;
};

/// The finding that `outcome` is, apart from revision and status.
model::Finding RenderFinding(const KeyState& state, const Outcome& outcome, const std::vector<std::string>& sources);

}  // namespace bongsu::rules
