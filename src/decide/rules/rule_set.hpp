// SPDX-License-Identifier: Apache-2.0
#pragma once

/// All rules of a server, compiled: by log source, each with one shared index. Immutable; a hot reload swaps the
/// pointer.

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "decide/rules/predicate_index.hpp"
#include "decide/rules/rule.hpp"

namespace bongsu::rules {

std::uint64_t LogSourceKey(const model::LogSource& source);

/// A context attribute that a rule reads: which entity, which path.
struct ContextField {
  TemplateText entity;
  std::string path;
};

class RuleSet {
 public:
  struct Built {
    std::shared_ptr<const RuleSet> set;
    std::vector<Complaint> complaints;  ///< Rules that were left out, with the reason.
  };
  /// A rule that repeats an id, or a correlation over rules that are not there, is left out.
  static Built Build(std::vector<Rule> rules);

  /// Reads *.yml and *.yaml below `paths` (files or folders, `rules/` of packs with their variables).
  struct Loaded {
    std::vector<Rule> rules;
    std::vector<Complaint> complaints;
    std::size_t files = 0;
  };
  static Loaded Load(const std::vector<std::string>& paths, const Variables& variables);

  const std::vector<RulePtr>& rules() const { return rules_; }
  RulePtr Find(std::string_view id) const;
  /// Hash over ids and contents: the same rules have the same version, whatever files they stand in.
  const std::string& version() const { return version_; }
  /// Indexes of rules that hear `source`.
  std::vector<const PredicateIndex*> Route(const model::LogSource& source) const;
  std::vector<const PredicateIndex*> Everything() const;
  /// Keys of the groups that hear `source`.
  std::vector<std::uint64_t> Groups(const model::LogSource& source) const;
  const FieldNames& names() const { return names_; }
  /// Set for fields that come from the context.
  const ContextField* LazyField(FieldId field) const;
  /// Attributes of entities that rules read: what the replica of the context must keep.
  std::vector<std::string> ContextAttributes() const;
  std::size_t bytes() const;
  /// Longest window of any rule: with the sources' lateness, how far back a restart reads events again.
  Duration LongestWindow() const;

 private:
  struct Group {
    model::LogSource source;
    std::unique_ptr<PredicateIndex> index;
  };
  std::vector<const Group*> Hearing(const model::LogSource& source) const;

  std::string version_;
  std::vector<RulePtr> rules_;
  std::unordered_map<std::string, RulePtr> by_id_;
  std::map<std::string, Group, std::less<>> groups_;
  FieldNames names_;
  std::vector<ContextField> context_fields_;
  std::vector<std::uint32_t> lazy_;  ///< FieldId -> index of context_fields_ plus one.
};

}  // namespace bongsu::rules
