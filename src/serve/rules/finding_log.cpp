// SPDX-License-Identifier: Apache-2.0
#include "serve/rules/finding_log.hpp"

namespace bongsu::api {

void FindingLog::Take(const model::Finding& finding) {
  const auto [at, fresh] = findings_.try_emplace(finding.id, finding);
  if (!fresh) {
    if (finding.revision >= at->second.revision) at->second = finding;
    return;
  }
  order_.push_back(finding.id);
  if (order_.size() <= kMost) return;
  findings_.erase(order_.front());
  order_.pop_front();
  ++left_out_;
}

std::vector<model::Finding> FindingLog::Find(const FindingQuery& query) const {
  std::vector<model::Finding> out;
  std::size_t skip = query.skip;
  for (auto id = order_.rbegin(); id != order_.rend() && out.size() < query.limit; ++id) {
    const model::Finding& finding = findings_.at(*id);
    if (finding.tenant != query.tenant || (!query.rule.empty() && finding.rule != query.rule)) continue;
    if (query.alarm && model::AlarmIdOf(finding.tenant, finding.rule, finding.key) != *query.alarm) continue;
    if (query.since && finding.last_at < *query.since) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    out.push_back(finding);
  }
  return out;
}

}  // namespace bongsu::api
