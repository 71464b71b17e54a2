// SPDX-License-Identifier: Apache-2.0
#include "app/disk_watch.hpp"

#include <gtest/gtest.h>

namespace bongsu::app {
namespace {

/// What is said at each look: '.', 's' for slow, 'b' for back.
std::string Said(DiskWatch& watch, const std::vector<double>& seconds) {
  std::string said;
  for (const double one : seconds) {
    const auto event = watch.Look(one, FromMicros(1));
    said += !event ? '.' : (event->type == "storage.slow" ? 's' : 'b');
  }
  return said;
}

TEST(DiskWatch, SaysOnceThatItIsSlowAndOnceThatItIsBack) {
  DiskWatch watch{0.5};
  EXPECT_EQ(Said(watch, {0.01, 0.6, 0.7, 0.6, 0.9, 2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), "...s......b.");
}

TEST(DiskWatch, LetsAShortHiccupAndTheGreyBetweenTheLimitsPass) {
  DiskWatch watch{0.5};
  EXPECT_EQ(Said(watch, {3, 3, 0.01, 3, 3, 0.4, 0.6, 0.6}), "........");
  EXPECT_EQ(Said(watch, {0.6, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3}), "s.......");
}

TEST(DiskWatch, CanBeSwitchedOff) {
  DiskWatch watch{0};
  EXPECT_EQ(Said(watch, {9, 9, 9, 9}), "....");
}

}  // namespace
}  // namespace bongsu::app
