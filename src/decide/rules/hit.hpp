// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A hit: an event fits a stage of a rule (architecture D15, `Match`). Made at the event's shard, it goes by value to
/// the shard of (rule, key), where the correlator turns hits into findings.

#include <memory>
#include <string>
#include <vector>

#include "decide/rules/rule.hpp"
#include "model/place.hpp"
#include "model/record.hpp"

namespace bongsu::rules {

/// What a hit tells people; shared, because most hits are never shown.
/// In findings, explanation.parts lists the parts of a condition that lasts: a restart goes on from there.
struct Detail {
  std::string key;  ///< Key of the finding.
  std::string entity;
  std::optional<model::Place> place;
  std::string parent_key;
  std::optional<double> confidence;
  json::Value values;                ///< Captured names; texts in two languages are {"ko","en"}.
  std::vector<std::string> clauses;  ///< Tests that held.
  std::string part;
};

struct Hit {
  RulePtr rule;
  std::uint16_t tenant = 0;
  std::string key;  ///< Key of the state; kNear: a cell of the map.
  std::uint32_t stage = 0;
  std::uint64_t part = 0;  ///< Hash of the part (`each`, `distinct`).
  double value = 0;        ///< kChange
  bool has_point = false;
  model::LatLon point;
  TimePoint at{};
  TimePoint received_at{};
  model::Position position;  ///< Of the event, in the journal: a position that is known is dropped.
  std::string source;
  std::shared_ptr<const Detail> detail;
};

}  // namespace bongsu::rules
