// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm.hpp"

#include <gtest/gtest.h>

namespace bongsu::alarms {
namespace {

using model::AlarmId;
using model::AlarmState;

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

TEST(Alarm, RefusesToAcknowledgeWhatIsNotRaised) {
  Alarm alarm{AlarmId{7}};

  const auto refused = alarm.Apply(Trigger::kAcknowledge, kNoon);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "alarms.not_raised");
  EXPECT_EQ(alarm.state(), AlarmState::kNormal);
}

TEST(Alarm, SaysNothingChangedWhenADeviceRepeatsItself) {
  Alarm alarm{AlarmId{7}};
  ASSERT_TRUE(alarm.Apply(Trigger::kRaise, kNoon));

  const auto again = alarm.Apply(Trigger::kRaise, kNoon + 1s);

  ASSERT_TRUE(again);
  EXPECT_FALSE(again->has_value());
  EXPECT_EQ(alarm.state(), AlarmState::kUnacked);
}

TEST(Alarm, StaysOnTheDeskWhenTheConditionGoesBeforeAnyoneAnswered) {
  Alarm alarm{AlarmId{7}};
  ASSERT_TRUE(alarm.Apply(Trigger::kRaise, kNoon));

  const auto cleared = alarm.Apply(Trigger::kClear, kNoon + 1s);

  ASSERT_TRUE(cleared && *cleared);
  EXPECT_EQ((*cleared)->from, AlarmState::kUnacked);
  EXPECT_EQ((*cleared)->to, AlarmState::kReturned);
  EXPECT_EQ((*cleared)->at, kNoon + 1s);
}

TEST(Alarm, KeepsTheAnswerWhenTheConditionRepeats) {
  Alarm alarm{AlarmId{7}};
  ASSERT_TRUE(alarm.Apply(Trigger::kRaise, kNoon));
  ASSERT_TRUE(alarm.Apply(Trigger::kAcknowledge, kNoon));

  const auto again = alarm.Apply(Trigger::kRaise, kNoon);

  ASSERT_TRUE(again);
  EXPECT_EQ(alarm.state(), AlarmState::kAcked);
}

TEST(Alarm, IsNormalOnceItIsGoneAndAnsweredInEitherOrder) {
  Alarm answered_first{AlarmId{7}};
  Alarm gone_first{AlarmId{8}};

  for (const Trigger trigger : {Trigger::kRaise, Trigger::kAcknowledge, Trigger::kClear}) {
    ASSERT_TRUE(answered_first.Apply(trigger, kNoon));
  }
  for (const Trigger trigger : {Trigger::kRaise, Trigger::kClear, Trigger::kAcknowledge}) {
    ASSERT_TRUE(gone_first.Apply(trigger, kNoon));
  }

  EXPECT_EQ(answered_first.state(), AlarmState::kNormal);
  EXPECT_EQ(gone_first.state(), AlarmState::kNormal);
}

}  // namespace
}  // namespace bongsu::alarms
