// SPDX-License-Identifier: Apache-2.0
// Lanes that are behind, over a store whose disk is full now and then.
#include "app/notifier.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "know/journal/engine_makers_fake.hpp"
#include "know/store/refusing_state_fake.hpp"
#include "know/store/rocks_state.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::app {
namespace {

/// How far notifications came is of no interest here.
class NobodyAppends final : public journal::AppendPort {
 public:
  void Append(journal::Batch, journal::AppendDone done) override {
    done(Fail(Code::kUnavailable, "journal.stopping", "nothing is written"));
  }
  std::uint16_t partitions() const override { return 1; }
};

/// One shard, one entity, one subscription that looks at linked entities and whose lane keeps nothing in memory: each
/// change is read again from the journal, after the states of entities were saved.
class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() {
    (void)journal_.Claim(clock_.Now());
    shards_.Start();
    notifier_.Start();
    notifications::Subscription stored;
    stored.id = "urn:s:1";
    stored.context = json::Value{ngsi::kCoreContextUrl};
    stored.link = ngsi::kCoreContextUrl;
    stored.body = ngsi::StoredBody(
                      json::Parse(R"({"type":"Subscription","entities":[{"type":"T"}],"notification":{"join":"inline",
                                         "joinLevel":1,"endpoint":{"uri":"http://127.0.0.1:9/n"}}})")
                          .value(),
                      *ngsi::LdContext::Core())
                      .value();
    notifier_.Put(ngsi::Compile(stored, ngsi::LdContexts{}, 0).value(), {});
  }
  ~NotifierTest() override {
    pool_.Stop();
    shards_.Stop();
    std::filesystem::remove_all(folder_);
  }

  void On(const std::function<void()>& work) {
    std::promise<void> done;
    shards_.Post(0, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  /// On the shard.
  void Change(int n) {
    const json::Value body = json::Object{
        {"type", "https://uri.etsi.org/ngsi-ld/default-context/T"},
        {"https://uri.etsi.org/ngsi-ld/default-context/n", json::Object{{"type", "Property"}, {"value", n}}}};
    model::Record record =
        model::ToRecord({model::PatchOp::kUpsert, "urn:e:1", body}, 0, clock_.Now(), "test", journal_.partitions());
    record.position.seq = journal_.RangeOf(record.position.partition).last_seq + 1;
    record.ingest_time = clock_.Now() + Duration{n};
    ASSERT_EQ(journal_.Append({&record, 1}).outcome, journal::Outcome::kDurable);
    const model::Record* pointer = &record;
    live_.OnCommitted(0, {&pointer, 1});
    notifier_.OnCommitted(0, {&pointer, 1});
  }
  /// Notifications that were sent, delivered or not (nobody listens at the endpoint).
  std::uint64_t Sent() {
    std::promise<std::uint64_t> sent;
    notifier_.Counters(0, {"urn:s:1"}, [&](const ngsi::SubscriptionHouse::Counters& counters) {
      sent.set_value(counters.contains("urn:s:1") ? counters.at("urn:s:1").times_sent : 0);
    });
    return sent.get_future().get();
  }
  static bool Becomes(const std::function<bool()>& wanted) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!wanted() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return wanted();
  }

  static std::string MakeFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-notifier-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::string folder_ = MakeFolder();
  Log log_{Log::Level::kOff};
  Metrics metrics_;
  journal::SharedClock clock_;
  journal::MemoryJournal journal_{1};
  runtime::Shards shards_{1};
  runtime::BlockingPool pool_{2, 100};
  std::unique_ptr<store::RocksState> rocks_ = store::RocksState::Open({folder_}).value();
  store::RefusingState state_{*rocks_};
  store::LiveContext live_{shards_, pool_, journal_, state_, metrics_, log_};
  NobodyAppends append_;
  Notifier notifier_{{shards_, pool_, append_, journal_, state_, live_, clock_, metrics_, log_, {.window = 0}, {}, {}}};
};

TEST_F(NotifierTest, AChangeIsToldAfterASaveThatFailed) {
  state_.Refuse(2);  // the next write; the one after it goes through

  On([&] { Change(1); });

  EXPECT_TRUE(Becomes([&] { return Sent() >= 1; })) << "it was read before the entity was in the store";
  EXPECT_EQ(state_.refused(), 1);
}

TEST_F(NotifierTest, ALaneThatGaveUpWhileASaveFailedListensAgain) {
  state_.Refuse(2);
  On([&] {
    Change(1);
    clock_.Advance(24h + 1s);  // past the bound everything is given up
    Change(2);
  });
  ASSERT_TRUE(Becomes([&] { return state_.refused() == 1; }));
  // Behind the save that failed, and a pause behind the lane's.
  std::promise<void> over;
  live_.FlushAll(
      [&](const Result<void>&) { shards_.Post(0, [&] { shards_.After(0, 400ms, [&] { over.set_value(); }); }); });
  over.get_future().wait();
  ASSERT_EQ(Sent(), 0U);

  On([&] { Change(3); });

  EXPECT_TRUE(Becomes([&] { return Sent() >= 1; }));
}

}  // namespace
}  // namespace bongsu::app
