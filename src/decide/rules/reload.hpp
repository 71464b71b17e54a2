// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a hot reload would bring. A rule that runs today and does not load any more stays as it runs: somebody's slip
/// of the pen must not leave the room without it.

#include "decide/rules/rule_set.hpp"

namespace bongsu::rules {

struct ReloadPlan {
  std::shared_ptr<const RuleSet> set;
  std::vector<Complaint> complaints;  ///< What is wrong on disk.
  // Ids against the set that runs, in order.
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  std::vector<std::string> kept;  ///< On disk they do not load; their running version is part of `set`.
};

/// @errors kInvalidArgument rules.none   nothing was found on disk while rules run
///         kInvalidArgument those of PredicateIndex::Build: conditions that cannot be compiled together
Result<ReloadPlan> PlanReload(const RuleSet& running, RuleSet::Loaded loaded);

}  // namespace bongsu::rules
