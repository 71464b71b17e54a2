// SPDX-License-Identifier: Apache-2.0
#include "runtime/committer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <optional>

#include "know/journal/engine_makers_fake.hpp"

namespace bongsu::runtime {
namespace {

using journal::Committed;
using journal::kNoon;

struct Made {
  std::uint16_t partition;
  std::string payload;
  std::optional<std::size_t> cause;
  std::uint64_t seq = 0;
};

journal::Batch BatchOf(std::vector<Made> made, model::Admission admission = model::Admission::kEvent) {
  journal::Batch batch;
  batch.admission = admission;
  for (Made& one : made) {
    model::Record record;
    record.kind = model::Kind::kEvent;
    record.position = {one.partition, one.seq};
    record.payload = std::move(one.payload);
    batch.records.push_back({std::move(record), one.cause});
  }
  return batch;
}

// Shards, a committer and what its sink saw, over one engine.
class Bench {
 public:
  explicit Bench(journal::JournalPort& engine, CommitterOptions options = {}, std::size_t shard_count = 2)
      : shards_{shard_count}, committer_{engine, shards_, clock_, metrics_, Log{Log::Level::kOff}, options} {
    committer_.SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      const std::lock_guard lock(mutex_);
      for (const model::Record* record : records) {
        EXPECT_EQ(shards_.Current(), shard);
        EXPECT_EQ(shards_.ShardOf(record->position.partition), shard);
        if (record->kind != model::Kind::kClaim) seen_.push_back(*record);
      }
    });
    EXPECT_TRUE(committer_.Start());
    shards_.Start();
  }
  ~Bench() {
    committer_.Stop();
    shards_.Stop();
  }

  std::future<Result<Committed>> Append(journal::Batch batch, std::size_t shard = 0) {
    auto promise = std::make_shared<std::promise<Result<Committed>>>();
    auto future = promise->get_future();
    shards_.Post(shard, [this, shard, promise, batch = std::move(batch)]() mutable {
      committer_.Append(std::move(batch), [this, shard, promise](Result<Committed> result) {
        EXPECT_EQ(shards_.Current(), shard);
        promise->set_value(std::move(result));
      });
    });
    return future;
  }
  Result<Committed> AppendNow(journal::Batch batch, std::size_t shard = 0) {
    return Append(std::move(batch), shard).get();
  }
  // What the sink saw once everything posted to the shards so far has run.
  std::vector<std::string> Seen() {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
      std::promise<void> done;
      shards_.Post(shard, [&] { done.set_value(); });
      done.get_future().wait();
    }
    const std::lock_guard lock(mutex_);
    std::vector<std::string> payloads;
    for (const model::Record& record : seen_) payloads.push_back(record.payload);
    return payloads;
  }

  journal::SharedClock clock_;
  Metrics metrics_;
  Shards shards_;
  Committer committer_;
  std::mutex mutex_;
  std::vector<model::Record> seen_;
};

template <class Maker>
class CommitterTest : public testing::Test {
 protected:
  Maker maker_;
};
TYPED_TEST_SUITE(CommitterTest, journal::EngineMakers);

TYPED_TEST(CommitterTest, GivesSeqsTimesAndCauses) {
  Bench bench{this->maker_.engine()};

  const auto first = bench.AppendNow(BatchOf({{3, "event", {}}, {3, "more", {}}, {4, "entity", 0}}));

  ASSERT_TRUE(first) << first.error().message;
  const auto& records = **first;
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].position.seq, records[0].position.seq + 1);
  EXPECT_EQ(records[2].cause, records[0].position);
  EXPECT_GE(records[0].ingest_time, kNoon);
  EXPECT_GT(records[1].ingest_time, records[0].ingest_time);
  const auto stored = this->maker_.engine().At(records[2].position);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->payload, "entity");
  EXPECT_EQ(stored->cause, records[0].position);
}

TYPED_TEST(CommitterTest, PlatformTimeRisesThoughTheClockStandsStillOrGoesBack) {
  Bench bench{this->maker_.engine()};
  bench.clock_.Set(kNoon + 10s);
  const auto first = bench.AppendNow(BatchOf({{1, "a", {}}}));
  bench.clock_.Set(kNoon);

  const auto second = bench.AppendNow(BatchOf({{1, "b", {}}}));

  ASSERT_TRUE(first && second);
  EXPECT_EQ((*second)->front().ingest_time, (*first)->front().ingest_time + Duration{1});
}

// A wrong clock was set, everything was stamped by it, and then it was put right: time goes on from where it was, by
// the least step, until the clock has caught up.
TYPED_TEST(CommitterTest, PlatformTimeAfterAStepForwardAndBackNeverFallsAndNeverLeapsAgain) {
  Bench bench{this->maker_.engine()};
  bench.clock_.Set(kNoon + 24h);
  const auto ahead = bench.AppendNow(BatchOf({{1, "ahead", {}}}));
  bench.clock_.Set(kNoon);

  TimePoint last = (*ahead)->front().ingest_time;
  for (int i = 0; i < 100; ++i) {
    const auto next = bench.AppendNow(BatchOf({{1, "behind", {}}, {2, "elsewhere", {}}}));
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)->front().ingest_time, last + Duration{1});
    last = (*next)->front().ingest_time;
  }
  bench.clock_.Set(kNoon + 48h);
  const auto caught_up = bench.AppendNow(BatchOf({{1, "later", {}}}));

  EXPECT_EQ((*caught_up)->front().ingest_time, kNoon + 48h);
}

TYPED_TEST(CommitterTest, AReaderAfterTheAnswerHasSeenTheRecordOnItsShard) {
  Bench bench{this->maker_.engine()};

  for (int i = 0; i < 50; ++i) {
    const std::string payload = "p" + std::to_string(i);
    const auto partition = static_cast<std::uint16_t>(i % 2);
    ASSERT_TRUE(bench.AppendNow(BatchOf({{partition, payload, {}}}), static_cast<std::size_t>(1 - i % 2)));
    ASSERT_EQ(bench.Seen().back(), payload);
  }
}

TYPED_TEST(CommitterTest, KeepsTheOrderOfEachClassUnderManyWriters) {
  Bench bench{this->maker_.engine()};
  std::vector<std::future<Result<Committed>>> answers;

  for (int i = 0; i < 500; ++i) answers.push_back(bench.Append(BatchOf({{5, std::to_string(i), {}}, {6, "x", 0}}), 1));
  for (auto& answer : answers) ASSERT_TRUE(answer.get());

  std::vector<std::string> payloads;
  ASSERT_TRUE(this->maker_.engine().Read(5, 1, [&](const model::Record& record) {
    if (record.kind == model::Kind::kEvent) payloads.push_back(record.payload);
    return true;
  }));
  ASSERT_EQ(payloads.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(payloads[static_cast<std::size_t>(i)], std::to_string(i));
  EXPECT_EQ(bench.Seen().size(), 1000U);
  EXPECT_LE(bench.metrics_.Counter("bongsu_committer_commits_total", "").value(), 500U);
}

TYPED_TEST(CommitterTest, KeepsPresetSeqsThatFollowAndRefusesOthers) {
  Bench bench{this->maker_.engine()};
  auto preset = BatchOf({{0x8000, "a", {}, 1}, {0x8000, "b", {}, 2}}, model::Admission::kUrgent);
  preset.records[0].record.ingest_time = kNoon + 5s;
  preset.records[1].record.ingest_time = kNoon + 6s;
  auto ahead = BatchOf({{0x8000, "d", {}, 4}}, model::Admission::kUrgent);
  ahead.records[0].record.ingest_time = kNoon + 9s;

  const auto kept = bench.AppendNow(std::move(preset));
  const auto refused = bench.AppendNow(std::move(ahead));

  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ((*kept)->back().ingest_time, kNoon + 6s);
  EXPECT_EQ((*kept)->back().position.seq, 2U);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "journal.moved");
}

TYPED_TEST(CommitterTest, RefusesBadBatches) {
  Bench bench{this->maker_.engine()};

  const auto nowhere = bench.AppendNow(BatchOf({{0x7000, "a", {}}}));
  const auto dangling = bench.AppendNow(BatchOf({{1, "a", 5}}));
  auto large = BatchOf({{1, "a", {}}});
  large.records[0].record.subject.assign(70'000, 'x');
  const auto too_large = bench.AppendNow(std::move(large));
  const auto empty = bench.AppendNow({});

  EXPECT_EQ(nowhere.error().reason, "journal.bad_partition");
  EXPECT_EQ(dangling.error().reason, "journal.bad_cause");
  EXPECT_EQ(too_large.error().reason, "envelope.too_large");
  EXPECT_TRUE(empty);
}

TYPED_TEST(CommitterTest, StopCommitsWhatWaitsAndTakesNothingNew) {
  Bench bench{this->maker_.engine()};
  std::vector<std::future<Result<Committed>>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(bench.Append(BatchOf({{2, "x", {}}})));
  bench.Seen();  // every Append has been called

  bench.committer_.Stop();
  const auto late = bench.AppendNow(BatchOf({{2, "late", {}}}));

  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(late.error().reason, "journal.stopping");
}

TEST(Committer, GoesOnBehindTheSeqsAnEngineSkipped) {
  journal::MemoryJournal engine;
  engine.Skip(7, 41);
  Bench bench{engine};

  const auto appended = bench.AppendNow(BatchOf({{7, "a", {}}}));

  ASSERT_TRUE(appended);
  EXPECT_EQ((*appended)->front().position.seq, 43U);  // 42 is the claim
}

TEST(Committer, AfterAnUnknownAppendHandsOutWhatIsThereAndGoesOn) {
  journal::MemoryJournal engine;
  Bench bench{engine};
  ASSERT_TRUE(bench.AppendNow(BatchOf({{1, "a", {}}})));

  engine.NextUnknown(true);
  const auto kept = bench.AppendNow(BatchOf({{1, "kept", {}}}));
  engine.NextUnknown(false);
  const auto lost = bench.AppendNow(BatchOf({{1, "lost", {}}}));
  const auto after = bench.AppendNow(BatchOf({{1, "after", {}}}));

  EXPECT_EQ(kept.error().reason, "journal.unknown");
  EXPECT_EQ(lost.error().reason, "journal.unknown");
  ASSERT_TRUE(after);
  EXPECT_EQ(bench.Seen(), (std::vector<std::string>{"a", "kept", "after"}));
  EXPECT_TRUE(bench.committer_.Health());
}

TEST(Committer, StaysUnhealthyWhileTheJournalCannotBeClaimed) {
  journal::MemoryJournal engine;
  Bench bench{engine};
  engine.FailClaims(1);
  engine.NextUnknown(false);

  const auto unknown = bench.AppendNow(BatchOf({{1, "a", {}}}));
  const auto health = bench.committer_.Health();
  const auto again = bench.AppendNow(BatchOf({{1, "b", {}}}));

  EXPECT_EQ(unknown.error().reason, "journal.unknown");
  EXPECT_EQ(health.error().reason, "journal.unknown");
  EXPECT_EQ(again.error().reason, "journal.unknown");
}

TEST(Committer, RefusesEverythingOnceAnotherWriterClaimed) {
  journal::MemoryJournal engine;
  Bench bench{engine};
  engine.ClaimByOther(kNoon);

  const auto first = bench.AppendNow(BatchOf({{1, "a", {}}}));
  const auto second = bench.AppendNow(BatchOf({{2, "b", {}}}));

  EXPECT_EQ(first.error().reason, "journal.not_owner");
  EXPECT_EQ(second.error().reason, "journal.not_owner");
  EXPECT_EQ(bench.committer_.Health().error().reason, "journal.not_owner");
}

TEST(Committer, BelowTheReserveOnlyUrgentBatchesPass) {
  journal::MemoryJournal engine;
  Bench bench{engine};
  engine.SetRoom(journal::DiskRoom::kUrgentOnly);

  const auto data = bench.AppendNow(BatchOf({{1, "a", {}}}));
  const auto desk = bench.AppendNow(BatchOf({{0x8000, "b", {}}}, model::Admission::kUrgent));
  engine.SetRoom(journal::DiskRoom::kNone);
  const auto none = bench.AppendNow(BatchOf({{0x8000, "c", {}}}, model::Admission::kUrgent));

  EXPECT_EQ(data.error().code, Code::kDiskFull);
  EXPECT_TRUE(desk);
  EXPECT_EQ(none.error().code, Code::kDiskFull);
}

// An engine whose appends wait until the test opens the gate.
class GatedJournal final : public journal::JournalPort {
 public:
  explicit GatedJournal(journal::JournalPort& inner) : inner_{inner} {}
  journal::AppendResult Append(std::span<model::Record> records) override {
    entered_.set_value();
    open_.get_future().wait();
    entered_ = {};
    open_ = {};
    open_.set_value();
    return inner_.Append(records);
  }
  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from,
                             const std::function<bool(const model::Record&)>& visit) const override {
    return inner_.Read(partition, from, visit);
  }
  Result<model::Record> At(model::Position position) const override { return inner_.At(position); }
  journal::Range RangeOf(std::uint16_t partition) const override { return inner_.RangeOf(partition); }
  std::vector<std::uint16_t> Partitions() const override { return inner_.Partitions(); }
  std::uint16_t partitions() const override { return inner_.partitions(); }
  Result<std::uint32_t> Claim(TimePoint now) override { return inner_.Claim(now); }

  std::promise<void> entered_, open_;

 private:
  journal::JournalPort& inner_;
};

TEST(Committer, AFullClassIsRefusedWhileClassZeroStillHasRoom) {
  journal::MemoryJournal inner;
  GatedJournal engine{inner};
  CommitterOptions options;
  options.class_records = {4, 4, 4, 4};
  options.tenant_records = {4, 3, 4, 4};
  Bench bench{engine, options};
  auto entered = engine.entered_.get_future();
  auto busy = bench.Append(BatchOf({{1, "busy", {}}}));
  entered.wait();  // the committer is inside the engine; what comes now waits

  std::vector<std::future<Result<Committed>>> events;
  for (int i = 0; i < 4; ++i) events.push_back(bench.Append(BatchOf({{1, "event", {}}})));
  auto other_tenant = BatchOf({{1, "other", {}}});
  other_tenant.records[0].record.tenant = 1;
  auto other = bench.Append(std::move(other_tenant));
  auto one_more_tenant = BatchOf({{1, "one more", {}}});
  one_more_tenant.records[0].record.tenant = 2;
  auto one_more = bench.Append(std::move(one_more_tenant));
  auto urgent = bench.Append(BatchOf({{1, "urgent", {}}}, model::Admission::kUrgent));
  const auto refused_by_tenant = events[3].get();
  const auto refused_by_class = one_more.get();
  engine.open_.set_value();

  EXPECT_EQ(refused_by_tenant.error().reason, "journal.class_full");
  EXPECT_EQ(refused_by_class.error().reason, "journal.class_full");
  EXPECT_TRUE(busy.get());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(events[i].get());
  EXPECT_TRUE(other.get());
  EXPECT_TRUE(urgent.get());
  EXPECT_EQ(bench.Seen(), (std::vector<std::string>{"busy", "urgent", "event", "event", "event", "other"}));
  EXPECT_EQ(bench.metrics_.Counter("bongsu_committer_refused_total", "", "class=\"1\"").value(), 2U);
}

TEST(Committer, ShardsGoOnWhileTheDiskStandsAndEveryAnswerComesLater) {
  journal::MemoryJournal inner;
  GatedJournal engine{inner};
  CommitterOptions options;
  options.class_records[2] = 100;
  options.tenant_records[2] = 100;
  Bench bench{engine, options};
  auto entered = engine.entered_.get_future();
  auto first = bench.Append(BatchOf({{1, "first", {}}}));
  entered.wait();  // the disk takes its time

  std::vector<std::future<Result<Committed>>> waiting;
  for (int i = 0; i < 200; ++i)
    waiting.push_back(bench.Append(BatchOf({{1, std::to_string(i), {}}}, model::Admission::kObservation)));
  std::promise<void> ran;
  bench.shards_.Post(0, [&ran] { ran.set_value(); });
  ran.get_future().wait();
  std::size_t refused = 0;
  for (std::size_t i = 100; i < 200; ++i) refused += waiting[i].get() ? 0 : 1;
  engine.open_.set_value();

  EXPECT_EQ(refused, 100U);
  EXPECT_TRUE(first.get());
  for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(waiting[i].get()) << i;
  EXPECT_EQ(bench.Seen().size(), 101U);
}

}  // namespace
}  // namespace bongsu::runtime
