// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/rule_set.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace bongsu::rules {
namespace {

using Shared = std::vector<std::shared_ptr<Rule>>;

constexpr int kMaxChain = 4;

std::string GroupName(std::string_view category, std::string_view product, std::string_view service) {
  return fmt::format("{}\n{}\n{}", category, product, service);
}

/// Categories that hold others: Sysmon's registry events come as one category a kind.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWider{{{"registry_set", "registry_event"},
                                                                               {"registry_add", "registry_event"},
                                                                               {"registry_delete", "registry_event"},
                                                                               {"registry_rename", "registry_event"}}};

void Complain(std::vector<Complaint>& out, const Rule& rule, std::string code, std::string message) {
  out.push_back({rule.file, rule.line, 1, std::move(code), std::move(message), rule.id});
}

/// Names of context attributes become fields of their own: "@" entity template, unit separator, path.
class ContextNames {
 public:
  explicit ContextNames(Rule& rule) : rule_{rule} {
    for (Predicate& predicate : rule_.predicates) {
      Rename(predicate.field);
      Rename(predicate.other);
    }
  }

 private:
  void Rename(std::string& field) {
    const std::size_t dot = field.find('.');
    if (dot == std::string::npos) return;
    const std::string_view root = std::string_view{field}.substr(0, dot);
    const auto join = rule_.join.find(root);
    const std::string entity = join != rule_.join.end() ? join->second.text() : root == "entity" ? "{entity}" : "";
    if (!entity.empty()) field = fmt::format("@{}\x1f{}", entity, field.substr(dot + 1));
  }
  Rule& rule_;
};

/// Wires the stages that other rules feed. False: a base is missing.
bool Wire(const std::shared_ptr<Rule>& rule, const std::unordered_map<std::string, std::shared_ptr<Rule>>& by_name,
          std::vector<Complaint>& complaints) {
  for (const Stage& stage : rule->stages) {
    for (const std::string& name : stage.rules) {
      const auto base = by_name.find(name);
      if (base == by_name.end() || base->second == rule) {
        Complain(complaints, *rule, "rules.unknown_rule", fmt::format("rule \"{}\" is not here", name));
        return false;
      }
    }
  }
  for (std::uint32_t number = 0; number < rule->stages.size(); ++number) {
    for (const std::string& name : rule->stages[number].rules) {
      by_name.at(name)->feeds.push_back({rule, number});
    }
  }
  return true;
}

/// Log sources a rule hears, through its bases. False: bases form a ring or a chain that is too long.
bool Hear(Rule& rule, const std::unordered_map<std::string, std::shared_ptr<Rule>>& by_name,
          std::vector<std::uint64_t>& out, int depth) {
  if (depth > kMaxChain) return false;
  for (const Stage& stage : rule.stages) {
    if (stage.when) out.push_back(LogSourceKey(rule.log_source));
    for (const std::string& name : stage.rules) {
      if (!Hear(*by_name.at(name), by_name, out, depth + 1)) return false;
    }
  }
  return true;
}

}  // namespace

std::uint64_t LogSourceKey(const model::LogSource& source) {
  return Hash64(GroupName(source.category, source.product, source.service));
}

RuleSet::Built RuleSet::Build(std::vector<Rule> read) {
  Built built;
  auto set = std::make_shared<RuleSet>();
  std::unordered_map<std::string, std::shared_ptr<Rule>> by_name;
  Shared shared;
  for (Rule& one : read) {
    auto rule = std::make_shared<Rule>(std::move(one));
    if (by_name.contains(rule->id)) {
      Complain(built.complaints, *rule, "rules.same_id",
               fmt::format("id {} is taken by {}", rule->id, by_name[rule->id]->file));
      continue;
    }
    by_name[rule->id] = rule;
    if (!rule->name.empty()) by_name.emplace(rule->name, rule);
    shared.push_back(std::move(rule));
  }
  std::erase_if(shared, [&](const std::shared_ptr<Rule>& rule) {
    const bool fed = std::ranges::any_of(rule->stages, [](const Stage& stage) { return !stage.rules.empty(); });
    if (!fed) return false;
    std::vector<std::uint64_t> unused;
    const bool whole = Wire(rule, by_name, built.complaints);
    if (whole && Hear(*rule, by_name, unused, 0)) return false;
    if (whole)
      Complain(built.complaints, *rule, "rules.ring",
               fmt::format("rule {} feeds itself or over {} rules", rule->id, kMaxChain));
    for (auto& [name, base] : by_name) std::erase_if(base->feeds, [&](const Feed& feed) { return feed.rule == rule; });
    return true;
  });
  std::map<std::string, std::vector<Probe>, std::less<>> probes;
  std::vector<const std::vector<Predicate>*> predicates;
  for (const auto& rule : shared) {
    ContextNames{*rule};
    Hear(*rule, by_name, rule->hears, 0);
    rule->quiet = std::ranges::any_of(
        rule->feeds, [](const Feed& feed) { return feed.rule->op != OperatorKind::kNear && !feed.rule->keeps_bases; });
    const auto number = static_cast<std::uint32_t>(predicates.size());
    predicates.push_back(&rule->predicates);
    const model::LogSource& source = rule->log_source;
    const std::string group = GroupName(source.category, source.product, source.service);
    set->groups_.try_emplace(group, Group{source, nullptr});
    for (std::uint32_t stage = 0; stage < rule->stages.size(); ++stage) {
      if (const auto& when = rule->stages[stage].when) probes[group].push_back({number, stage, *when});
    }
    set->rules_.push_back(rule);
    set->by_id_[rule->id] = rule;
  }
  for (auto& [name, group] : set->groups_) {
    auto index = PredicateIndex::Build(std::move(probes[name]), predicates, set->names_);
    if (index) {
      group.index = std::move(*index);
    } else {
      built.complaints.push_back({"", 0, 0, index.error().reason, index.error().message});
    }
  }
  std::erase_if(set->groups_, [](const auto& item) { return item.second.index == nullptr; });
  set->lazy_.resize(set->names_.size());
  for (FieldId field = 0; field < set->names_.size(); ++field) {
    const std::string& name = set->names_.name(field);
    const std::size_t cut = name.find('\x1f');
    if (!name.starts_with('@') || cut == std::string::npos) continue;
    set->context_fields_.push_back(
        {TemplateText::Parse(name.substr(1, cut - 1)).value_or(TemplateText{}), name.substr(cut + 1)});
    set->lazy_[field] = static_cast<std::uint32_t>(set->context_fields_.size());
  }
  std::string content;
  for (const auto& [id, rule] : std::map<std::string_view, RulePtr>{set->by_id_.begin(), set->by_id_.end()})
    content += fmt::format("{}\x1f{}\n", id, rule->version);
  set->version_ = fmt::format("{:016x}", Hash64(content));
  built.set = std::move(set);
  return built;
}

RulePtr RuleSet::Find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const RuleSet::Group*> RuleSet::Hearing(const model::LogSource& source) const {
  std::vector<std::string_view> categories{source.category};
  for (const auto& [narrow, wide] : kWider) {
    if (narrow == source.category) categories.push_back(wide);
  }
  if (!source.category.empty()) categories.emplace_back();
  std::vector<const Group*> out;
  for (const std::string_view category : categories) {
    for (const bool product : {true, false}) {
      if (product && source.product.empty()) continue;
      for (const bool service : {true, false}) {
        if (service && source.service.empty()) continue;
        const auto found =
            groups_.find(GroupName(category, product ? source.product : "", service ? source.service : ""));
        if (found != groups_.end()) out.push_back(&found->second);
      }
    }
  }
  return out;
}

std::vector<const PredicateIndex*> RuleSet::Route(const model::LogSource& source) const {
  std::vector<const PredicateIndex*> out;
  for (const Group* group : Hearing(source)) out.push_back(group->index.get());
  return out;
}

std::vector<const PredicateIndex*> RuleSet::Everything() const {
  std::vector<const PredicateIndex*> out;
  out.reserve(groups_.size());
  for (const auto& [name, group] : groups_) out.push_back(group.index.get());
  return out;
}

std::vector<std::uint64_t> RuleSet::Groups(const model::LogSource& source) const {
  std::vector<std::uint64_t> out;
  for (const Group* group : Hearing(source)) out.push_back(LogSourceKey(group->source));
  return out;
}

const ContextField* RuleSet::LazyField(FieldId field) const {
  return field < lazy_.size() && lazy_[field] != 0 ? &context_fields_[lazy_[field] - 1] : nullptr;
}

std::vector<std::string> RuleSet::ContextAttributes() const {
  std::set<std::string> out;
  const auto path = [&](std::string_view text) {
    while (!text.empty()) {
      const std::size_t dot = std::min(text.find('.'), text.size());
      out.emplace(text.substr(0, dot));
      text.remove_prefix(std::min(text.size(), dot + 1));
    }
  };
  for (const ContextField& field : context_fields_) path(field.path);
  for (const RulePtr& rule : rules_) {
    std::vector<std::string> names = rule->captured;
    for (const Stage& stage : rule->stages) {
      for (const TemplateText& key : stage.key) key.Names(names);
    }
    for (const TemplateText& entity : rule->entity) entity.Names(names);
    rule->parent_key.Names(names);
    rule->part.Names(names);
    for (const std::string& name : names) {
      const std::size_t dot = name.find('.');
      if (dot == std::string::npos) continue;
      const std::string_view root = std::string_view{name}.substr(0, dot);
      if (root == "entity" || rule->join.contains(root)) path(std::string_view{name}.substr(dot + 1));
    }
  }
  return {out.begin(), out.end()};
}

std::size_t RuleSet::bytes() const {
  std::size_t sum = 0;
  for (const auto& [name, group] : groups_) sum += group.index->bytes();
  return sum;
}

Duration RuleSet::LongestWindow() const {
  Duration longest{0};
  for (const RulePtr& rule : rules_)
    longest = std::max(longest, rule->window + rule->hold + rule->clear_hold + rule->gap);
  return longest;
}

}  // namespace bongsu::rules
