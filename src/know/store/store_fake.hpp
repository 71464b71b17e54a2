// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "know/history/tail.hpp"
#include "know/journal/memory_journal_fake.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"

namespace bongsu::store {

using model::EntityPatch;
using model::PatchOp;

/// A journal that stays, and live contexts that come and go over one state folder.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-state-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    EXPECT_TRUE(journal_.Claim(now_));
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  struct Running {
    /// @param memory_bytes  for attributes; 0: no bound
    explicit Running(StoreTest& test, std::size_t shards, std::size_t memory_bytes = 0)
        : shards{shards},
          pool{2, 100},
          state{RocksState::Open({test.folder_, false, 1 << 20}).value()},
          live{this->shards,
               pool,
               test.journal_,
               *state,
               metrics,
               Log{Log::Level::kOff},
               {{}, {std::chrono::hours{1}, 3, 2'000'000, 4}, {}, {.memory_bytes = memory_bytes}}} {}
    ~Running() {
      pool.Stop();
      shards.Stop();
    }
    Result<Recovered> Start() {
      auto recovered = live.Recover();
      shards.Start();
      return recovered;
    }
    void Flush() {
      std::promise<void> done;
      live.FlushAll([&](const Result<void>&) { done.set_value(); });
      done.get_future().wait();
    }
    /// On the shard, with all its entities whole.
    void OnWhole(std::size_t shard, const std::function<void()>& work) {
      shards.Post(shard, [this, shard, work] {
        context::Context& context = live.context(shard);
        std::vector<context::ColdKey> cold;
        context.ForEach([&](const context::Entity& entity) { context.Note(entity.tenant, entity.id, cold); });
        context.Await(std::move(cold), [work](const Result<void>& whole) {
          EXPECT_TRUE(whole);
          work();
        });
      });
    }
    /// Entities that are cold, once nothing more can go.
    std::size_t Cold() {
      std::size_t cold = 0;
      for (std::size_t shard = 0; shard < shards.size(); ++shard) {
        for (bool settled = false; !settled;) {
          std::promise<bool> fits;
          shards.Post(shard, [&] { fits.set_value(!live.context(shard).warmth().over()); });
          settled = fits.get_future().get();
        }
        std::promise<std::size_t> count;
        shards.Post(shard, [&] { count.set_value(live.context(shard).warmth().cold()); });
        cold += count.get_future().get();
      }
      return cold;
    }
    std::string Hash() {
      context::StateHash all;
      for (std::size_t shard = 0; shard < shards.size(); ++shard) {
        std::promise<context::StateHash> hash;
        OnWhole(shard, [&] { hash.set_value(live.context(shard).Hash()); });
        all.Merge(hash.get_future().get());
      }
      return all.Text();
    }
    Metrics metrics;
    runtime::Shards shards;
    runtime::BlockingPool pool;
    std::unique_ptr<RocksState> state;
    LiveContext live;
  };

  /// Appends one change to the journal and, when something runs, hands it to its owner.
  TimePoint Change(PatchOp op, const std::string& id, const std::string& body, Running* running = nullptr) {
    now_ += std::chrono::seconds{1};
    model::Record record =
        model::ToRecord(EntityPatch{op, id, json::Parse(body).value()}, 0, now_, "test", journal_.partitions());
    record.position.seq = ++seqs_[record.position.partition];
    while (journal_.RangeOf(record.position.partition).last_seq >= record.position.seq)
      record.position.seq = ++seqs_[record.position.partition];
    record.ingest_time = now_;
    std::vector<model::Record> batch{record};
    EXPECT_EQ(journal_.Append(batch).outcome, journal::Outcome::kDurable);
    if (running == nullptr) return now_;
    const std::size_t shard = running->shards.ShardOf(record.position.partition);
    std::promise<void> done;
    running->shards.Post(shard, [&] {
      const model::Record* pointer = batch.data();
      running->live.WhenWhole(shard, {&pointer, 1}, [&](std::span<const model::Record* const> whole) {
        running->live.OnCommitted(shard, whole);
        done.set_value();
      });
    });
    done.get_future().wait();
    return now_;
  }

  std::int64_t ValueAsOf(Running& running, const std::string& id, TimePoint at) {
    std::promise<std::int64_t> value;
    running.live.AsOf(0, id, at, [&](Result<std::shared_ptr<const PastEntity>> past) {
      if (!past || !(*past)->entity) return value.set_value(past ? -1 : -2);
      const context::Attribute* attribute = (*past)->entity->Find("x:n");
      value.set_value(attribute != nullptr ? json::Parse(attribute->json).value()["value"].AsInt() : -3);
    });
    return value.get_future().get();
  }

  static std::string Body(int n) {
    return fmt::format(R"({{"type":"x:T","x:n":{{"type":"Property","value":{}}}}})", n);
  }

  std::string folder_;
  journal::MemoryJournal journal_{4};
  std::map<std::uint16_t, std::uint64_t> seqs_;
  TimePoint now_ = FromMicros(1'764'000'000'000'000);
};

}  // namespace bongsu::store
