// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/id.hpp"
#include "base/time.hpp"

namespace bongsu::model {

using AlarmId = Id<struct AlarmTag>;
using IncidentId = Id<struct IncidentTag>;
using NoticeId = Id<struct NoticeTag>;

enum class AlarmState : std::uint8_t {
  kNormal,    ///< Condition absent; nobody owes an answer.
  kUnacked,   ///< Condition present; no operator has answered.
  kAcked,     ///< Condition present; an operator has taken it.
  kReturned,  ///< Condition went away before anyone answered.
};

/// One move in the life of an alarm: decide/alarms emits it, act/ and the console read it.
struct AlarmChange {
  AlarmId alarm;
  AlarmState from;
  AlarmState to;
  TimePoint at;
};

}  // namespace bongsu::model
