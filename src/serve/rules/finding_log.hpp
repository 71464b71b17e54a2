// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The newest findings of a tenant, newest revision of each, for GET /api/v1/findings. Lives on the tenant's desk
/// shard, where committed findings pass anyway. At most kMost findings; older ones are in the journal.

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/finding.hpp"

namespace bongsu::api {

struct FindingQuery {
  std::uint16_t tenant = 0;
  std::string rule;  ///< Empty: any.
  std::optional<Hash128> alarm;
  std::optional<TimePoint> since;  ///< Newest event at or after it.
  std::size_t skip = 0;
  std::size_t limit = 100;
};

class FindingLog {
 public:
  static constexpr std::size_t kMost = 10'000;

  void Take(const model::Finding& finding);
  /// Newest first.
  std::vector<model::Finding> Find(const FindingQuery& query) const;
  std::uint64_t left_out() const { return left_out_; }  ///< Findings that made room for newer ones.

 private:
  std::deque<Hash128> order_;  ///< Oldest first.
  std::unordered_map<Hash128, model::Finding> findings_;
  std::uint64_t left_out_ = 0;
};

}  // namespace bongsu::api
