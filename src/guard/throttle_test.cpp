// SPDX-License-Identifier: Apache-2.0
#include "guard/throttle.hpp"

#include <gtest/gtest.h>

namespace bongsu::guard {
namespace {

constexpr TimePoint kNoon = FromMicros(1'795'300'000'000'000);

TEST(Throttle, DoublesTheWaitAfterTheFreeFailuresUpToItsLimit) {
  Throttle throttle{{.free_failures = 2, .first_delay = 1s, .longest_delay = 8s}};
  std::vector<std::int64_t> waits;

  TimePoint now = kNoon;
  for (int i = 0; i < 8; ++i) {
    throttle.Failed("kim", now);
    waits.push_back(throttle.Wait("kim", now).count() / 1'000'000);
    now += throttle.Wait("kim", now);
  }

  EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 0, 1, 2, 4, 8, 8, 8}));
  EXPECT_EQ(throttle.Wait("lee", now), 0s);
}

TEST(Throttle, ForgetsAfterSuccessAndAfterSilence) {
  Throttle throttle{{.free_failures = 0, .first_delay = 10s, .longest_delay = 60s, .forget_after = 5min}};
  throttle.Failed("kim", kNoon);
  throttle.Failed("lee", kNoon);

  throttle.Succeeded("kim");

  EXPECT_EQ(throttle.Wait("kim", kNoon), 0s);
  EXPECT_EQ(throttle.Wait("lee", kNoon), 10s);
  throttle.Failed("lee", kNoon + 6min);
  EXPECT_EQ(throttle.Wait("lee", kNoon + 6min), 10s) << "counts from the beginning again";
}

TEST(Throttle, HoldsNoMoreKeysThanItsBoundAndKeepsTheNewest) {
  Throttle throttle{{.free_failures = 0, .max_keys = 100}};

  for (int i = 0; i < 1000; ++i) throttle.Failed("address-" + std::to_string(i), kNoon);

  EXPECT_EQ(throttle.size(), 100U);
  EXPECT_GT(throttle.Wait("address-999", kNoon), 0s);
  EXPECT_EQ(throttle.Wait("address-0", kNoon), 0s);
}

}  // namespace
}  // namespace bongsu::guard
