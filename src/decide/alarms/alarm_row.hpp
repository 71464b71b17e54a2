// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One row of the alarm board and what the book must remember about it. A kAlarm record carries the whole row
/// (docs/formats/alarms.md), so folding is putting the row in its place.

#include <optional>
#include <string>
#include <vector>

#include "decide/alarms/shelf.hpp"
#include "model/alarm_change.hpp"
#include "model/finding.hpp"

namespace bongsu::alarms {

struct Closing {
  std::string disposition;  ///< One of kDispositions.
  std::string note;
  model::Person by;
  TimePoint at{};
  friend bool operator==(const Closing&, const Closing&) = default;
};

/// A finding that was taken into the row.
struct Told {
  Hash128 finding;
  std::uint32_t revision = 0;
  std::uint64_t count = 0;  ///< Events in it, as counted into the row.
};

/// The last act of a person, as far as it can be taken back.
struct Undo {
  std::string act;  ///< acknowledge | shelve | unshelve | close
  model::Person by;
  TimePoint at{};
  bool answered_before = false;  ///< The alarm had an answer before the act.
  std::optional<model::Person> owner_before;
  std::optional<Shelf> shelf_before;
};

struct AlarmRow {
  // Shown: the members of Alarm in api/openapi.yaml.
  model::AlarmId id;
  std::int64_t occurrence = 1;
  model::AlarmState state = model::AlarmState::kNormal;
  int severity = 3;
  std::string rule;
  std::string rule_version;
  std::string key;
  TimePoint first_at{};
  TimePoint last_at{};
  std::uint64_t count = 1;
  std::optional<model::Place> place;
  std::optional<model::Person> owner;
  bool drill = false;
  model::LText title;
  std::string service;
  std::vector<std::string> sources;  ///< Different ones, newest last; at most kMaxSources are kept.
  std::optional<double> confidence;
  model::FindingStatus status = model::FindingStatus::kProvisional;
  std::int64_t detect_delay_ms = 0;
  std::optional<Shelf> shelved;
  bool suppressed = false;
  bool out_of_service = false;
  std::optional<model::AlarmId> parent;
  std::int64_t children = 0;
  std::string position = "video";
  std::optional<model::IncidentId> incident;
  json::Value procedure;  ///< {id,done,total,next} or null
  std::string evidence = "none";
  std::optional<Closing> closed;

  // Remembered.
  TimePoint raised_at{};  ///< Platform time at which this occurrence began.
  std::string entity;
  std::string parent_key;
  std::string procedure_id;
  std::vector<model::Position> events;
  json::Value explanation;     ///< As the finding gave it.
  std::uint64_t told_seq = 0;  ///< Journal seq of the newest finding taken in; 0 for none.
  std::vector<Told> told;      ///< Newest last, at most kMaxTold.
  json::Array severities;      ///< [{at,severity}], newest last, at most kMaxHistory.
  json::Array corrections;     ///< [{at,old:{…},new:{…}}], newest last, at most kMaxHistory.
  std::optional<Undo> undo;

  static constexpr std::size_t kMaxSources = 64;
  static constexpr std::size_t kMaxTold = 64;
  static constexpr std::size_t kMaxHistory = 20;

  bool open() const { return !closed.has_value(); }
  bool answered() const { return state == model::AlarmState::kAcked || state == model::AlarmState::kNormal; }
};

/// What a record says happened to the row.
struct Change {
  model::AlarmState from{};
  model::AlarmState to{};
  std::string why;   ///< A word of docs/formats/alarms.md, "raised".
  std::string text;  ///< A comment, a note, a reason; empty for none.
  std::optional<model::Person> by;
};

std::string_view StateName(model::AlarmState state);

/// The row as api/openapi.yaml has it.
json::Value ToJson(const AlarmRow& row);
/// Payload of a kAlarm record: the row, {change} and {memory}. The explanation is left out unless `with_explanation`.
std::string ToPayload(const AlarmRow& row, const Change& change, bool with_explanation);
/// The row of a payload; the explanation is null when the record leaves it out.
/// @errors kCorrupt alarm.bad_payload
Result<AlarmRow> RowFromJson(const json::Value& payload);

}  // namespace bongsu::alarms
