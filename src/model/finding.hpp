// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A rule that came true (architecture D17): told early as provisional, corrected by late events, final behind the
/// watermark.

#include <optional>
#include <string>
#include <vector>

#include "model/place.hpp"
#include "model/record.hpp"

namespace bongsu::model {

enum class FindingStatus : std::uint8_t { kProvisional, kCorrected, kFinal, kWithdrawn };

struct Finding {
  Hash128 id;                  ///< H128(tenant, rule, key, window start)
  std::uint32_t revision = 1;  ///< Rises with each amendment; (id, revision) is appended once.
  FindingStatus status = FindingStatus::kProvisional;
  bool clears = false;  ///< True: the condition went away (hysteresis, "missing" came back).
  std::uint16_t tenant = 0;
  std::string rule;  ///< Rule id.
  std::string rule_version;
  std::string key;  ///< What it is about inside the rule: entity, plate, account; "" for one per rule.
  TimePoint window_start{};
  TimePoint first_at{};     ///< Event time of the first event in it.
  TimePoint last_at{};      ///< Event time of the newest event in it.
  TimePoint received_at{};  ///< Ingest time of the event that made it come true.
  std::uint64_t count = 1;  ///< Events in it.
  int severity = 3;         ///< 1 critical .. 4 low; 0: recorded, raises no alarm.
  LText title;
  std::string service;    ///< crime, disaster, traffic, environment, facility, safety, ems, cyber, access, factory
  std::string position;   ///< Seat it goes to: "video" or "cyber".
  std::string procedure;  ///< Procedure id; empty for none.
  std::optional<Place> place;
  std::string entity;
  std::vector<std::string> sources;
  std::optional<double> confidence;  ///< 0..1 where the source gives one.
  std::string parent_key;         ///< Entity whose failure explains this one (pole switch of a camera); empty for none.
  std::string evidence = "none";  ///< none | still | clip
  std::vector<Position> events;   ///< At most 50 that made it come true, oldest first.
  Position record;  ///< Where it lies in the journal; seq 0 before commit. All of one (rule, key) lie in one partition.
  json::Value
      explanation;  ///< {clauses:[{text,satisfied_by:["partition/seq"]}],values:{},text:LText,prevented_by?:LText}
};

std::string_view StatusName(FindingStatus status);
/// Routing key of the rule's state: (rule, key).
std::string RoutingKey(std::string_view rule, std::string_view key);
Hash128 FindingId(std::uint16_t tenant, std::string_view rule, std::string_view key, TimePoint window_start);
/// alarm = H128(tenant, rule, key); occurrences of it are numbered by the alarm book.
Hash128 AlarmIdOf(std::uint16_t tenant, std::string_view rule, std::string_view key);

/// Record of kind kFinding in the partition of (rule, key).
Record ToRecord(const Finding& finding, std::uint16_t partitions);
/// @errors kCorrupt finding.bad_payload
Result<Finding> FindingFromRecord(const Record& record);

}  // namespace bongsu::model
