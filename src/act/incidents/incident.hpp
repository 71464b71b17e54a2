// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An incident: one or more alarms that have one owner, one procedure and one end.
///
///   kNew ──somebody takes it──▶ kInProgress ──last step settled──▶ kResolved
///     │                            │   ▲ step taken back              │
///     └──────── closed with a disposition, from any of them ──────────┘──▶ kClosed
///
/// A kIncident record carries the whole row (docs/formats/incidents.md).

#include <optional>
#include <string>
#include <vector>

#include "model/alarm_change.hpp"
#include "model/desk_act.hpp"
#include "model/place.hpp"

namespace bongsu::incidents {

enum class State : std::uint8_t { kNew, kInProgress, kResolved, kClosed };

struct Incident {
  // Shown: the members of Incident in api/openapi.yaml.
  model::IncidentId id;
  State state = State::kNew;
  int severity = 3;
  model::LText title;
  std::optional<model::Place> place;
  std::vector<std::string> alarms;  ///< Alarm ids as text, in the order they joined; at most kMaxAlarms.
  std::optional<model::Person> owner;
  TimePoint opened_at{};
  std::optional<TimePoint> closed_at;
  std::string disposition;
  std::string note;
  bool drill = false;
  bool manual = false;
  json::Value procedure;  ///< Procedure row with its steps as they stand; null for none.
  json::Array notices;    ///< Notice rows, oldest first, at most kMaxNotices.

  // Remembered.
  std::string service;
  std::string entity;
  json::Value run;       ///< What the procedure book needs; only in the record that opens the incident.
  json::Value progress;  ///< {id,done,total,next} or null
  State state_before_close = State::kNew;

  // Folded, never written.
  json::Array timeline;  ///< Newest last, at most kMaxTimeline.

  /// Alarms that are listed; in a storm further ones belong to it without being listed, under their parent's row.
  static constexpr std::size_t kMaxAlarms = 200;
  static constexpr std::size_t kMaxTimeline = 500;
  static constexpr std::size_t kMaxNotices = 100;

  bool open() const { return state != State::kClosed; }
};

struct Change {
  std::string why;  ///< opened | joined | left | owned | released | resolved | reopened | severity | closed | merged
  std::string text;
  std::optional<model::Person> by;
};

std::string_view StateName(State state);
/// The incident as api/openapi.yaml has it.
json::Value ToJson(const Incident& incident);
/// Payload of a kIncident record: the row, {change} and {memory}.
std::string ToPayload(const Incident& incident, const Change& change);
/// @errors kCorrupt incident.bad_payload
Result<Incident> IncidentFromJson(const json::Value& payload);

}  // namespace bongsu::incidents
