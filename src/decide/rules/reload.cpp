// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/reload.hpp"

#include <algorithm>
#include <set>

namespace bongsu::rules {
namespace {

/// Rules read from disk, with running ones in place of those that do not load.
class Merge {
 public:
  Merge(const RuleSet& running, RuleSet::Loaded loaded)
      : running_{running}, read_{std::move(loaded.rules)}, complaints_{std::move(loaded.complaints)} {}

  Result<ReloadPlan> Run() {
    for (;;) {
      RuleSet::Built built = RuleSet::Build(read_);
      for (Complaint& complaint : built.complaints) {
        if (complaint.file.empty()) return Fail(Code::kInvalidArgument, complaint.code, "{}", complaint.message);
        Remember(std::move(complaint));
      }
      const std::vector<RulePtr> broken = Broken(*built.set);
      if (broken.empty()) return Compare(std::move(built.set));
      for (const RulePtr& rule : broken) Keep(rule);
    }
  }

 private:
  void Remember(Complaint complaint) {
    const bool known = std::ranges::any_of(complaints_, [&](const Complaint& one) {
      return one.file == complaint.file && one.line == complaint.line && one.message == complaint.message;
    });
    if (!known) complaints_.push_back(std::move(complaint));
  }

  /// Running rules that `set` lacks, and not because somebody took them out.
  std::vector<RulePtr> Broken(const RuleSet& set) const {
    std::vector<RulePtr> broken;
    for (const RulePtr& rule : running_.rules()) {
      if (set.Find(rule->id) != nullptr || kept_.contains(rule->id)) continue;
      const bool complained = std::ranges::any_of(complaints_, [&](const Complaint& one) {
        return one.rule.empty() ? one.file == rule->file : one.rule == rule->id || one.rule == rule->name;
      });
      if (complained) broken.push_back(rule);
    }
    return broken;
  }

  bool IsRead(std::string_view name) const {
    return std::ranges::any_of(read_, [&](const Rule& rule) { return rule.id == name || rule.name == name; });
  }

  /// The running version of a rule, with the bases it reads.
  void Keep(const RulePtr& rule) {
    if (!kept_.insert(rule->id).second) return;
    std::erase_if(read_, [&](const Rule& other) { return other.id == rule->id; });
    Rule& copy = read_.emplace_back(*rule);
    copy.feeds.clear();
    copy.hears.clear();
    copy.quiet = false;
    for (const Stage& stage : rule->stages) {
      for (const std::string& name : stage.rules) {
        const auto base = std::ranges::find_if(
            running_.rules(), [&](const RulePtr& one) { return one->id == name || one->name == name; });
        if (base != running_.rules().end() && !IsRead(name)) Keep(*base);
      }
    }
  }

  ReloadPlan Compare(std::shared_ptr<const RuleSet> set) {
    ReloadPlan plan;
    for (const RulePtr& rule : set->rules()) {
      const RulePtr before = running_.Find(rule->id);
      if (before == nullptr)
        plan.added.push_back(rule->id);
      else if (before->version != rule->version)
        plan.changed.push_back(rule->id);
      if (kept_.contains(rule->id)) plan.kept.push_back(rule->id);
    }
    for (const RulePtr& rule : running_.rules()) {
      if (set->Find(rule->id) == nullptr) plan.removed.push_back(rule->id);
    }
    for (auto* ids : {&plan.added, &plan.changed, &plan.removed, &plan.kept}) std::ranges::sort(*ids);
    plan.set = std::move(set);
    plan.complaints = std::move(complaints_);
    return plan;
  }

  const RuleSet& running_;
  std::vector<Rule> read_;
  std::vector<Complaint> complaints_;
  std::set<std::string> kept_;
};

}  // namespace

Result<ReloadPlan> PlanReload(const RuleSet& running, RuleSet::Loaded loaded) {
  if (loaded.files == 0 && !running.rules().empty()) {
    return Fail(Code::kInvalidArgument, "rules.none", "no rule file was found; the {} rules that run stay",
                running.rules().size());
  }
  return Merge{running, std::move(loaded)}.Run();
}

}  // namespace bongsu::rules
