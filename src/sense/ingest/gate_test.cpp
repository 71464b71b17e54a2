// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/gate.hpp"

#include <gtest/gtest.h>

#include <future>

#include "sense/ingest/fake_append.hpp"

namespace bongsu::ingest {
namespace {

constexpr std::string_view kMappings = R"(
mapping: reading
event:
  type: reading
  id: "{/n}"
  time: {from: /at}
  entity: "urn:x:{/id}"
  fields: {v: {from: /v, type: number}}
entity: {type: Thing, attributes: {v: {from: /v, type: number}}}
)";

/// One gate on one shard over a fake journal; every call waits for its answer.
class GateTest : public ::testing::Test {
 protected:
  GateTest() { Make(); }
  ~GateTest() override { shards->Stop(); }

  void Make() {
    gate = std::make_unique<Gate>(GateDeps{
        .shards = *shards,
        .append = append,
        .clock = clock,
        .metrics = metrics,
        .log = log,
        .tenant_ordinal =
            [](std::string_view name) { return name == "default" ? std::optional<std::uint16_t>{0} : std::nullopt; },
        .place_of = {},
        .read_record =
            [this](model::Position at, std::function<void(Result<model::Record>)> done) {
              for (const model::Record& record : append.log) {
                if (record.position == at) return done(record);
              }
              done(Fail(Code::kNotFound, "journal.no_record", "none"));
            }});
    MappingSet set;
    const auto added = set.AddFile(mappings, "m.yaml");
    EXPECT_TRUE(added) << added.error().message;
    SourceConfig config;
    config.id = "s";
    config.mappings = {"reading"};
    config.silence_after = 10min;
    config.entity = "urn:ngsi-ld:AgencyLink:AL-S";
    EXPECT_TRUE(gate->AddSource(config, set));
    source = gate->Find("default", "s");
  }
  void Begin() { shards->Start(); }
  /// The process ends and another reads what is on disk.
  void Restart() {
    shards->Stop();
    shards = std::make_unique<runtime::Shards>(1);
    Make();
  }

  std::future<Outcome> Send(std::vector<std::string> rows) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    Delivery delivery;
    delivery.format = "application/json";
    for (std::string& row : rows) delivery.rows.push_back({std::move(row), std::nullopt});
    gate->Submit(source, std::move(delivery), [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }
  /// Runs `work` on the shard and waits.
  void OnShard(std::function<void()> work) {
    std::promise<void> done;
    shards->Post(0, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::vector<HeldItem> Held() {
    std::promise<std::vector<HeldItem>> promise;
    gate->LookHeld("default", [&](std::vector<HeldItem> items) { promise.set_value(std::move(items)); });
    return promise.get_future().get();
  }
  ConnectorStatus Status() {
    std::promise<std::vector<ConnectorStatus>> promise;
    gate->Look("default", [&](std::vector<ConnectorStatus> all) { promise.set_value(std::move(all)); });
    return promise.get_future().get().at(0);
  }
  Result<Outcome> Replay(model::Position position) {
    std::promise<Result<Outcome>> promise;
    gate->Replay("default", position, [&](Result<Outcome> outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
  }

  std::string mappings{kMappings};
  ManualClock clock{*ParseTime("2026-11-22T01:00:00Z")};
  std::unique_ptr<runtime::Shards> shards = std::make_unique<runtime::Shards>(1);
  FakeAppend append{clock};
  Metrics metrics;
  Log log{Log::Level::kOff};
  std::unique_ptr<Gate> gate;
  std::shared_ptr<Source> source;
};

TEST_F(GateTest, PutsTheEventAndItsChangeIntoOneBatchWithTheEventAsCause) {
  Begin();

  const Outcome outcome = Send({R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})"}).get();

  EXPECT_EQ(outcome.accepted, 1U);
  ASSERT_EQ(append.log.size(), 2U);
  EXPECT_EQ(append.batches, 1U);
  EXPECT_EQ(append.log[0].kind, model::Kind::kEvent);
  EXPECT_EQ(append.log[1].kind, model::Kind::kEntity);
  EXPECT_EQ(append.log[1].cause, append.log[0].position);
  EXPECT_EQ(FormatUtc(append.log[0].event_time), "2026-11-22T00:59:00Z");
}

TEST_F(GateTest, KeepsTheFirstOfTwoMessagesWithTheSameIdentityAlsoAfterARestart) {
  Begin();
  const std::string message = R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})";
  const Outcome both = Send({message, message}).get();
  const Outcome again = Send({message}).get();
  Restart();
  for (const model::Record& record : append.log) gate->Fold(record);
  Begin();
  const Outcome restarted = Send({message}).get();

  EXPECT_EQ(both.accepted, 1U);
  EXPECT_EQ(both.duplicate, 1U);
  EXPECT_EQ(again.duplicate, 1U);
  EXPECT_EQ(restarted.duplicate, 1U);
  EXPECT_EQ(append.log.size(), 2U);
}

TEST_F(GateTest, ARepeatOfWhatIsOnItsWayWaitsForTheDisk) {
  Begin();
  append.hold = true;
  const std::string message = R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})";

  auto first = Send({message});
  auto second = Send({message});
  OnShard([] {});

  EXPECT_EQ(first.wait_for(0s), std::future_status::timeout);
  EXPECT_EQ(second.wait_for(0s), std::future_status::timeout);
  OnShard([&] { append.Release(); });
  EXPECT_EQ(first.get().accepted, 1U);
  EXPECT_EQ(second.get().duplicate, 1U);
}

TEST_F(GateTest, SaysComeAgainWhenTheJournalIsFullAndTakesTheMessageThen) {
  Begin();
  const std::string message = R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})";
  append.fail_with = Error{Code::kOverloaded, "journal.class_full", "full"};

  const Outcome full = Send({message}).get();
  OnShard([&] { append.fail_with.reset(); });
  const Outcome later = Send({message}).get();

  ASSERT_TRUE(full.again);
  EXPECT_EQ(full.again->code, Code::kOverloaded);
  EXPECT_EQ(full.refused, 1U);
  EXPECT_EQ(later.accepted, 1U);
}

TEST_F(GateTest, HoldsWhatAMappingRefusesAndReplaysItOnceTheMappingIsMended) {
  Begin();
  const Outcome refused =
      Send({R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":"2 l/s","phone":"010-0000-1021"})"}).get();
  const std::vector<HeldItem> held = Held();
  const auto still = Replay(held.at(0).position);
  mappings = std::string(kMappings).replace(kMappings.find("type: number"), 12, "type: string");
  mappings.replace(mappings.find("type: number"), 12, "type: string");
  Restart();
  for (const model::Record& record : append.log) gate->Fold(record);
  Begin();
  const auto mended = Replay(held.at(0).position);
  const auto twice = Replay(held.at(0).position);

  EXPECT_EQ(refused.quarantined, 1U);
  EXPECT_EQ(held.at(0).reason, "mapping.bad_value");
  EXPECT_EQ(held.at(0).preview.find("010-0000"), std::string::npos);
  ASSERT_TRUE(still);
  EXPECT_EQ(still->quarantined, 1U);
  ASSERT_TRUE(mended) << mended.error().message;
  EXPECT_EQ(mended->accepted, 1U);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().reason, "quarantine.done");
  EXPECT_EQ(Held().at(0).state, "replayed");
  EXPECT_EQ(append.log.back().kind, model::Kind::kQuarantineDone);
}

TEST_F(GateTest, TakesArrivalForATimeInTheFutureAndSaysSo) {
  Begin();

  Send({R"({"n":1,"id":"a","at":"2026-11-22T01:05:00Z","v":2})"}).get();

  const auto event = model::EventFromRecord(append.log.at(0));
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->clock_suspect);
  EXPECT_EQ(event->at, clock.Now());
}

TEST_F(GateTest, TellsOnceThatASourceFellSilentAndOnceThatItIsBack) {
  Begin();
  Send({R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})"}).get();
  OnShard([&] { clock.Advance(11min); });

  gate->Start();
  const auto silent_events = [&] {
    std::vector<std::string> types;
    OnShard([&] {
      for (const model::Record& record : append.log) {
        const auto event = model::EventFromRecord(record);
        if (record.kind == model::Kind::kEvent && event->type.starts_with("source.")) types.push_back(event->type);
      }
    });
    return types;
  };
  OnShard([] {});
  EXPECT_EQ(silent_events(), (std::vector<std::string>{"source.silent"}));
  EXPECT_EQ(Status().state, "silent");
  Send({R"({"n":2,"id":"a","at":"2026-11-22T01:10:00Z","v":2})"}).get();
  Send({R"({"n":3,"id":"a","at":"2026-11-22T01:10:30Z","v":2})"}).get();

  EXPECT_EQ(silent_events(), (std::vector<std::string>{"source.silent", "source.back"}));
  EXPECT_EQ(Status().state, "listening");
  gate->Stop();
}

TEST_F(GateTest, CountsAddUp) {
  Begin();
  const std::string good = R"({"n":1,"id":"a","at":"2026-11-22T00:59:00Z","v":2})";

  const Outcome outcome = Send({good, good, "{", R"({"n":2,"id":"a","at":"yesterday"})"}).get();

  EXPECT_EQ(outcome.rows_in, 4U);
  EXPECT_EQ(outcome.rows_in, outcome.accepted + outcome.duplicate + outcome.quarantined + outcome.refused);
  EXPECT_EQ(outcome.quarantined, 2U);
  const ConnectorStatus status = Status();
  EXPECT_EQ(status.counts.accepted, 1U);
  EXPECT_EQ(status.counts.quarantined, 2U);
  EXPECT_EQ(status.errors.size(), 2U);
}

TEST_F(GateTest, RefusesASourceWhoseTenantDoesNotExist) {
  MappingSet set;
  ASSERT_TRUE(set.AddFile(mappings, "m.yaml"));
  SourceConfig config;
  config.id = "t";
  config.tenant = "elsewhere";
  config.mappings = {"reading"};
  ASSERT_TRUE(gate->AddSource(config, set));
  source = gate->Find("elsewhere", "t");
  Begin();

  const Outcome outcome = Send({"{}"}).get();

  EXPECT_EQ(outcome.refused, 1U);
  EXPECT_EQ(outcome.again->reason, "ingest.no_tenant");
}

}  // namespace
}  // namespace bongsu::ingest
