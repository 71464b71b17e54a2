// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm.hpp"

#include <array>
#include <cstddef>

namespace bongsu::alarms {
namespace {

using enum model::AlarmState;
using Row = std::array<std::optional<model::AlarmState>, 3>;

// The whole behaviour. A row a state, a column a trigger; empty where the standard has no move.
// clang-format off
constexpr std::array kNext{
    //  kRaise     kClear      kAcknowledge
    Row{kUnacked,  kNormal,    std::nullopt},  // kNormal
    Row{kUnacked,  kReturned,  kAcked},        // kUnacked
    Row{kAcked,    kNormal,    kAcked},        // kAcked
    Row{kUnacked,  kReturned,  kNormal},       // kReturned
};
// clang-format on

}  // namespace

Result<std::optional<model::AlarmChange>> Alarm::Apply(Trigger trigger, TimePoint at) {
  const auto next = kNext[static_cast<std::size_t>(state_)][static_cast<std::size_t>(trigger)];
  if (!next) {
    return Fail(Code::kConflict, "alarms.not_raised", "alarm {}: nothing to acknowledge, it is not raised", id_.value);
  }
  if (*next == state_) return std::nullopt;

  const model::AlarmChange change{.alarm = id_, .from = state_, .to = *next, .at = at};
  state_ = *next;
  return change;
}

}  // namespace bongsu::alarms
