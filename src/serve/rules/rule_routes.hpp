// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GET /api/v1/rules, /api/v1/rules/{id}, /api/v1/findings: which rules are on, and which came true.
/// POST /api/v1/rules/reload: take over what changed on disk.

#include <functional>
#include <memory>

#include "decide/rules/rule_set.hpp"
#include "guard/account_office.hpp"
#include "serve/api/router.hpp"
#include "serve/rules/finding_log.hpp"

namespace bongsu::api {

struct RuleSources {
  /// The set in force on the calling shard.
  std::function<std::shared_ptr<const rules::RuleSet>()> rules;
  /// Findings since the server started, by rule; any thread. May be empty.
  std::function<std::uint64_t(std::string_view rule)> matches;
  /// Reads the rules on disk again (app/rule_office.hpp); the answer comes on the calling shard.
  std::function<void(const guard::Who&, std::function<void(Result<json::Value>)>)> reload;
  /// Looks in the tenant's FindingLog; the answer comes on some shard.
  std::function<void(FindingQuery, std::function<void(std::vector<model::Finding>)>)> findings;
};

Routes RuleRoutes(RuleSources sources);

}  // namespace bongsu::api
