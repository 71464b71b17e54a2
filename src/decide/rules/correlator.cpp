// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/correlator.hpp"

#include <algorithm>

#include "decide/rules/operator.hpp"

namespace bongsu::rules {
namespace {

using model::FindingStatus;

constexpr std::size_t kMaxSourceNames = 65'536;
constexpr Duration kLookAgain = 5s;  // finality is looked at this often while something waits for it

/// Versions of a rule share nothing: their hits mean something else.
Hash128 StateId(const Rule& rule, std::uint16_t tenant, std::string_view key) {
  return HashParts({rule.id, rule.version, std::to_string(tenant), key});
}

/// Everything that is told but for revision, status and the times of arrival.
std::uint64_t ContentOf(const model::Finding& finding) {
  model::Finding bare = finding;
  bare.revision = 0;
  bare.status = FindingStatus::kProvisional;
  bare.received_at = {};
  return Hash64(model::ToRecord(bare, 1).payload);
}

/// More of the same, later: no fact that was told is taken back.
bool OnlyGrew(const model::Finding& before, const model::Finding& after) {
  return after.first_at == before.first_at && after.last_at >= before.last_at && after.count >= before.count &&
         (after.last_at > before.last_at || after.clears != before.clears) && !(before.clears && !after.clears);
}

}  // namespace

std::uint32_t Correlator::SourceNumber(const std::string& source) {
  const auto found = source_numbers_.find(source);
  if (found != source_numbers_.end()) return found->second;
  if (sources_.size() >= kMaxSourceNames) return static_cast<std::uint32_t>(sources_.size() - 1);
  const auto number = static_cast<std::uint32_t>(sources_.size());
  sources_.push_back(source);
  source_numbers_[source] = number;
  return number;
}

void Correlator::Touch(Hash128 id, Slot& slot) {
  RuleKeys& keys = rules_[slot.state.rule->id];
  const bool warm = slot.state.entries.size() > 1 || !slot.state.told.empty();
  std::list<Hash128>& from = slot.warm ? keys.warm : keys.cold;
  std::list<Hash128>& to = warm ? keys.warm : keys.cold;
  to.splice(to.end(), from, slot.place);
  slot.warm = warm;
  (void)id;
}

void Correlator::Forget(Hash128 id) {
  const auto found = states_.find(id);
  if (found == states_.end()) return;
  Slot& slot = found->second;
  due_.erase({slot.state.next_due, id});
  settling_.erase({slot.state.next_settled, id});
  RuleKeys& keys = rules_[slot.state.rule->id];
  (slot.warm ? keys.warm : keys.cold).erase(slot.place);
  states_.erase(found);
}

void Correlator::Evict(RuleKeys& keys) {
  ++counters_.keys_evicted;
  Forget(keys.cold.empty() ? keys.warm.front() : keys.cold.front());
}

Correlator::Slot& Correlator::SlotOf(const RulePtr& rule, std::uint16_t tenant, const std::string& key) {
  const Hash128 id = StateId(*rule, tenant, key);
  const auto found = states_.find(id);
  if (found != states_.end()) return found->second;
  RuleKeys& keys = rules_[rule->id];
  if (keys.cold.size() + keys.warm.size() >= rule->max_keys) Evict(keys);
  Slot& slot = states_[id];
  slot.state.rule = rule;
  slot.state.tenant = tenant;
  slot.state.key = key;
  slot.place = keys.cold.insert(keys.cold.end(), id);
  return slot;
}

void Correlator::OnHit(Hit hit, TimePoint now, Output& out) {
  ++counters_.hits;
  Slot& slot = SlotOf(hit.rule, hit.tenant, hit.key);
  KeyState& state = slot.state;
  Entry entry{hit.at,    hit.received_at, hit.position,         hit.stage, SourceNumber(hit.source), hit.part,
              hit.value, hit.point,       std::move(hit.detail)};
  const auto same = [&](const Entry& other) { return other.position == entry.position && other.stage == entry.stage; };
  if (entry.position.seq != 0 && std::ranges::any_of(state.entries, same)) {
    ++counters_.repeated;
    return;
  }
  if (entry.at < state.base.resume_from) {  // what is folded cannot be undone
    ++counters_.too_late;
    return;
  }
  state.entries.insert(std::upper_bound(state.entries.begin(), state.entries.end(), entry), entry);
  if (state.entries.size() > state.rule->max_events) {
    ++counters_.hits_evicted;
    state.base.evicted_to = std::max(state.base.evicted_to, state.entries.front().at);
    OperatorOf(state.rule->op).trim(state, state.entries[1].at);
    if (state.entries.size() > state.rule->max_events) state.entries.erase(state.entries.begin());
  }
  const Hash128 id = StateId(*state.rule, state.tenant, state.key);
  Review(id, slot, now, out);
  const auto still = states_.find(id);
  if (still != states_.end()) Touch(id, still->second);
}

void Correlator::Queue(Hash128 id, Slot& slot, TimePoint due, TimePoint settled) {
  const auto move = [&](std::set<std::pair<TimePoint, Hash128>>& queue, TimePoint& at, TimePoint to) {
    if (at == to) return;
    if (at != kNever) queue.erase({at, id});
    at = to;
    if (to != kNever) queue.insert({to, id});
  };
  move(due_, slot.state.next_due, due);
  move(settling_, slot.state.next_settled, settled);
}

void Correlator::Review(Hash128 id, Slot& slot, TimePoint now, Output& out) {
  KeyState& state = slot.state;
  const TimePoint progress = clocks_.Progress(state.tenant, state.rule->hears, now);
  const TimePoint watermark = clocks_.Watermark(state.tenant, state.rule->hears, now);
  const Operator& op = OperatorOf(state.rule->op);
  const Evaluation evaluation = op.evaluate(state, progress);
  if (recovering_) {
    Queue(id, slot, evaluation.next, progress);
    return;
  }
  for (const Outcome& outcome : evaluation.outcomes) Tell(slot, outcome, watermark, now, out);
  const auto gone = [&](const Told& told) {
    return std::ranges::none_of(evaluation.outcomes,
                                [&](const Outcome& outcome) { return told.finding->window_start == outcome.start; });
  };
  for (Told& told : state.told) {
    if (!told.final && gone(told)) Withdraw(state, told, now, out);
  }
  op.trim(state, watermark);
  // What may still be computed again keeps its revision.
  const Duration reach = state.rule->window + state.rule->gap + state.rule->hold + state.rule->clear_hold;
  std::erase_if(state.told, [&](const Told& told) {
    return told.final && gone(told) && told.finding->last_at + reach < watermark;
  });
  while (state.told.size() > state.rule->max_events) {
    const auto done = std::ranges::find_if(state.told, [](const Told& told) { return told.final; });
    state.told.erase(done == state.told.end() ? state.told.begin() : done);
  }

  TimePoint settled = kNever;
  for (const Outcome& outcome : evaluation.outcomes) {
    const auto told =
        std::ranges::find(state.told, outcome.start, [](const Told& one) { return one.finding->window_start; });
    if (told != state.told.end() && !told->final) settled = std::min(settled, outcome.settled);
  }
  if (settled < watermark) settled = watermark + kLookAgain;
  Queue(id, slot, evaluation.next, settled);
  const StateMachine& machine = state.base.machine;
  const bool idle = state.entries.empty() && state.told.empty() && machine.parts.empty() && !machine.open &&
                    !state.base.has_reference;
  if (idle) Forget(id);
}

void Correlator::Tell(Slot& slot, const Outcome& outcome, TimePoint watermark, TimePoint now, Output& out) {
  KeyState& state = slot.state;
  const bool settled = outcome.settled < watermark;
  auto finding = std::make_shared<model::Finding>(RenderFinding(state, outcome, sources_));
  const std::uint64_t content = ContentOf(*finding);
  auto told = std::ranges::find(state.told, finding->id, &Told::id);
  if (told == state.told.end()) {
    finding->status = settled ? FindingStatus::kFinal : FindingStatus::kProvisional;
    if (state.rule->Tells()) out.findings.push_back(*finding);
    FeedOthers(state, outcome, out);
    state.told.push_back({finding->id, 1, content, settled, false, finding});
    return;
  }
  if (told->content == content && (told->final || !settled)) return;
  const bool changed = told->content != content;
  if (settled)
    finding->status = FindingStatus::kFinal;
  else
    finding->status = OnlyGrew(*told->finding, *finding) ? FindingStatus::kProvisional : FindingStatus::kCorrected;
  if (!changed) finding->received_at = told->finding->received_at;
  finding->revision = ++told->revision;
  told->content = content;
  told->final = settled;
  told->finding = finding;
  (void)now;
  if (state.rule->Tells()) out.findings.push_back(*finding);
}

void Correlator::Withdraw(KeyState& state, Told& told, TimePoint now, Output& out) {
  (void)now;
  model::Finding finding = *told.finding;
  // Hits that had to leave early take nothing back.
  const bool evicted = finding.window_start <= state.base.evicted_to;
  finding.status = evicted ? FindingStatus::kFinal : FindingStatus::kWithdrawn;
  finding.revision = ++told.revision;
  told.final = true;
  if (!evicted) told.content = 0;  // were it to come back, that would be news
  if (state.rule->Tells()) out.findings.push_back(std::move(finding));
}

void Correlator::FeedOthers(const KeyState& state, const Outcome& outcome, Output& out) const {
  for (const Feed& feed : state.rule->feeds) {
    Hit hit;
    hit.rule = feed.rule;
    hit.tenant = state.tenant;
    hit.stage = feed.stage;
    hit.at = outcome.last;
    hit.received_at = outcome.newest.received_at;
    hit.position = outcome.newest.position;
    hit.source = sources_[outcome.newest.source];
    hit.detail = outcome.newest.detail;
    hit.point = outcome.newest.point;
    // A chained rule groups by what its base is keyed by.
    hit.key = state.key;
    hit.part = Hash64(state.key);
    out.hits.push_back(std::move(hit));
  }
}

void Correlator::OnTick(TimePoint now, Output& out) {
  const auto due = [&](const std::set<std::pair<TimePoint, Hash128>>& queue, bool by_watermark) {
    std::vector<Hash128> ids;
    for (const auto& [at, id] : queue) {
      if (at > now) break;
      const KeyState& state = states_.at(id).state;
      const TimePoint reached = by_watermark ? clocks_.Watermark(state.tenant, state.rule->hears, now)
                                             : clocks_.Progress(state.tenant, state.rule->hears, now);
      if (by_watermark ? reached > at : reached >= at) ids.push_back(id);
    }
    return ids;
  };
  for (const bool by_watermark : {false, true}) {
    for (const Hash128 id : due(by_watermark ? settling_ : due_, by_watermark)) {
      const auto found = states_.find(id);
      if (found != states_.end()) Review(id, found->second, now, out);
    }
  }
}

TimePoint Correlator::NextDue(TimePoint now) const {
  TimePoint next = kNever;
  if (!due_.empty()) {
    const auto& [at, id] = *due_.begin();
    const KeyState& state = states_.at(id).state;
    // Event time of its sources may be behind platform time: it gets there that much later.
    const Duration behind = now - clocks_.Progress(state.tenant, state.rule->hears, now);
    next = std::max(at + behind, at > now ? at : now + 100ms);
  }
  if (!settling_.empty()) {
    const auto& [at, id] = *settling_.begin();
    const KeyState& state = states_.at(id).state;
    const Duration behind = now - clocks_.Watermark(state.tenant, state.rule->hears, now);
    next = std::min(next, std::max(at + behind, now + kLookAgain));
  }
  return next;
}

void Correlator::Recover(const RulePtr& rule, const model::Finding& finding) {
  Slot& slot = SlotOf(rule, finding.tenant, finding.key);
  const Hash128 id = StateId(*rule, finding.tenant, finding.key);
  auto told = std::ranges::find(slot.state.told, finding.id, &Told::id);
  if (told == slot.state.told.end()) {
    told = slot.state.told.insert(slot.state.told.end(), Told{finding.id, 0, 0, false, true, nullptr});
    if (slot.state.told.size() > rule->max_events) {
      slot.state.told.erase(slot.state.told.begin());
      told = std::prev(slot.state.told.end());
    }
  }
  if (finding.revision < told->revision) return;
  const bool ended = finding.status == FindingStatus::kFinal || finding.status == FindingStatus::kWithdrawn;
  *told = {finding.id, finding.revision, ContentOf(finding), ended, true, std::make_shared<model::Finding>(finding)};
  recovered_.insert(id);
  Touch(id, slot);
}

void Correlator::EndRecovery(TimePoint now, Output& out) {
  recovering_ = false;
  for (const Hash128 id : recovered_) {
    const auto found = states_.find(id);
    if (found == states_.end()) continue;
    KeyState& state = found->second.state;
    const Evaluation evaluation =
        OperatorOf(state.rule->op).evaluate(state, clocks_.Progress(state.tenant, state.rule->hears, now));
    for (Told& told : state.told) {
      const auto outcome = std::ranges::find(evaluation.outcomes, told.finding->window_start, &Outcome::start);
      if (outcome == evaluation.outcomes.end()) {
        Resume(state, told);
        continue;
      }
      told.recovered = false;
      const model::Finding now_computed = RenderFinding(state, *outcome, sources_);
      if (ContentOf(now_computed) == told.content || OnlyGrew(*told.finding, now_computed)) continue;
      ++counters_.differences;
      told.content = ContentOf(now_computed);  // the recorded one stands: this difference is not told
    }
  }
  recovered_.clear();
  std::vector<Hash128> ids;
  ids.reserve(states_.size());
  for (const auto& [id, slot] : states_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const Hash128 id : ids) {
    const auto found = states_.find(id);
    if (found != states_.end()) Review(id, found->second, now, out);
  }
}

void Correlator::Resume(KeyState& state, Told& told) {
  const model::Finding& finding = *told.finding;
  if (state.rule->op != OperatorKind::kState || finding.clears || finding.status == FindingStatus::kWithdrawn) {
    told.final = true;  // its events are older than what was read again
    return;
  }
  // A condition that began before the events that were read again and has not ended: it goes on.
  StateMachine& machine = state.base.machine;
  machine.open = true;
  machine.holds = true;
  machine.held_since = finding.window_start;
  Outcome& outcome = machine.outcome;
  outcome.start = finding.window_start;
  outcome.first = finding.first_at;
  outcome.last = finding.last_at;
  outcome.settled = finding.last_at;
  outcome.count = finding.count;
  auto detail = std::make_shared<Detail>();
  detail->key = finding.key;
  detail->entity = finding.entity;
  detail->place = finding.place;
  detail->parent_key = finding.parent_key;
  detail->confidence = finding.confidence;
  detail->values = finding.explanation["values"];
  for (const json::Value& clause : finding.explanation["clauses"].AsArray())
    detail->clauses.emplace_back(clause["text"].AsString());
  for (const model::Position& position : finding.events) {
    Entry entry;
    entry.at = finding.first_at;
    entry.received_at = finding.received_at;
    entry.position = position;
    entry.source = SourceNumber(finding.sources.empty() ? "" : finding.sources.front());
    entry.detail = detail;
    outcome.evidence.push_back(entry);
    outcome.newest = entry;
  }
  for (const json::Value& part : finding.explanation["parts"].AsArray()) {
    StateMachine::Part raised;
    raised.id = Hash64(part.AsString());
    raised.raised = outcome.newest;
    machine.parts.push_back(std::move(raised));
  }
  if (machine.parts.empty()) machine.parts.push_back({0, outcome.newest});
  told.content = ContentOf(RenderFinding(state, outcome, sources_));
}

void Correlator::Reload(const std::function<RulePtr(std::string_view id)>& find) {
  std::vector<Hash128> gone;
  for (auto& [id, slot] : states_) {
    RulePtr now = find(slot.state.rule->id);
    if (now == nullptr || now->version != slot.state.rule->version)
      gone.push_back(id);
    else
      slot.state.rule = std::move(now);
  }
  for (const Hash128 id : gone) Forget(id);
}

}  // namespace bongsu::rules
