// SPDX-License-Identifier: Apache-2.0
// What every journal engine promises (know/journal/port.hpp), run on each of them.
#include <gtest/gtest.h>

#include <string>

#include "know/journal/engine_makers_fake.hpp"

namespace bongsu::journal {
namespace {

template <class Maker>
class JournalContract : public testing::Test {
 protected:
  JournalPort& engine() { return maker_.engine(); }

  // A record that follows what is in `partition`.
  model::Record Next(std::uint16_t partition, std::string payload, std::uint64_t ahead = 1) {
    model::Record record;
    record.kind = model::Kind::kEvent;
    record.position = {partition, engine().RangeOf(partition).last_seq + ahead};
    record.ingest_time = record.event_time = kNoon + Duration{static_cast<std::int64_t>(record.position.seq)};
    record.source = "bell-1";
    record.payload = std::move(payload);
    return record;
  }
  void Put(std::uint16_t partition, std::string payload) {
    std::vector<model::Record> records{Next(partition, std::move(payload))};
    ASSERT_EQ(engine().Append(records).outcome, Outcome::kDurable);
  }
  std::vector<std::string> Payloads(std::uint16_t partition, std::uint64_t from = 1) {
    std::vector<std::string> found;
    EXPECT_TRUE(engine().Read(partition, from, [&](const model::Record& record) {
      if (record.kind != model::Kind::kClaim) found.push_back(record.payload);
      return true;
    }));
    return found;
  }

  Maker maker_;
};

TYPED_TEST_SUITE(JournalContract, EngineMakers);

TYPED_TEST(JournalContract, RefusesToAppendBeforeAClaim) {
  std::vector<model::Record> records{this->Next(3, "a")};

  const AppendResult result = this->engine().Append(records);

  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_EQ(result.error.reason, "journal.not_owner");
}

TYPED_TEST(JournalContract, GivesBackWhatWasAppendedInOrder) {
  ASSERT_TRUE(this->engine().Claim(kNoon));
  std::vector<model::Record> records{this->Next(3, "a", 1), this->Next(3, "b", 2), this->Next(5, "c", 1),
                                     this->Next(0x8002, "d", 1)};

  ASSERT_EQ(this->engine().Append(records).outcome, Outcome::kDurable);

  EXPECT_EQ(this->Payloads(3), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(this->Payloads(5), std::vector<std::string>{"c"});
  EXPECT_EQ(this->Payloads(0x8002), std::vector<std::string>{"d"});
  const auto one = this->engine().At(records[1].position);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->payload, "b");
  EXPECT_EQ(one->source, "bell-1");
  EXPECT_EQ(one->epoch, 1U);
}

TYPED_TEST(JournalContract, ReadsFromAnyPositionAndStopsWhenTold) {
  ASSERT_TRUE(this->engine().Claim(kNoon));
  for (const char* payload : {"a", "b", "c"}) this->Put(7, payload);
  const std::uint64_t last = this->engine().RangeOf(7).last_seq;

  EXPECT_EQ(this->Payloads(7, last - 1), (std::vector<std::string>{"b", "c"}));
  const auto next = this->engine().Read(7, last - 2, [](const model::Record&) { return false; });
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, last - 1);
  const auto end = this->engine().Read(7, last + 1, [](const model::Record&) { return true; });
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, last + 1);
}

TYPED_TEST(JournalContract, SaysWhichPartitionsHoldSomething) {
  ASSERT_TRUE(this->engine().Claim(kNoon));
  this->Put(0x8001, "desk");

  const auto partitions = this->engine().Partitions();

  EXPECT_TRUE(std::is_sorted(partitions.begin(), partitions.end()));
  EXPECT_EQ(partitions.back(), 0x8001);
  EXPECT_EQ(this->engine().RangeOf(0x8001).last_seq, 1U);
  EXPECT_EQ(this->engine().RangeOf(0x8005).last_seq, 0U);
  EXPECT_EQ(this->engine().partitions(), 16U);
}

TYPED_TEST(JournalContract, HasNoRecordThatWasNeverAppended) {
  const auto missing = this->engine().At({1, 99});

  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "journal.no_record");
}

TYPED_TEST(JournalContract, AClaimRaisesTheEpochInEveryPartitionAndTakesASeq) {
  ASSERT_TRUE(this->engine().Claim(kNoon));
  this->Put(2, "a");
  const std::uint64_t before = this->engine().RangeOf(2).last_seq;

  const auto epoch = this->engine().Claim(kNoon);

  ASSERT_TRUE(epoch);
  EXPECT_EQ(*epoch, 2U);
  const auto claim = this->engine().At({2, before + 1});
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->kind, model::Kind::kClaim);
  EXPECT_EQ(claim->epoch, 2U);
  EXPECT_GT(claim->ingest_time, kNoon + Duration{static_cast<std::int64_t>(before) - 1});
}

TYPED_TEST(JournalContract, KeepsEverythingOverARestart) {
  ASSERT_TRUE(this->engine().Claim(kNoon));
  this->Put(4, "a");
  this->Put(0x8000, "b");

  this->maker_.Restart();
  this->Put(4, "c");

  EXPECT_EQ(this->Payloads(4), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(this->Payloads(0x8000), std::vector<std::string>{"b"});
  EXPECT_EQ(this->engine().At({4, this->engine().RangeOf(4).last_seq})->epoch, 2U);
}

TEST(MemoryJournalTest, LeavesOutWhatAFencedWriterAppends) {
  MemoryJournal engine;
  ASSERT_TRUE(engine.Claim(kNoon));
  engine.ClaimByOther(kNoon);
  model::Record record;
  record.kind = model::Kind::kEvent;
  record.position = {1, 3};
  std::vector<model::Record> records{record};

  const AppendResult result = engine.Append(records);

  EXPECT_EQ(result.error.reason, "journal.not_owner");
  int events = 0;
  (void)engine.Read(1, 1, [&](const model::Record& one) {
    events += one.kind == model::Kind::kEvent ? 1 : 0;
    return true;
  });
  EXPECT_EQ(events, 0);
}

}  // namespace
}  // namespace bongsu::journal
