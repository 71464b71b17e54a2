// SPDX-License-Identifier: Apache-2.0
#include "app/keeper.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <future>

#include "guard/sealing/token.hpp"
#include "know/store/past.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

constexpr Duration kDay = std::chrono::hours{24};
constexpr std::uint16_t kPartitions = 2;

/// A data directory whose journal gets updates of three entities.
class KeeperTest : public testing::Test {
 protected:
  KeeperTest() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-keeper-XXXXXX").string();
    data_ = ::mkdtemp(pattern.data());
    fs::create_directories(data_ / "journal");
    Open();
    EXPECT_TRUE(journal_->Claim(clock_.Now()));
  }
  ~KeeperTest() override {
    running_.reset();
    journal_.reset();
    fs::remove_all(data_);
  }
  void Open() {
    journal::EmbeddedOptions options;
    options.folder = data_ / "journal";
    options.partitions = kPartitions;
    journal_ = journal::EmbeddedJournal::Open(std::move(options), log_).value();
  }

  struct Running {
    explicit Running(KeeperTest& test)
        : state{OpenWholeState(test.data_, *test.journal_, test.log_).value()},
          live{shards, pool, *test.journal_, *state, metrics, test.log_, {{}, {std::chrono::hours{1}, 50, 100'000, 8}}},
          checkpoints{test.data_ / "checkpoints", test.log_},
          keeper{{*test.journal_, *state, checkpoints, test.clock_, metrics, test.log_, test.data_, pool},
                 {.data = {.age = 30 * kDay, .bytes = 0, .at_least = 7 * kDay}, .desk = {}}} {
      keeper.set_history(live);
      recovered = live.Recover();
      shards.Start();
    }
    ~Running() {
      pool.Stop();
      shards.Stop();
    }
    Metrics metrics;
    runtime::Shards shards{2};
    runtime::BlockingPool pool{2, 100};
    std::unique_ptr<store::RocksState> state;
    store::LiveContext live;
    desk::CheckpointStore checkpoints;
    Keeper keeper;
    Result<store::Recovered> recovered;
  };
  void Start() {
    running_.reset();
    running_ = std::make_unique<Running>(*this);
    ASSERT_TRUE(running_->recovered) << running_->recovered.error().message;
  }

  /// Entities 0 and 2 in one partition, 1 in the other.
  static std::string IdOf(int n) {
    for (int tried = 0;; ++tried) {
      std::string id = fmt::format("urn:a:{}-{}", n, tried);
      if (model::PartitionOf(0, id, kPartitions) == n % kPartitions) return id;
    }
  }

  /// Every entity is told four times a day. @param text  said by entity 0 the first time
  void Days(int days, const std::string& text = {}) {
    for (int time = 0; time < 4 * days; ++time) {
      clock_.Advance(kDay / 4);
      std::vector<model::Record> records;
      records.reserve(3);
      for (int n = 0; n < 3; ++n) {
        const std::string note = time == 0 && n == 0 ? text : "";
        const json::Value body = json::Object{
            {"type", "x:T"}, {"x:n", json::Object{{"type", "Property"}, {"value", ++value_}, {"x:note", note}}}};
        records.push_back(
            model::ToRecord({model::PatchOp::kUpsert, IdOf(n), body}, 0, clock_.Now(), "test", kPartitions));
      }
      Write(records);
    }
  }
  void Write(std::vector<model::Record>& records) {
    std::map<std::uint16_t, std::uint64_t> last;
    for (model::Record& record : records) {
      const std::uint16_t partition = record.position.partition;
      record.position.seq = std::max(last[partition], journal_->RangeOf(partition).last_seq) + 1;
      record.ingest_time = clock_.Now() + Duration{static_cast<std::int64_t>(last[partition] = record.position.seq)};
    }
    ASSERT_EQ(journal_->Append(records).outcome, journal::Outcome::kDurable);
    for (const model::Record& record : records) {
      std::promise<void> done;
      const std::size_t shard = running_->shards.ShardOf(record.position.partition);
      running_->shards.Post(shard, [&] {
        const model::Record* pointer = &record;
        running_->live.OnCommitted(shard, {&pointer, 1});
        done.set_value();
      });
      done.get_future().wait();
    }
  }

  void Save() {
    std::promise<bool> saved;
    running_->live.FlushAll([&](const Result<void>& done) { saved.set_value(done.has_value()); });
    EXPECT_TRUE(saved.get_future().get());
  }
  Keeper::Cuts Run() {
    std::promise<Result<Keeper::Cuts>> done;
    running_->keeper.Run([&](const Result<Keeper::Cuts>& cuts) { done.set_value(cuts); });
    const auto cuts = done.get_future().get();
    EXPECT_TRUE(cuts) << cuts.error().message;
    return cuts.value_or(Keeper::Cuts{});
  }
  /// Age of the oldest record of a data partition, in days.
  int Oldest(std::uint16_t partition) {
    const auto first = journal_->At({partition, journal_->RangeOf(partition).first_seq});
    return static_cast<int>((clock_.Now() - first->ingest_time) / kDay);
  }
  std::string AsOf(int entity, Duration ago) {
    const std::string id = IdOf(entity);
    const auto past = store::EntityAsOf(*running_->state, *journal_, {model::PartitionOf(0, id, kPartitions), 0, id},
                                        clock_.Now() - ago);
    if (!past) return past.error().reason;
    return past->entity ? past->entity->Find("x:n")->json : "not there";
  }

  fs::path data_;
  Log log_{Log::Level::kOff};
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<Running> running_;
  int value_ = 0;
};

TEST_F(KeeperTest, PastAndJournalBeginTogetherWhatIsKeptIsKnownAsBefore) {
  Start();
  Days(60);
  Save();
  std::vector<std::string> before;
  before.reserve(29);
  for (int day = 0; day < 29; ++day) before.push_back(AsOf(day % 3, day * kDay));

  Run();

  for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
    EXPECT_LE(Oldest(partition), 31) << partition;
    const auto cut = running_->state->CutOf(partition).value();
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->seq + 1, journal_->RangeOf(partition).first_seq);
    EXPECT_TRUE(cut->dropped);
  }
  for (int day = 0; day < 29; ++day) EXPECT_EQ(AsOf(day % 3, day * kDay), before.at(static_cast<std::size_t>(day)));
  EXPECT_EQ(AsOf(1, 45 * kDay), "history.trimmed");
}

TEST_F(KeeperTest, ThePastMovesOnInStepsAndTheJournalWaitsForIt) {
  Start();
  Days(60);
  Run();
  const auto first = journal_->RangeOf(0).first_seq;

  clock_.Advance(std::chrono::hours{1});
  Run();
  EXPECT_EQ(journal_->RangeOf(0).first_seq, first);
  Days(2);
  Run();

  EXPECT_GT(journal_->RangeOf(0).first_seq, first);
}

TEST_F(KeeperTest, NothingThatALegalHoldCoversLeaves) {
  Start();
  const std::string token = sealing::ToText({sealing::DataClass::kContact, std::string(26, 'A'), 7, "sealed"});
  Days(20);
  const std::string held = IdOf(0);
  const std::uint16_t partition = model::PartitionOf(0, held, kPartitions);
  Days(60, token);
  std::set<sealing::KeyId> keys{7};
  running_->keeper.set_held([&](const auto& answer) { answer(keys); });

  const auto cuts = Run();

  const auto stuck = std::ranges::find(cuts, partition, &journal::Retention::Cut::partition);
  ASSERT_NE(stuck, cuts.end());
  EXPECT_EQ(stuck->held_by, "legal hold");
  EXPECT_EQ(Oldest(partition), 59);
  EXPECT_NE(AsOf(0, 59 * kDay + kDay / 2).find("~seal."), std::string::npos);
  keys.clear();
  Run();
  EXPECT_LE(Oldest(partition), 31);
}

TEST_F(KeeperTest, AHoldThatComesWhileARunPlansStillHolds) {
  Start();
  const std::string token = sealing::ToText({sealing::DataClass::kContact, std::string(26, 'A'), 7, "sealed"});
  Days(20);
  const std::uint16_t partition = model::PartitionOf(0, IdOf(0), kPartitions);
  Days(60, token);
  Save();
  std::atomic<int> asked = 0;
  running_->keeper.set_held(
      [&](const auto& answer) { answer(asked++ == 0 ? std::set<sealing::KeyId>{} : std::set<sealing::KeyId>{7}); });

  Run();

  EXPECT_GE(Oldest(partition), 59);
  EXPECT_NE(AsOf(0, 59 * kDay + kDay / 2).find("~seal."), std::string::npos);
}

TEST_F(KeeperTest, NothingLeavesWhileNobodyKnowsWhatIsHeld) {
  Start();
  Days(60);
  running_->keeper.set_held([](const auto& answer) { answer(Fail(Code::kUnavailable, "test.no", "no")); });
  std::promise<bool> went;

  running_->keeper.Run([&](const Result<Keeper::Cuts>& cuts) { went.set_value(cuts.has_value()); });

  EXPECT_FALSE(went.get_future().get());
  EXPECT_EQ(journal_->RangeOf(0).first_seq, 1U);
}

TEST_F(KeeperTest, AStopWaitsForNoCutThatIsUnderWay) {
  Start();
  Days(60);
  std::promise<void> planned;
  running_->keeper.set_held([&](const auto&) { planned.set_value(); });  // whoever knows the holds is gone already
  std::atomic<bool> ended = false;
  running_->keeper.Run([&](const Result<Keeper::Cuts>&) { ended = true; });
  planned.get_future().wait();
  auto backup = std::async(std::launch::async, [&] { return Keeper::Pause{running_->keeper}.holds(); });

  running_->keeper.Stop();

  EXPECT_FALSE(backup.get()) << "things may still leave";
  running_.reset();
  EXPECT_FALSE(ended);
  Start();
  Run();
  EXPECT_LE(Oldest(0), 31);
}

TEST_F(KeeperTest, ACopyOfTheStateThatWasBeingReplacedStillStandsForWhatLeft) {
  Start();
  Days(60);
  Run();
  ASSERT_GT(journal_->RangeOf(0).first_seq, 1U);
  const std::string now = AsOf(1, {});
  const std::string earlier = AsOf(1, 20 * kDay);
  running_.reset();
  const fs::path copy = StateCopyOf(data_);
  fs::rename(copy, copy.string() + ".old");         // cut off between the two renames,
  fs::resize_file(data_ / "state" / "CURRENT", 3);  // and the state itself is damaged
  fs::create_directories(data_ / "state.new");      // what an earlier start left half copied

  Start();

  EXPECT_EQ(AsOf(1, {}), now);
  EXPECT_EQ(AsOf(1, 20 * kDay), earlier);
  EXPECT_TRUE(fs::exists(copy));
  EXPECT_FALSE(fs::exists(data_ / "state.new"));
}

TEST_F(KeeperTest, AnEarlierLayoutStartsUnderAJournalThatBeginsLater) {
  Start();
  Days(60);
  Run();
  const std::string now = AsOf(1, {});
  running_.reset();
  const auto make_older = [](const fs::path& folder) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto* name : {"default", "entities", "history", "series", "tails", "evolutions"})
      families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder.string(), families, &handles, &db).ok());
    EXPECT_TRUE(db->Put({}, "layout", "3").ok());
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    EXPECT_TRUE(db->Close().ok());
    delete db;  // NOLINT
  };
  make_older(data_ / "state");
  make_older(StateCopyOf(data_));

  Start();

  EXPECT_EQ(AsOf(1, {}), now);
  EXPECT_NE(AsOf(1, 20 * kDay), "history.trimmed");
  Days(40);
  Run();
  EXPECT_LE(Oldest(0), 33);
}

}  // namespace
}  // namespace bongsu::app
