// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which rules does this event fit? Stateless: the same event gives the same hits. Of one shard; not thread-safe.

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "decide/rules/context_port.hpp"
#include "decide/rules/hit.hpp"
#include "decide/rules/rule_set.hpp"

namespace bongsu::rules {

class Detector final : private LazyFields {
 public:
  /// @param context  must outlive the detector
  Detector(std::shared_ptr<const RuleSet> rules, const ContextPort& context);

  /// Hits of every rule and stage, those of fed rules included.
  void Match(const model::Event& event, std::vector<Hit>& out);

  /// The bare part of it, for measuring and for files: `view` is filled by the caller.
  /// @param unrouted  the event names no log source: every rule is tried
  void MatchView(EventView& view, const model::LogSource& source, bool unrouted, std::vector<ProbeHit>& out);

  const RuleSet& rules() const { return *rules_; }
  const std::shared_ptr<const RuleSet>& rule_set() const { return rules_; }
  /// Conditions looked at so far.
  std::uint64_t evaluated() const { return scratch_.evaluated; }

 private:
  bool IsLazy(FieldId field) const override { return rules_->LazyField(field) != nullptr; }
  void Load(FieldId field, EventView& view) override;

  const std::vector<const PredicateIndex*>& RouteOf(const model::LogSource& source, bool unrouted);
  void Fill(const model::Event& event);
  /// A hit of `base` counted as stage `stage` of `rule` (the same rule, or one it feeds).
  void AddHits(const RulePtr& rule, std::uint32_t stage, const Rule& base, std::vector<Hit>& out);
  std::optional<json::Value> ValueOf(std::string_view name, const Rule& rule) const;
  std::optional<std::string> Text(const TemplateText& text, const Rule& rule) const;
  std::optional<std::string> FirstText(const std::vector<TemplateText>& texts, const Rule& rule) const;
  std::shared_ptr<const Detail> MakeDetail(const Rule& rule, const Rule& base, std::string key);
  std::vector<std::string> Clauses(const Rule& base, std::uint32_t stage);

  std::shared_ptr<const RuleSet> rules_;
  const ContextPort& context_;
  IndexScratch scratch_;
  EventView view_;
  std::vector<ProbeHit> probes_;
  const model::Event* event_ = nullptr;
  std::uint32_t base_stage_ = 0;
  std::vector<std::uint32_t> loaded_;  ///< Context field -> event number it was looked up for.
  std::uint32_t event_number_ = 0;
  std::unordered_map<std::string, std::vector<const PredicateIndex*>> routes_;
  std::string route_key_;
};

/// Adds the members of `fields` that rules name to `view`; nested objects as "outer.inner", lists as several values.
void AddFields(const json::Object& fields, const FieldNames& names, EventView& view);

}  // namespace bongsu::rules
