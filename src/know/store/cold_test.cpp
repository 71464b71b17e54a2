// SPDX-License-Identifier: Apache-2.0
// Live contexts with so little memory that their entities are in the store alone.
#include "know/store/store_fake.hpp"

namespace bongsu::store {
namespace {

constexpr std::size_t kNothing = 1;  // byte

class ColdTest : public StoreTest {
 protected:
  EntityKey KeyOf(const std::string& id) const { return {model::PartitionOf(0, id, journal_.partitions()), 0, id}; }
  void Create(int count, Running* running) {
    for (int n = 0; n < count; ++n) Change(PatchOp::kCreate, IdOf(n), Body(n), running);
  }
  static std::string IdOf(int n) { return fmt::format("urn:a:{}", n); }

  /// What every shard's replica knows of x:n, which is kept of no entity at first.
  static std::int64_t SumOf(Running& running, std::size_t shard) {
    std::promise<std::int64_t> total;
    running.shards.Post(shard, [&] {
      std::int64_t value = 0;
      running.live.replica(shard).ForEach(
          0, {}, [&](const context::ReplicaEntity& entity) { value += entity.attributes["x:n"].AsInt(); });
      total.set_value(value);
    });
    return total.get_future().get();
  }
};

TEST_F(ColdTest, RowsAreReadByTheirKeysInAnyOrder) {
  Running running{*this, 2};
  ASSERT_TRUE(running.Start());
  Create(600, &running);  // more than are read at once
  running.Flush();
  std::vector<EntityKey> keys;
  for (int n = 599; n >= 0; --n) keys.push_back(KeyOf(IdOf(n)));
  std::vector<std::string> ids(keys.size());
  context::Names names;
  ASSERT_TRUE(running.state->ReadRows(keys, [&](std::size_t place, std::string_view bytes) -> Result<void> {
    BONGSU_TRY(const context::Entity entity, context::Decode(bytes, names));
    ids[place] = entity.id;
    return {};
  }));
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(ids[i], keys[i].id);

  keys.push_back(KeyOf("urn:a:none"));
  std::size_t visited = 0;
  ASSERT_TRUE(running.state->ReadRows(keys, [&](std::size_t place, std::string_view) -> Result<void> {
    EXPECT_LT(place, 600U) << "what is not there is left out";
    ++visited;
    return {};
  }));
  EXPECT_EQ(visited, 600U);
}

TEST_F(ColdTest, WhatWasSavedGoesColdAndEveryChangeFindsItWhole) {
  std::string hash;
  TimePoint middle;
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    Create(20, &running);
    middle = Change(PatchOp::kMerge, IdOf(3), R"({"x:n":{"value":77}})", &running);
    Change(PatchOp::kMerge, IdOf(3), R"({"x:m":{"type":"Property","value":1}})", &running);
    hash = running.Hash();
  }
  std::filesystem::remove_all(folder_);
  Running running{*this, 2, kNothing};
  ASSERT_TRUE(running.Start());  // folds the whole journal, saving as it goes
  EXPECT_EQ(running.Cold(), 20U);
  EXPECT_EQ(running.Hash(), hash);
  EXPECT_EQ(ValueAsOf(running, IdOf(3), middle), 77);
  EXPECT_EQ(running.Cold(), 20U);

  Change(PatchOp::kMerge, IdOf(3), R"({"x:n":{"value":78}})", &running);
  const TimePoint now = Change(PatchOp::kDeleteAttribute, IdOf(3), R"({"attribute":"x:m"})", &running);
  running.Flush();
  EXPECT_EQ(running.Cold(), 20U);
  EXPECT_EQ(ValueAsOf(running, IdOf(3), now), 78);
  const auto verified = VerifyState(*running.state, journal_);
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->equal);
}

TEST_F(ColdTest, AStartLoadsNoMoreThanTheBoundAndReplicasKnowAllOfIt) {
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    Create(300, &running);
    running.Flush();
    for (int n = 0; n < 5; ++n) Change(PatchOp::kUpsert, IdOf(n), Body(n + 1000), &running);  // only in the journal
    Change(PatchOp::kDelete, IdOf(299), "null", &running);
  }
  constexpr std::size_t kMemory = 8'000;
  Running running{*this, 3, kMemory};
  ASSERT_TRUE(running.Start());
  std::size_t bytes = 0;
  for (std::size_t shard = 0; shard < 3; ++shard) bytes += running.live.context(shard).warmth().bytes();
  EXPECT_LE(bytes, kMemory);
  EXPECT_GT(running.Cold(), 200U);
  for (std::size_t shard = 0; shard < 3; ++shard) EXPECT_EQ(running.live.replica(shard).size(), 299U) << shard;
}

TEST_F(ColdTest, CommittedRecordsBehindAColdEntityStayInTheirOrder) {
  Running running{*this, 1, kNothing};
  ASSERT_TRUE(running.Start());
  Create(4, &running);
  running.Flush();
  ASSERT_EQ(running.Cold(), 4U);
  std::int64_t held = 0;
  std::int64_t most = 0;
  running.live.set_on_held([&](std::int64_t more) { most = std::max(most, held += more); });

  std::vector<model::Record> records;
  const auto add = [&](const std::string& id, int value) {
    now_ += std::chrono::seconds{1};
    model::Record record =
        model::ToRecord(EntityPatch{PatchOp::kUpsert, id, json::Parse(Body(value)).value()}, 0, now_, "test", 4);
    record.position.seq = journal_.RangeOf(record.position.partition).last_seq + 1;
    record.ingest_time = now_;
    ASSERT_EQ(journal_.Append({&record, 1}).outcome, journal::Outcome::kDurable);
    records.push_back(std::move(record));
  };
  add(IdOf(0), 100);
  add("urn:a:new", 101);
  add(IdOf(0), 102);
  std::vector<std::string> order;
  std::promise<void> done;
  running.shards.Post(0, [&] {
    for (const model::Record& record : records) {
      const model::Record* const pointer = &record;
      running.live.WhenWhole(0, {&pointer, 1}, [&](std::span<const model::Record* const> whole) {
        running.live.OnCommitted(0, whole);
        order.push_back((*model::PatchOf(*whole[0]))->id);
        if (order.size() == 3) done.set_value();
      });
    }
    EXPECT_TRUE(order.empty()) << "nothing overtakes the one that is read";
  });
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<std::string>{IdOf(0), "urn:a:new", IdOf(0)}));
  std::promise<void> after;
  running.shards.Post(0, [&] { after.set_value(); });
  after.get_future().wait();
  EXPECT_EQ(most, 3);
  EXPECT_EQ(held, 0);
}

TEST_F(ColdTest, WidenedReplicasHoldWhatColdEntitiesHave) {
  Running running{*this, 3, kNothing};
  ASSERT_TRUE(running.Start());
  Create(700, &running);
  running.Flush();
  ASSERT_EQ(running.Cold(), 700U);

  std::promise<void> done;
  running.live.Widen({"x:n"}, [&] { done.set_value(); });
  done.get_future().wait();

  for (std::size_t shard = 0; shard < 3; ++shard) EXPECT_EQ(SumOf(running, shard), 699 * 700 / 2) << shard;
  EXPECT_EQ(running.Cold(), 700U);
}

}  // namespace
}  // namespace bongsu::store
