// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

TEST(Time, WritesOnlyTheFractionThereIs) {
  const TimePoint noon = ParseTime("2026-11-22T12:00:00Z").value();
  EXPECT_EQ(FormatUtc(noon), "2026-11-22T12:00:00Z");
  EXPECT_EQ(FormatUtc(noon + 250ms), "2026-11-22T12:00:00.250Z");
  EXPECT_EQ(FormatUtc(noon + 1us), "2026-11-22T12:00:00.000001Z");
}

TEST(Time, ReadsOffsetsAndCommas) {
  EXPECT_EQ(ParseTime("2026-11-22T21:00:00,5+09:00").value(), ParseTime("2026-11-22T12:00:00.5Z").value());
}

TEST(Time, RefusesDaysThatAreNot) {
  for (const auto* text : {"2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T12:00:00", "2026-11-22", "",
                           "2026-11-22T12:00:00Zx"}) {
    EXPECT_EQ(ParseTime(text).error().reason, "time.bad") << text;
  }
}

TEST(Time, ReadsLocalTimesOfManyForms) {
  const TimePoint at = ParseTime("2026-11-22T05:32:41Z").value();
  EXPECT_EQ(ParseLocal("20261122143241", "%Y%m%d%H%M%S", 9h).value(), at);
  EXPECT_EQ(ParseLocal("2026/11/22 14:32:41", "%Y/%m/%d %H:%M:%S", 9h).value(), at);
  EXPECT_EQ(ParseLocal("Nov 22 14:32:41 2026", "%b %d %H:%M:%S %Y", 9h).value(), at);
  EXPECT_FALSE(ParseLocal("2026112214324", "%Y%m%d%H%M%S", 9h));
}

TEST(Time, ReadsDurationsWithUnits) {
  EXPECT_EQ(ParseDuration("90s").value(), 90s);
  EXPECT_EQ(ParseDuration("1.5h").value(), 90min);
  EXPECT_FALSE(ParseDuration("10"));
  EXPECT_FALSE(ParseDuration("ten s"));
  EXPECT_EQ(FormatDuration(90s), "90s");
  EXPECT_EQ(FormatDuration(120s), "2m");
}

}  // namespace
}  // namespace bongsu
