// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/sequence.hpp"

#include <gtest/gtest.h>

namespace bongsu::file_drop {
namespace {

using enum Sequence::Step;
using Time = std::chrono::steady_clock::time_point;
constexpr Time kNow{};
constexpr std::chrono::seconds kPatience{60};

TEST(FileDropSequence, BeginsWithWhateverComesFirst) {
  Sequence sequence;

  EXPECT_EQ(sequence.Look(17, kNow, kPatience), kTake);
  sequence.Take(17);

  EXPECT_EQ(sequence.next(), 18U);
  EXPECT_EQ(sequence.missing(), 0U);
}

TEST(FileDropSequence, WaitsForANumberThatIsNotThereAndGoesOnWithoutItWhenItDoesNotCome) {
  Sequence sequence{3};

  EXPECT_EQ(sequence.Look(6, kNow, kPatience), kWait);
  EXPECT_EQ(sequence.Look(6, kNow + std::chrono::seconds{59}, kPatience), kWait);
  EXPECT_EQ(sequence.Look(6, kNow + std::chrono::seconds{60}, kPatience), kGap);
  EXPECT_EQ(sequence.GapBefore(6), "4 to 5");
  sequence.Take(6);

  EXPECT_EQ(sequence.missing(), 2U);
  EXPECT_EQ(sequence.Look(7, kNow, kPatience), kTake);
}

TEST(FileDropSequence, WhatComesWhileItWaitsIsTakenInOrderAndTheNextGapIsWaitedForAnew) {
  Sequence sequence{3};
  EXPECT_EQ(sequence.Look(5, kNow, kPatience), kWait);

  EXPECT_EQ(sequence.Look(4, kNow + std::chrono::seconds{50}, kPatience), kTake);
  sequence.Take(4);
  sequence.Take(5);

  EXPECT_EQ(sequence.Look(7, kNow + std::chrono::seconds{70}, kPatience), kWait);
  EXPECT_EQ(sequence.missing(), 0U);
}

TEST(FileDropSequence, ANumberThatCameLateLeavesTheMissing) {
  Sequence sequence{3};
  sequence.Take(8);
  ASSERT_EQ(sequence.missing(), 4U);

  EXPECT_EQ(sequence.Look(5, kNow, kPatience), kLate);
  sequence.Take(5);

  EXPECT_EQ(sequence.missing(), 3U);
  EXPECT_EQ(sequence.next(), 9U);
  EXPECT_EQ(sequence.Look(5, kNow, kPatience), kAgain);
  EXPECT_EQ(sequence.Look(4, kNow, kPatience), kLate);
  EXPECT_EQ(sequence.Look(7, kNow, kPatience), kLate);
}

TEST(FileDropSequence, ANumberThatWasTakenChangesNothing) {
  Sequence sequence{3};

  EXPECT_EQ(sequence.Look(2, kNow, kPatience), kAgain);
  sequence.Take(2);

  EXPECT_EQ(sequence.next(), 4U);
  EXPECT_EQ(sequence.missing(), 0U);
}

TEST(FileDropSequence, RemembersABoundedNumberOfGapsAndCountsAllOfThem) {
  Sequence sequence{0};

  for (std::uint64_t number = 2; number <= 2 * (kMaxGaps + 10); number += 2) sequence.Take(number);

  EXPECT_EQ(sequence.missing(), kMaxGaps + 10);
  EXPECT_EQ(sequence.Look(1, kNow, kPatience), kAgain);
  EXPECT_EQ(sequence.Look(2 * (kMaxGaps + 10) - 1, kNow, kPatience), kLate);
}

}  // namespace
}  // namespace bongsu::file_drop
