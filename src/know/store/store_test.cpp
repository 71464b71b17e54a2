// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/db.h>

#include <random>

#include "know/store/store_fake.hpp"

namespace bongsu::store {
namespace {

TEST_F(StoreTest, WidenedReplicasHoldWhatEntitiesHaveAndWhatChangesLater) {
  Running running{*this, 3};
  ASSERT_TRUE(running.Start());
  for (int n = 0; n < 1200; ++n) Change(PatchOp::kCreate, fmt::format("urn:a:{}", n), Body(n), &running);
  const auto sum = [&](std::size_t shard) {
    std::promise<std::int64_t> total;
    running.shards.Post(shard, [&] {
      std::int64_t value = 0;
      running.live.replica(shard).ForEach(
          0, {}, [&](const context::ReplicaEntity& entity) { value += entity.attributes["x:n"].AsInt(); });
      total.set_value(value);
    });
    return total.get_future().get();
  };
  EXPECT_EQ(sum(0), 0);

  std::promise<void> done;
  running.live.Widen({"x:n", "status"}, [&] { done.set_value(); });
  done.get_future().wait();

  constexpr std::int64_t kAll = 1199 * 1200 / 2;
  for (std::size_t shard = 0; shard < 3; ++shard) EXPECT_EQ(sum(shard), kAll) << shard;
  Change(PatchOp::kUpsert, "urn:a:0", Body(1000), &running);
  for (std::size_t shard = 0; shard < 3; ++shard) EXPECT_EQ(sum(shard), kAll + 1000) << shard;
}

TEST_F(StoreTest, ARestartFindsWhatWasSavedAndFoldsTheRestOnAnyNumberOfShards) {
  std::string hash;
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    for (int n = 0; n < 40; ++n) Change(PatchOp::kCreate, "urn:a:" + std::to_string(n), Body(n), &running);
    running.Flush();
    for (int n = 0; n < 40; n += 5)
      Change(PatchOp::kMerge, "urn:a:" + std::to_string(n), R"({"x:n":{"type":"Property","value":7}})", &running);
    for (int n = 0; n < 40; n += 7) Change(PatchOp::kDelete, "urn:a:" + std::to_string(n), "null", &running);
    hash = running.Hash();
  }  // stops without saving the last changes
  for (const std::size_t shards : {1U, 3U}) {
    Running running{*this, shards};
    const auto recovered = running.Start();
    ASSERT_TRUE(recovered) << recovered.error().message;
    EXPECT_EQ(running.Hash(), hash);
    if (shards == 1) {
      EXPECT_EQ(recovered->entities, 40U);
      EXPECT_GE(recovered->records, 14U);
      EXPECT_EQ(running.live.replica(0).size(), running.live.context(0).size());
      running.Flush();
    } else {
      EXPECT_EQ(recovered->records, 0U);
    }
  }
}

TEST_F(StoreTest, StateThatWasThrownAwayIsFoldedAgain) {
  std::string hash;
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    for (int n = 0; n < 20; ++n) Change(PatchOp::kUpsert, "urn:a:" + std::to_string(n % 7), Body(n), &running);
    running.Flush();
    hash = running.Hash();
  }
  ASSERT_TRUE(RocksState::Destroy(folder_));

  Running running{*this, 2};
  const auto recovered = running.Start();

  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->entities, 0U);
  EXPECT_EQ(running.Hash(), hash);
}

TEST_F(StoreTest, ShowsAnEntityAsItWasAtEveryChange) {
  Running running{*this, 2};
  ASSERT_TRUE(running.Start());
  const TimePoint before = now_;
  std::vector<std::pair<TimePoint, int>> then;
  then.emplace_back(Change(PatchOp::kCreate, "urn:a:1", Body(0), &running), 0);
  for (int n = 1; n < 11; ++n) {
    then.emplace_back(Change(PatchOp::kUpsert, "urn:a:1", Body(n), &running), n);
    if (n % 3 == 0) running.Flush();
  }
  const TimePoint gone = Change(PatchOp::kDelete, "urn:a:1", "null", &running);
  then.emplace_back(Change(PatchOp::kCreate, "urn:a:1", Body(99), &running), 99);

  EXPECT_EQ(ValueAsOf(running, "urn:a:1", before), -1);
  for (const auto& [at, value] : then) {
    EXPECT_EQ(ValueAsOf(running, "urn:a:1", at), value);
    EXPECT_EQ(ValueAsOf(running, "urn:a:1", at + Duration{500'000}), value);
  }
  EXPECT_EQ(ValueAsOf(running, "urn:a:1", gone), -1);
  EXPECT_EQ(ValueAsOf(running, "urn:a:2", now_), -1);
}

TEST_F(StoreTest, ReadsAtMostOneKeyframeDistanceOfChanges) {
  Running running{*this, 1};
  ASSERT_TRUE(running.Start());
  Change(PatchOp::kCreate, "urn:a:1", Body(0), &running);
  for (int n = 1; n < 30; ++n) Change(PatchOp::kUpsert, "urn:a:1", Body(n), &running);
  running.Flush();

  const EntityKey key{model::PartitionOf(0, "urn:a:1", 4), 0, "urn:a:1"};
  const auto rows = running.state->History(key, now_);

  ASSERT_TRUE(rows);
  EXPECT_LE(rows->size(), 4U);
  EXPECT_TRUE(rows->front().keyframe);
}

TEST_F(StoreTest, ListsTheEntitiesOfATime) {
  Running running{*this, 2};
  ASSERT_TRUE(running.Start());
  for (int n = 0; n < 9; ++n) Change(PatchOp::kCreate, "urn:a:" + std::to_string(n), Body(n), &running);
  const TimePoint then = now_;
  for (int n = 0; n < 9; n += 2) Change(PatchOp::kDelete, "urn:a:" + std::to_string(n), "null", &running);
  Change(PatchOp::kCreate, "urn:a:9", Body(9), &running);

  std::promise<std::vector<std::string>> answer;
  running.live.ListAsOf(
      0, then, 5, [](const context::Entity& entity) { return entity.HasType("x:T"); },
      [&](const Result<std::vector<std::shared_ptr<const PastEntity>>>& list) {
        std::vector<std::string> ids;
        for (const auto& past : list.value()) ids.push_back(past->entity->id);
        answer.set_value(ids);
      });

  EXPECT_EQ(answer.get_future().get(),
            (std::vector<std::string>{"urn:a:0", "urn:a:1", "urn:a:2", "urn:a:3", "urn:a:4"}));
}

TEST_F(StoreTest, SavedStateEqualsTheFoldUntilABitIsWrong) {
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    for (int n = 0; n < 60; ++n)
      Change(n % 9 == 8 ? PatchOp::kDelete : PatchOp::kUpsert, "urn:a:" + std::to_string(n % 13), Body(n), &running);
    running.Flush();
    Change(PatchOp::kUpsert, "urn:a:1", Body(77), &running);  // not saved: it is after the saved position
    const auto verified = VerifyState(*running.state, journal_);
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->equal) << verified->state_hash << " " << verified->fold_hash;

    StateBatch wrong;
    wrong.entities.push_back({{model::PartitionOf(0, "urn:a:2", 4), 0, "urn:a:2"}, true});
    ASSERT_TRUE(running.state->Write(wrong));
    EXPECT_FALSE(VerifyState(*running.state, journal_)->equal);
  }
}

TEST_F(StoreTest, ASaveIsTheStateAtItsPositionsWhateverChangesMeanwhile) {
  Running running{*this, 1};  // slices of three entities
  ASSERT_TRUE(running.Start());
  for (int n = 0; n < 50; ++n) Change(PatchOp::kCreate, "urn:a:" + std::to_string(n), Body(n), &running);
  std::promise<void> saved;
  running.live.FlushAll([&](const Result<void>&) { saved.set_value(); });
  for (int n = 0; n < 50; ++n)
    Change(n % 2 == 0 ? PatchOp::kDelete : PatchOp::kUpsert, "urn:a:" + std::to_string(n), Body(1000 + n), &running);
  saved.get_future().wait();

  const auto verified = VerifyState(*running.state, journal_);

  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->equal);
}

/// Samples of every series of an entity as text, one a line.
std::string SeriesText(const StatePort& state, const std::string& id) {
  const EntityKey key{model::PartitionOf(0, id, 4), 0, id};
  std::string out;
  const auto series = state.SeriesOf(key).value();
  for (const auto& one : series) {
    std::vector<history::Sample> samples;
    const auto read = state.ReadSeries(one, {}, [&](std::string_view chunk, bool) -> Result<bool> {
      auto more = history::DecodeRow(chunk).value();
      std::ranges::move(more, std::back_inserter(samples));
      return true;
    });
    EXPECT_TRUE(read);
    std::ranges::sort(samples, history::Before);
    for (const auto& sample : samples)
      out += fmt::format("{} {} {} {} {}\n", one.attribute, one.dataset, ToMicros(sample.id.recorded), sample.text,
                         *sample.shell);
  }
  const auto evolution = state.EvolutionOf(key).value();
  return out + (evolution ? history::Encode(*evolution) : "none");
}

TEST_F(StoreTest, EveryValueThatWasWrittenIsInTheHistory) {
  Running running{*this, 2};
  ASSERT_TRUE(running.Start());
  const std::string id = "urn:a:1";
  Change(PatchOp::kCreate, id, Body(1), &running);
  const auto created = now_;
  Change(PatchOp::kUpsert, id, R"({"type":"x:T","x:n":{"type":"Property","value":2.5,"unitCode":"CEL"}})", &running);
  Change(PatchOp::kDeleteAttribute, id, R"({"attribute":"x:n"})", &running);
  Change(PatchOp::kAppend, id, R"({"x:n":{"type":"Property","value":3,"datasetId":"urn:d:1"}})", &running);
  Change(PatchOp::kDelete, id, "null", &running);
  running.Flush();

  const auto at = [&](int second) { return ToMicros(created) + second * 1'000'000LL; };
  EXPECT_EQ(SeriesText(*running.state, id),
            fmt::format("x:n  {} 1 {{\"type\":\"Property\"}}\n"
                        "x:n  {} 2.5 {{\"type\":\"Property\",\"unitCode\":\"CEL\"}}\n"
                        "x:n  {}  {{\"type\":\"Property\"}}\n"
                        "x:n urn:d:1 {} 3 {{\"type\":\"Property\",\"datasetId\":\"urn:d:1\"}}\n"
                        "x:n urn:d:1 {}  {{\"type\":\"Property\",\"datasetId\":\"urn:d:1\"}}\n"
                        "{{\"type\":[\"x:T\"],\"created\":{},\"deleted\":{}}}",
                        at(0), at(1), at(2), at(3), at(4), at(0), at(4)));
}

TEST_F(StoreTest, HistoryIsTheSameHoweverOftenItWasSavedAndFoldedAgain) {
  std::string often;
  std::mt19937 random{9};
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    for (int n = 0; n < 1500; ++n) {
      const std::string id = "urn:a:" + std::to_string(random() % 3);
      const std::string instance =
          fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"}})", n,
                      FormatUtc(now_ - std::chrono::seconds{random() % 5 == 0 ? random() % 500 : 0}));
      const auto dice = random() % 100;
      const PatchOp op = dice < 90   ? PatchOp::kUpsert
                         : dice < 96 ? PatchOp::kTemporalUpsert
                         : dice < 98 ? PatchOp::kTemporalDeleteAttribute
                         : dice < 99 ? PatchOp::kTemporalDelete
                                     : PatchOp::kDelete;
      Change(op, id,
             op == PatchOp::kTemporalDeleteAttribute ? R"({"attribute":"x:n"})"
             : op >= PatchOp::kTemporalDelete || op == PatchOp::kDelete
                 ? "null"
                 : fmt::format(R"({{"type":"x:T","x:n":{}}})", instance),
             &running);
      if (random() % 10 == 0) running.Flush();
    }
    // The last changes are not saved: a restart folds them again.
  }
  {
    Running running{*this, 1};
    ASSERT_TRUE(running.Start());
    running.Flush();
    for (int n = 0; n < 3; ++n) often += SeriesText(*running.state, "urn:a:" + std::to_string(n));
  }
  ASSERT_TRUE(RocksState::Destroy(folder_));
  Running running{*this, 3};
  ASSERT_TRUE(running.Start());
  running.Flush();
  std::string once;
  for (int n = 0; n < 3; ++n) once += SeriesText(*running.state, "urn:a:" + std::to_string(n));
  EXPECT_EQ(often, once);
  EXPECT_GT(once.size(), 5000U);
}

TEST_F(StoreTest, AStateOfAnEarlierLayoutIsRefusedSoThatTheJournalIsFoldedAgain) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder_, &db).ok());
    const std::unique_ptr<rocksdb::DB> owned{db};
    ASSERT_TRUE(db->Put({}, "layout", "2").ok());
  }

  const auto read_only = RocksState::Open({folder_, true, 1 << 20});
  const auto opened = RocksState::Open({folder_, false, 1 << 20});

  ASSERT_FALSE(read_only);
  EXPECT_EQ(read_only.error().reason, "state.corrupt");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "state.corrupt");
}

TEST_F(StoreTest, StateAheadOfTheJournalIsRefused) {
  {
    Running running{*this, 1};
    ASSERT_TRUE(running.Start());
    StateBatch ahead;
    ahead.applied.emplace_back(0, 1'000'000);
    ASSERT_TRUE(running.state->Write(ahead));
  }
  Running running{*this, 1};

  EXPECT_EQ(running.Start().error().reason, "store.ahead");
}

TEST_F(StoreTest, AnOpenFolderCannotBeOpenedTwice) {
  Running running{*this, 1};

  const auto second = RocksState::Open({folder_, false, 1 << 20});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "state.locked");
}

}  // namespace
}  // namespace bongsu::store
