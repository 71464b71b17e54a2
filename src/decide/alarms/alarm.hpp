// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The life of one alarm: the states it can be in and the triggers that move it.
///
///               raise                acknowledge
///   kNormal ─────────────▶ kUnacked ─────────────▶ kAcked
///    ▲   ▲                  │    ▲                   │
///    │   │            clear ▼    │ raise             │
///    │   └───────────── kReturned                    │
///    │     acknowledge                         clear │
///    └───────────────────────────────────────────────┘
///
/// Shelving hides an alarm without changing its life; it is in shelf.hpp. Taking an answer back is in undo.hpp.
/// Source: ANSI/ISA-18.2-2016 (IEC 62682), alarm state transition diagram, without latching.

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "model/alarm_change.hpp"

namespace bongsu::alarms {

enum class Trigger : std::uint8_t { kRaise, kClear, kAcknowledge };

/// A value: no I/O, no lock, no clock of its own. Lives in one shard; not thread-safe.
class Alarm {
 public:
  explicit Alarm(model::AlarmId id, model::AlarmState state = model::AlarmState::kNormal) noexcept
      : id_{id}, state_{state} {}

  /// Applies `trigger` and says what changed; empty when nothing did.
  /// Idempotent: a device may repeat "raise" as often as it likes.
  ///
  /// @param at  platform time (UTC) at which the trigger took effect; recorded, never compared: order is the journal's
  /// @errors    kConflict         alarms.not_raised      nothing is there to acknowledge
  Result<std::optional<model::AlarmChange>> Apply(Trigger trigger, TimePoint at);

  model::AlarmState state() const noexcept { return state_; }

 private:
  model::AlarmId id_;
  model::AlarmState state_;
};

}  // namespace bongsu::alarms
