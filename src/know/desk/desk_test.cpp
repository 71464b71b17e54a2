// SPDX-License-Identifier: Apache-2.0
#include "know/desk/desk.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "know/journal/engine_makers_fake.hpp"
#include "runtime/committer.hpp"

namespace bongsu::desk {
namespace {

using journal::kNoon;
using model::Kind;

// Counts by subject; what it folded is its whole state, so two books are equal when their logs are.
class CountBook final : public Book {
 public:
  void Clear() override {
    log.clear();
    counts.clear();
    due = kNever;
  }
  void Fold(const model::Record& record) override {
    if (record.kind == Kind::kClaim) return;
    log.push_back(std::to_string(record.position.seq) + ":" + record.subject + "@" + FormatUtc(record.ingest_time));
    if (record.kind == Kind::kIncident) ++counts[record.subject];
    if (record.kind == Kind::kStep) due = record.ingest_time + 30s;
    if (record.kind == Kind::kTick) due = kNever;
  }
  void React(const model::Record& record, DeskBatch& batch) override {
    if (record.kind == Kind::kAlarm) batch.Add(Kind::kIncident, record.subject, "{}");
    if (record.kind == Kind::kNotice) batch.Add(Kind::kNotice, record.subject, "{}");  // for ever
  }
  TimePoint NextDue() const override { return due; }
  void Tick(DeskBatch& batch) override { batch.Add(Kind::kNoticeResult, "late", "{}"); }

  std::vector<std::string> log;
  std::map<std::string, int> counts;
  TimePoint due = kNever;
};

Result<json::Value> AddAlarm(DeskBatch& batch, const std::string& subject) {
  batch.Add(Kind::kAlarm, subject, "{}");
  return json::Value{subject};
}

// A desk on shard 0 over a real committer.
class Room {
 public:
  explicit Room(journal::JournalPort& engine)
      : engine_{engine},
        committer_{engine, shards_, clock_, metrics_, Log{Log::Level::kOff}},
        desk_{3,
              {committer_, engine, clock_, metrics_, Log{Log::Level::kOff},
               [this](std::chrono::milliseconds, std::function<void()> work) { timers_.push_back(std::move(work)); }}} {
    desk_.AddBook(book_);
    desk_.OnCommitted([this](std::span<const model::Record> records) {
      for (const model::Record& record : records) {
        if (record.kind != Kind::kClaim) published_.push_back(record.subject);
      }
    });
    EXPECT_TRUE(committer_.Start());
    EXPECT_TRUE(desk_.Recover());
    shards_.Start();
  }
  ~Room() {
    committer_.Stop();
    shards_.Stop();
  }

  // Runs `work` on the desk's shard and waits for it.
  void OnShard(const std::function<void()>& work) {
    std::promise<void> done;
    shards_.Post(0, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::future<Result<json::Value>> Act(DeskPort::Propose propose, std::string actor = "kim") {
    auto promise = std::make_shared<std::promise<Result<json::Value>>>();
    shards_.Post(0, [this, promise, propose = std::move(propose), actor = std::move(actor)] {
      desk_.Act(actor, propose, [promise](Result<json::Value> value) { promise->set_value(std::move(value)); });
    });
    return promise->get_future();
  }
  Result<json::Value> Alarm(const std::string& subject) {
    return Act([subject](DeskBatch& batch) { return AddAlarm(batch, subject); }).get();
  }
  // What a book that starts empty makes of the journal.
  std::vector<std::string> Refolded() {
    CountBook fresh;
    EXPECT_TRUE(engine_.Read(model::DeskPartition(3), 1, [&](const model::Record& record) {
      fresh.Fold(record);
      return true;
    }));
    return fresh.log;
  }

  journal::SharedClock clock_;
  Metrics metrics_;
  runtime::Shards shards_{1};
  journal::JournalPort& engine_;
  runtime::Committer committer_;
  std::vector<std::function<void()>> timers_;
  CountBook book_;
  std::vector<std::string> published_;
  Desk desk_;
};

template <class Maker>
class DeskTest : public testing::Test {
 protected:
  Maker maker_;
};
TYPED_TEST_SUITE(DeskTest, journal::EngineMakers);

TYPED_TEST(DeskTest, SaysHowMuchPlatformTimePassesWhilePeopleLiveASecond) {
  Room room{this->maker_.engine()};
  room.clock_.SetScale(60);

  const auto answer =
      room.Act([](DeskBatch& batch) -> Result<json::Value> { return batch.InPlatformTime(1s).count(); }).get();

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->AsInt(), 60'000'000);
}

TYPED_TEST(DeskTest, AnswersWhenTheActAndItsConsequencesAreOnDisk) {
  Room room{this->maker_.engine()};

  const auto answer = room.Alarm("a1");

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->AsString(), "a1");
  room.OnShard([&] {
    EXPECT_EQ(room.book_.counts["a1"], 1);
    EXPECT_EQ(room.published_, (std::vector<std::string>{"a1", "a1"}));
    EXPECT_EQ(room.desk_.committed_seq(), 2U);
  });
  const auto incident = this->maker_.engine().At({model::DeskPartition(3), 2});
  ASSERT_TRUE(incident);
  EXPECT_EQ(incident->kind, Kind::kIncident);
  EXPECT_EQ(incident->actor, "kim");
  EXPECT_EQ(incident->tenant, 3);
  EXPECT_EQ(incident->cause, (model::Position{model::DeskPartition(3), 1}));
}

TYPED_TEST(DeskTest, FoldsTheSameLiveAndAfterARestart) {
  std::vector<std::string> live;
  {
    Room room{this->maker_.engine()};
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(room.Alarm("a" + std::to_string(i)));
    room.OnShard([&] { live = room.book_.log; });
    EXPECT_EQ(live, room.Refolded());
  }
  this->maker_.Restart();

  Room room{this->maker_.engine()};

  room.OnShard([&] {
    EXPECT_EQ(room.book_.log, live);
    EXPECT_TRUE(room.published_.empty());
  });
  ASSERT_TRUE(room.Alarm("after"));
  room.OnShard([&] { EXPECT_EQ(room.book_.log, room.Refolded()); });
}

TYPED_TEST(DeskTest, ManyActsAreUnderWayAtOnceAndEachSeesTheOnesBefore) {
  Room room{this->maker_.engine()};
  std::vector<std::promise<Result<json::Value>>> answers(200);
  std::atomic<int> answered = 0;

  int answered_meanwhile = -1;
  room.OnShard([&] {  // answers come on this thread, so none before the last act is made
    for (auto& answer : answers) {
      room.desk_.Act(
          "kim",
          [&room](DeskBatch& batch) -> Result<json::Value> {
            batch.Add(Kind::kIncident, "same", "{}");
            return json::Value{room.book_.counts["same"]};
          },
          [&answer, &answered](Result<json::Value> value) {
            ++answered;
            answer.set_value(std::move(value));
          });
    }
    answered_meanwhile = answered;
  });

  EXPECT_EQ(answered_meanwhile, 0) << "no act waits for the one before";
  for (int i = 0; i < 200; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)].get_future().get()->AsInt(), i + 1);
}

// Timers act through tick records alone (architecture D16), so a clock that leaps rings a timer once, and one that is
// put back does not ring it again.
TYPED_TEST(DeskTest, AClockThatLeapsForwardAndBackRingsATimerOnce) {
  Room room{this->maker_.engine()};
  const auto add_step = [](DeskBatch& batch) -> Result<json::Value> {
    batch.Add(Kind::kStep, "due in 30 s", "{}");
    return json::Value{};
  };
  ASSERT_TRUE(room.Act(add_step).get());
  const auto late = [&] {
    return std::ranges::count_if(room.book_.log,
                                 [](const std::string& line) { return line.find(":late@") != std::string::npos; });
  };

  room.clock_.Set(journal::kNoon + 48h);
  room.OnShard([&] { room.desk_.Wake(); });
  ASSERT_TRUE(room.Alarm("after the leap"));
  room.clock_.Set(journal::kNoon);
  for (int i = 0; i < 3; ++i) room.OnShard([&] { room.desk_.Wake(); });
  ASSERT_TRUE(room.Alarm("after it was put back"));

  room.OnShard([&] {
    EXPECT_EQ(late(), 1);
    EXPECT_EQ(room.book_.log, room.Refolded());
  });
}

TYPED_TEST(DeskTest, ARefusedProposalChangesNothing) {
  Room room{this->maker_.engine()};
  ASSERT_TRUE(room.Alarm("a1"));

  const auto refused =
      room.Act([](DeskBatch&) -> Result<json::Value> { return Fail(Code::kConflict, "test.no", "no"); }).get();

  EXPECT_EQ(refused.error().reason, "test.no");
  EXPECT_EQ(room.metrics_.Counter("bongsu_desk_refolds_total", "").value(), 0U);
  room.OnShard([&] { EXPECT_EQ(room.desk_.folded_seq(), 2U); });
}

TYPED_TEST(DeskTest, AProposalThatFailsAfterAddingLeavesNothingBehind) {
  Room room{this->maker_.engine()};
  ASSERT_TRUE(room.Alarm("a1"));

  const auto refused = room.Act([](DeskBatch& batch) -> Result<json::Value> {
                             batch.Add(Kind::kIncident, "half", "{}");
                             return Fail(Code::kConflict, "test.no", "no");
                           })
                           .get();
  ASSERT_TRUE(room.Alarm("a2"));

  EXPECT_EQ(refused.error().reason, "test.no");
  room.OnShard([&] {
    EXPECT_EQ(room.book_.counts.count("half"), 0U);
    EXPECT_EQ(room.book_.log, room.Refolded());
  });
}

TYPED_TEST(DeskTest, BooksThatReactForEverAreStopped) {
  Room room{this->maker_.engine()};

  const auto refused = room.Act([](DeskBatch& batch) -> Result<json::Value> {
                             batch.Add(Kind::kNotice, "again", "{}");
                             return json::Value{};
                           })
                           .get();
  ASSERT_TRUE(room.Alarm("a1"));

  EXPECT_EQ(refused.error().reason, "desk.runaway");
  room.OnShard([&] { EXPECT_EQ(room.book_.log, room.Refolded()); });
}

TYPED_TEST(DeskTest, AReadWaitsForWhatWasProposedBefore) {
  Room room{this->maker_.engine()};
  std::promise<std::size_t> published;

  room.OnShard([&] {
    room.desk_.Act("kim", [](DeskBatch& batch) { return AddAlarm(batch, "a1"); }, [](const Result<json::Value>&) {});
    room.desk_.Read([&] { published.set_value(room.published_.size()); });
  });

  EXPECT_EQ(published.get_future().get(), 2U);
  bool at_once = false;
  room.OnShard([&] { room.desk_.Read([&] { at_once = true; }); });
  EXPECT_TRUE(at_once);
}

TYPED_TEST(DeskTest, ATimerThatIsDueIsOneTickRecord) {
  Room room{this->maker_.engine()};
  ASSERT_TRUE(room.Act([](DeskBatch& batch) -> Result<json::Value> {
                    batch.Add(Kind::kStep, "s1", "{}");
                    return json::Value{};
                  })
                  .get());
  room.OnShard([&] { EXPECT_EQ(room.timers_.size(), 1U); });

  room.OnShard([&] { room.desk_.Wake(); });  // not due yet
  room.OnShard([&] { EXPECT_EQ(room.desk_.folded_seq(), 1U); });
  room.clock_.Advance(31s);
  room.OnShard([&] { room.timers_.front()(); });
  std::promise<void> on_disk;
  room.OnShard([&] { room.desk_.Read([&] { on_disk.set_value(); }); });
  on_disk.get_future().wait();

  room.OnShard([&] { EXPECT_EQ(room.published_, (std::vector<std::string>{"s1", "", "late"})); });
  EXPECT_EQ(this->maker_.engine().At({model::DeskPartition(3), 2})->kind, Kind::kTick);
}

TYPED_TEST(DeskTest, AuditRecordsAreSealedBeforeTheyAreFolded) {
  Room room{this->maker_.engine()};
  room.desk_.SetAuditSeal([](const model::Record& unsealed) {
    auto payload = *json::Parse(unsealed.payload);
    payload.Set("hash", "h" + std::to_string(unsealed.position.seq));
    return json::ToString(payload);
  });

  ASSERT_TRUE(room.Act(
                      [](DeskBatch& batch) -> Result<json::Value> {
                        batch.Audit("alarm.acknowledge", "a1", json::Object{{"note", "seen"}});
                        return json::Value{};
                      },
                      "park")
                  .get());

  const auto audit = this->maker_.engine().At({model::DeskPartition(3), 1});
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->payload,
            R"({"action":"alarm.acknowledge","subject":"a1","actor":"park","details":{"note":"seen"},"hash":"h1"})");
  EXPECT_EQ(audit->subject, "a1");
}

TEST(Desk, AFailedAppendUndoesTheActAndThoseBuiltOnIt) {
  journal::MemoryJournal engine;
  Room room{engine};
  ASSERT_TRUE(room.Alarm("a1"));
  engine.NextRefused({Code::kDiskFull, "journal.disk_full", "full"});
  std::vector<std::promise<Result<json::Value>>> answers(3);
  std::promise<void> looked;

  room.OnShard([&] {
    for (std::size_t i = 0; i < 2; ++i) {
      room.desk_.Act(
          "kim", [i](DeskBatch& batch) { return AddAlarm(batch, "lost" + std::to_string(i)); },
          [&, i](Result<json::Value> value) { answers[i].set_value(std::move(value)); });
    }
    // Found nothing to do because of an act that did not come true.
    room.desk_.Act(
        "kim", [](DeskBatch&) -> Result<json::Value> { return json::Value{"already"}; },
        [&](Result<json::Value> value) { answers[2].set_value(std::move(value)); });
    room.desk_.Read([&] { looked.set_value(); });
  });
  for (auto& answer : answers) EXPECT_FALSE(answer.get_future().get());
  looked.get_future().wait();
  ASSERT_TRUE(room.Alarm("a2"));

  room.OnShard([&] {
    EXPECT_EQ(room.published_, (std::vector<std::string>{"a1", "a1", "a2", "a2"}));
    EXPECT_EQ(room.book_.log, room.Refolded());
  });
}

TEST(Desk, AnUnknownAppendThatTurnsOutKeptIsFoldedAndPublished) {
  journal::MemoryJournal engine;
  Room room{engine};
  ASSERT_TRUE(room.Alarm("a1"));
  engine.NextUnknown(true);

  const auto unknown = room.Alarm("kept");
  ASSERT_TRUE(room.Alarm("a2"));

  EXPECT_EQ(unknown.error().reason, "journal.unknown");
  room.OnShard([&] {
    EXPECT_EQ(room.published_, (std::vector<std::string>{"a1", "a1", "kept", "kept", "a2", "a2"}));
    EXPECT_EQ(room.book_.log, room.Refolded());
  });
}

TEST(Desk, ActsProposedWhileTheBooksAreVoidRunAfterwards) {
  journal::MemoryJournal engine;
  Room room{engine};
  engine.NextUnknown(false);
  std::promise<Result<json::Value>> later;

  room.OnShard([&] {
    room.desk_.Act(
        "kim", [](DeskBatch& batch) { return AddAlarm(batch, "lost"); },
        [&](const Result<json::Value>&) {
          // Still void here: the desk has not folded itself again.
          room.desk_.Act(
              "kim", [](DeskBatch& batch) { return AddAlarm(batch, "later"); },
              [&](Result<json::Value> value) { later.set_value(std::move(value)); });
        });
  });

  EXPECT_TRUE(later.get_future().get());
  room.OnShard([&] {
    EXPECT_EQ(room.published_, (std::vector<std::string>{"later", "later"}));
    EXPECT_EQ(room.book_.log, room.Refolded());
  });
}

}  // namespace
}  // namespace bongsu::desk
