// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A notice: what somebody outside is to be told, and what came of it. A kNotice or kNoticeResult record carries the
/// whole row (docs/formats/notices.md).

#include <optional>
#include <string>
#include <vector>

#include "model/alarm_change.hpp"
#include "model/desk_act.hpp"
#include "model/place.hpp"
#include "model/record.hpp"

namespace bongsu::dispatch {

enum class State : std::uint8_t {
  kIntended,     ///< Recorded; not there yet.
  kSent,         ///< An operator says it went out.
  kDelivered,    ///< The receiver has it.
  kFailed,       ///< Refused, or given up after the last attempt.
  kNeedsAnswer,  ///< Nobody knows whether it went out; an operator says.
  kHeld,         ///< The outbox is held (restore, drill, training).
};

struct Notice {
  // Shown: the members of Notice in api/openapi.yaml.
  model::NoticeId id;
  std::string incident;  ///< Incident id as text; empty for none.
  std::string channel;
  std::string peer;
  std::string kind;
  model::LText text;
  State state = State::kIntended;
  TimePoint at{};
  std::int64_t attempts = 0;
  std::string error;

  // Remembered.
  std::string alarm;                    ///< Alarm it answers; empty for none.
  std::int64_t step = 0;                ///< Procedure step it fulfils; 0 for none.
  std::vector<model::Position> events;  ///< Events of the alarm: where the answer finds the agency's message.
  json::Value context;                  ///< {title,severity,place,drill} of the incident
  std::optional<TimePoint> next_at;     ///< When it is tried again; empty: not waiting.

  bool pending() const { return state == State::kIntended; }
};

std::string_view StateName(State state);
json::Value ToJson(const Notice& notice);
/// Payload of a record: the row, {change:{why,by?}} and {memory}.
std::string ToPayload(const Notice& notice, std::string_view why, const std::optional<model::Person>& by = {});
/// @errors kCorrupt notice.bad_payload
Result<Notice> NoticeFromJson(const json::Value& payload);

}  // namespace bongsu::dispatch
