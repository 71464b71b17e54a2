// SPDX-License-Identifier: Apache-2.0
#include "know/journal/retention.hpp"

#include <gtest/gtest.h>

#include "know/journal/engine_makers_fake.hpp"
#include "know/journal/unreadable_journal_fake.hpp"

namespace bongsu::journal {
namespace {

constexpr std::uint16_t kDesk = model::DeskPartition(0);
constexpr Duration kDay = std::chrono::hours{24};

template <class Maker>
class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { (void)engine().Claim(kNoon); }
  auto& engine() { return maker_.engine(); }
  RetentionPort& trims() { return dynamic_cast<RetentionPort&>(maker_.engine()); }
  void Put(std::uint16_t partition, TimePoint at, std::size_t bytes = 10) {
    model::Record record;
    record.kind = model::Kind::kEvent;
    record.position = {partition, engine().RangeOf(partition).last_seq + 1};
    record.ingest_time = record.event_time = at;
    std::uint64_t state = record.position.seq * 0x9E3779B97F4A7C15ULL;  // nothing a compressor could make small
    for (std::size_t i = 0; i < bytes; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      record.payload.push_back(static_cast<char>(state >> 56U));
    }
    ASSERT_EQ(engine().Append({&record, 1}).outcome, Outcome::kDurable);
  }
  /// Seq 1 is the claim (data) or the first record (desk); one record a day after noon.
  void Days(std::uint16_t partition, int days) {
    for (int day = 1; day <= days; ++day) Put(partition, kNoon + day * kDay);
  }
  Result<std::vector<Retention::Cut>> Run(RetentionPolicy policy, TimePoint now,
                                          const std::map<std::string, std::uint64_t>& floors = {}) {
    Retention retention{engine(), trims(), policy, metrics_, Log{Log::Level::kOff}};
    for (const auto& [name, seq] : floors) {
      retention.AddFloor(name, [free = seq](std::uint16_t) -> Result<std::uint64_t> { return free; });
    }
    return retention.Run(now);
  }

  Maker maker_;
  Metrics metrics_;
};

TYPED_TEST_SUITE(RetentionTest, EngineMakers);

TYPED_TEST(RetentionTest, RecordsOlderThanTheirClassKeepsThemLeave) {
  this->Days(3, 10);  // seqs 2 to 11

  const auto cuts = this->Run({.data = {.age = 3 * kDay}}, kNoon + 10 * kDay);

  ASSERT_TRUE(cuts);
  EXPECT_EQ(this->engine().RangeOf(3).first_seq, 8U);  // of day 7
  EXPECT_EQ(this->engine().RangeOf(3).last_seq, 11U);
  EXPECT_EQ(this->metrics_.Counter("bongsu_journal_trimmed_total", "").value(), 7U);
}

TYPED_TEST(RetentionTest, TheNewestRecordOfAPartitionStaysAndSeqsGoOn) {
  this->Days(3, 2);

  ASSERT_TRUE(this->Run({.data = {.age = kDay}}, kNoon + 400 * kDay));
  this->maker_.Restart();

  EXPECT_EQ(this->engine().RangeOf(3).first_seq, 3U);
  EXPECT_EQ(this->engine().RangeOf(3).last_seq, 4U);  // the claim of the restart
}

TYPED_TEST(RetentionTest, NothingThatSomebodyStillNeedsLeaves) {
  this->Days(3, 10);

  const auto cuts =
      this->Run({.data = {.age = kDay}}, kNoon + 10 * kDay, {{"context", 5}, {"history", 3}, {"none", UINT64_MAX}});

  ASSERT_TRUE(cuts);
  EXPECT_EQ(this->engine().RangeOf(3).first_seq, 4U);
  const auto cut = std::ranges::find(*cuts, 3, &Retention::Cut::partition);
  ASSERT_NE(cut, cuts->end());
  EXPECT_EQ(cut->held_by, "history");
}

TYPED_TEST(RetentionTest, ARecordThatCannotBeReadNeverCountsAsOld) {
  this->Days(3, 10);  // seqs 2 to 11, of days 1 to 10

  for (std::uint64_t bad = 1; bad <= 11; ++bad) {
    const UnreadableJournal journal{this->engine(), [bad](model::Position at) { return at.seq == bad; }};
    EXPECT_LE(FirstSince(journal, 3, kNoon + 2 * kDay), 3U) << "with " << bad << " damaged a young one leaves";
  }
  const UnreadableJournal nothing{this->engine(), [](model::Position) { return true; }};
  EXPECT_EQ(FirstSince(nothing, 3, kNoon + 9 * kDay), 1U);
}

TYPED_TEST(RetentionTest, AFloorThatCannotBeReadHoldsEverything) {
  this->Days(3, 10);
  Retention retention{this->engine(), this->trims(), {.data = {.age = kDay}}, this->metrics_, Log{Log::Level::kOff}};
  retention.AddFloor("context",
                     [](std::uint16_t) -> Result<std::uint64_t> { return Fail(Code::kUnavailable, "test.no", "no"); });

  ASSERT_TRUE(retention.Run(kNoon + 10 * kDay));

  EXPECT_EQ(this->engine().RangeOf(3).first_seq, 1U);
}

TYPED_TEST(RetentionTest, TheAuditTrailIsKeptAYearWhateverTheLimitsSay) {
  this->Days(kDesk, 500);  // seqs 1 to 500

  const auto cuts =
      this->Run({.data = {}, .desk = {.age = kDay, .bytes = 1, .at_least = kAuditFloor}}, kNoon + 500 * kDay);

  ASSERT_TRUE(cuts);
  EXPECT_EQ(this->engine().RangeOf(kDesk).first_seq, 135U);  // of day 135, a year before day 500
}

TYPED_TEST(RetentionTest, AClassThatIsTooLargeLosesItsOldestRecordsFirst) {
  for (int day = 1; day <= 40; ++day) {
    this->Put(day % 2 == 0 ? 3 : 4, kNoon + day * kDay, 100'000);
  }
  this->maker_.Restart();  // from memory into files, whose sizes are known

  ASSERT_TRUE(this->Run({.data = {.bytes = 2'000'000}}, kNoon + 40 * kDay));

  const auto oldest = [&](std::uint16_t partition) {
    return this->engine().At({partition, this->engine().RangeOf(partition).first_seq})->ingest_time;
  };
  EXPECT_GT(oldest(3), kNoon + 15 * kDay);
  EXPECT_LT(oldest(3), kNoon + 30 * kDay);
  EXPECT_LE(std::chrono::abs(oldest(3) - oldest(4)), 2 * kDay);
}

TYPED_TEST(RetentionTest, WhatIsKeptIsReadAndVerifiedAsBefore) {
  this->Days(3, 10);
  ASSERT_TRUE(this->Run({.data = {.age = 3 * kDay}}, kNoon + 10 * kDay));
  this->maker_.Restart();

  std::vector<std::uint64_t> seqs;
  ASSERT_TRUE(this->engine().Read(3, 1, [&](const model::Record& record) {
    seqs.push_back(record.position.seq);
    return true;
  }));

  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{8, 9, 10, 11, 12}));
  EXPECT_FALSE(this->engine().At({3, 7}));
}

}  // namespace
}  // namespace bongsu::journal
