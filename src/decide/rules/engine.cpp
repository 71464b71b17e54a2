// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/engine.hpp"

#include <algorithm>

namespace bongsu::rules {

RuleEngine::RuleEngine(std::shared_ptr<const RuleSet> rules, const ContextPort& context, EngineConfig config)
    : context_{context},
      detector_{std::make_unique<Detector>(std::move(rules), context)},
      clocks_{std::clamp<Duration>(config.lateness, Duration{0}, 24h)},
      correlator_{clocks_} {}

const std::vector<std::uint64_t>& RuleEngine::GroupsOf(const model::LogSource& source) {
  const auto [at, fresh] = groups_.try_emplace(LogSourceKey(source));
  if (fresh) at->second = rules().Groups(source);
  return at->second;
}

std::vector<Hit> RuleEngine::OnEvent(const model::Event& event) {
  now_ = std::max(now_, event.received_at);
  if (!event.clock_suspect)
    clocks_.Heard(event.tenant, event.source, GroupsOf(event.log_source), event.at, event.received_at);
  std::vector<Hit> hits;
  detector_->Match(event, hits);
  return hits;
}

/// Shards reload one after the other, hits travel between them meanwhile. Of a rule that is gone here only what single
/// events mean is still told: nothing else of its state is left to count with.
bool RuleEngine::Takes(Hit& hit) const {
  RulePtr mine = rules().Find(hit.rule->id);
  if (mine != nullptr && mine->version == hit.rule->version) {
    hit.rule = std::move(mine);
    return true;
  }
  return hit.rule->op == OperatorKind::kEach || !retired_.contains({hit.rule->id, hit.rule->version});
}

RuleEngine::Output RuleEngine::OnHit(Hit hit) {
  now_ = std::max(now_, hit.received_at);
  if (!Takes(hit)) {
    ++outdated_;
    return {};
  }
  // News of the source's clock may come behind its hits: a lagging source must hold the watermark from its first one.
  clocks_.Heard(hit.tenant, hit.source, hit.rule->hears, hit.at, hit.received_at);
  Output out;
  correlator_.OnHit(std::move(hit), now_, out);
  return out;
}

RuleEngine::Output RuleEngine::OnTick(TimePoint now) {
  now_ = std::max(now_, now);
  Output out;
  correlator_.OnTick(now_, out);
  return out;
}

TimePoint RuleEngine::NextDue() const { return correlator_.NextDue(now_); }

void RuleEngine::OnClocks(const std::vector<ClockNews>& news) {
  for (const ClockNews& one : news) {
    now_ = std::max(now_, one.heard_at);
    clocks_.Take(one);
  }
}

void RuleEngine::SetLateness(std::uint16_t tenant, const std::string& source, Duration lateness) {
  clocks_.SetLateness(tenant, source, lateness);
}

void RuleEngine::Recover(const model::Finding& finding) {
  now_ = std::max(now_, finding.received_at);
  // A joined finding is named after the other rule; only its own rule's hits make its id.
  for (const RulePtr& rule : rules().rules()) {
    const bool named = rule->joins.empty() ? rule->id == finding.rule : rule->joins == finding.rule;
    if (named && model::FindingId(finding.tenant, rule->id, finding.key, finding.window_start) == finding.id) {
      correlator_.Recover(rule, finding);
      return;
    }
  }
}

RuleEngine::Output RuleEngine::EndRecovery(TimePoint now) {
  now_ = std::max(now_, now);
  Output out;
  correlator_.EndRecovery(now_, out);
  return out;
}

void RuleEngine::Reload(std::shared_ptr<const RuleSet> rules) {
  retired_.clear();
  for (const RulePtr& old : this->rules().rules()) {
    const RulePtr now = rules->Find(old->id);
    if (now == nullptr || now->version != old->version) retired_.emplace(old->id, old->version);
  }
  detector_ = std::make_unique<Detector>(std::move(rules), context_);
  groups_.clear();
  correlator_.Reload([&](std::string_view id) { return detector_->rules().Find(id); });
}

std::uint16_t PartitionOf(const Hit& hit, std::uint16_t partitions) {
  return model::PartitionOf(hit.tenant, model::RoutingKey(hit.rule->id, hit.key), partitions);
}

}  // namespace bongsu::rules
