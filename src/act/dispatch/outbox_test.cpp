// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "know/desk/fake_desk.hpp"

namespace bongsu::dispatch {
namespace {

using What = Outcome::What;

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};
constexpr std::string_view kIncident = "0000000000000000000000INC1";
constexpr std::string_view kAlarm = "00000000000000000000000A12";

/// Answers what it is told to; remembers what it carried.
class FakeChannel final : public Channel {
 public:
  FakeChannel(std::string id, ChannelKind kind) : id_{std::move(id)}, kind_{kind} {}
  std::string_view id() const override { return id_; }
  ChannelKind kind() const override { return kind_; }
  void Send(Delivery delivery, std::function<void(Outcome)> done) override {
    carried.push_back(std::move(delivery));
    if (silent) return;
    done(outcome);
  }
  std::vector<Delivery> carried;
  Outcome outcome{What::kDelivered, {}};
  bool silent = false;

 private:
  std::string id_;
  ChannelKind kind_;
};

Peers TestPeers() {
  Peers peers;
  peers["112"] = Peer{.id = "112",
                      .name = {"경찰 112", ""},
                      .channel = "safety_net",
                      .url = "http://x",
                      .phone = "112",
                      .source = "112",
                      .api_key = "k",
                      .send_cd = "B1",
                      .rcv_cd = "P1"};
  peers["maintenance"] = Peer{.id = "maintenance",
                              .name = {"유지보수", ""},
                              .channel = "webhook",
                              .url = "http://x",
                              .phone = "02",
                              .source = {},
                              .api_key = {},
                              .send_cd = {},
                              .rcv_cd = {}};
  peers["guardian"] = Peer{.id = "guardian",
                           .name = {"보호자", ""},
                           .channel = {},
                           .url = {},
                           .phone = "010",
                           .source = {},
                           .api_key = {},
                           .send_cd = {},
                           .rcv_cd = {}};
  return peers;
}

class OutboxTest : public ::testing::Test {
 protected:
  explicit OutboxTest(ChannelKind webhook_kind = ChannelKind::kRepeatable, bool held = false, double clock_scale = 1.0)
      : desk{kNoon, clock_scale}, book{TestPeers(), held} {
    desk.Keep(book);
    auto a = std::make_unique<FakeChannel>("webhook", webhook_kind);
    auto b = std::make_unique<FakeChannel>("safety_net", ChannelKind::kRepeatable);
    webhook = a.get();
    safety_net = b.get();
    std::vector<std::unique_ptr<Channel>> channels;
    channels.push_back(std::move(a));
    channels.push_back(std::move(b));
    outbox = std::make_shared<Outbox>(
        book, desk, std::move(channels),
        [this](const std::vector<model::Position>& positions,
               const std::function<void(std::vector<model::Event>)>& done) {
          asked = positions;
          done(events);
        },
        metrics, Log{Log::Level::kOff});
    desk.OnCommitted([this](const model::Record& record) { outbox->OnCommitted(record); });
    Add(model::Kind::kIncident,
        json::Object{
            {"id", kIncident}, {"state", "new"}, {"title", json::Object{{"ko", "함체 장애"}}}, {"severity", 3}});
  }
  void Add(model::Kind kind, json::Value payload) {
    (void)desk.Do([&](desk::DeskBatch& batch) {
      batch.Add(kind, "", json::ToString(payload));
      return Result<json::Value>{nullptr};
    });
  }
  Result<json::Value> Do(std::string verb, std::string subject, json::Value arguments) {
    const model::DeskAct act{std::move(verb), std::move(subject), kKim, false, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return book.Do(act, batch); }, kKim.id);
  }
  Result<json::Value> Send(std::string peer) {
    return Do("send", "", json::Object{{"incident", kIncident}, {"peer", std::move(peer)}, {"kind", "report"}});
  }
  const Notice& Only() const { return *book.List().front(); }
  void Restart() {
    desk.Refold();
    outbox->Start();
  }
  static json::Value AlarmOf(std::string why, std::string from, std::string source = "112") {
    return json::Object{
        {"id", kAlarm},
        {"occurrence", 1},
        {"incident", kIncident},
        {"title", json::Object{{"ko", "112 긴급영상"}}},
        {"severity", 1},
        {"drill", false},
        {"change", json::Object{{"why", std::move(why)}, {"from", std::move(from)}, {"by", model::ToJson(kKim)}}},
        {"memory", json::Object{{"sources", json::Array{std::move(source)}}, {"events", json::Array{"3/17"}}}}};
  }

  desk::FakeDesk desk;
  OutboxBook book;
  Metrics metrics;
  FakeChannel* webhook = nullptr;
  FakeChannel* safety_net = nullptr;
  std::shared_ptr<Outbox> outbox;
  std::vector<model::Event> events;
  std::vector<model::Position> asked;
};

TEST_F(OutboxTest, CarriesANoticeAfterItsIntentIsOnDiskAndRecordsTheResult) {
  const auto sent = Send("maintenance");

  ASSERT_TRUE(sent);
  EXPECT_EQ((*sent)["state"].AsString(), "intended");
  ASSERT_EQ(webhook->carried.size(), 1U);
  EXPECT_EQ(webhook->carried[0].id, (*sent)["id"].AsString());
  EXPECT_EQ(webhook->carried[0].context["title"]["ko"].AsString(), "함체 장애");
  EXPECT_EQ(Only().state, State::kDelivered);
  EXPECT_EQ(Only().attempts, 1);
}

TEST_F(OutboxTest, TriesARepeatableNoticeAgainWithTheSameIdUntilItIsThere) {
  webhook->outcome = {What::kNotSent, "no route"};
  ASSERT_TRUE(Send("maintenance"));
  EXPECT_EQ(Only().next_at, kNoon + 5s);
  desk.Advance(5s);
  EXPECT_EQ(Only().next_at, kNoon + 15s);
  webhook->outcome = {What::kDelivered, {}};

  desk.Advance(10s);

  EXPECT_EQ(Only().state, State::kDelivered);
  EXPECT_EQ(Only().attempts, 3);
  ASSERT_EQ(webhook->carried.size(), 3U);
  EXPECT_EQ(webhook->carried[0].id, webhook->carried[2].id);
  EXPECT_EQ(webhook->carried[0].at, webhook->carried[2].at);
}

TEST_F(OutboxTest, GivesUpAfterEightAttemptsAndSaysWhy) {
  webhook->outcome = {What::kNotSent, "no route"};
  ASSERT_TRUE(Send("maintenance"));

  desk.Advance(2h);

  EXPECT_EQ(Only().state, State::kFailed);
  EXPECT_EQ(Only().error, "no route");
  EXPECT_EQ(webhook->carried.size(), 8U);
}

TEST_F(OutboxTest, DoesNotTryAgainWhatWasRefused) {
  webhook->outcome = {What::kRefused, "HTTP 400"};
  ASSERT_TRUE(Send("maintenance"));
  desk.Advance(2h);

  EXPECT_EQ(Only().state, State::kFailed);
  EXPECT_EQ(webhook->carried.size(), 1U);
}

TEST_F(OutboxTest, SendsARepeatableIntentWithoutAResultAgainAfterACrash) {
  webhook->silent = true;
  ASSERT_TRUE(Send("maintenance"));
  webhook->silent = false;

  Restart();

  EXPECT_EQ(webhook->carried.size(), 2U);
  EXPECT_EQ(Only().state, State::kDelivered);
}

TEST_F(OutboxTest, SendsNothingWhenTheJournalIsOnlyFolded) {
  webhook->silent = true;
  ASSERT_TRUE(Send("maintenance"));

  desk.Refold();

  EXPECT_EQ(webhook->carried.size(), 1U);
}

TEST_F(OutboxTest, RefusesWhomNoChannelReachesAndNamesTheNumber) {
  const auto refused = Send("guardian");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "notice.no_channel");
  EXPECT_NE(refused.error().message.find("010"), std::string::npos);
  EXPECT_EQ(Send("nobody").error().reason, "notice.no_peer");
}

TEST_F(OutboxTest, AnswersTheAgencyWhenItsAlarmIsTakenAndWhenItIsClosed) {
  model::Event event;
  event.source = "112";
  event.type = "112UC001";
  events = {event};

  Add(model::Kind::kAlarm, AlarmOf("acknowledged", "unacked"));
  desk.Advance(1min);
  Add(model::Kind::kAlarm, AlarmOf("closed", "acked"));

  ASSERT_EQ(safety_net->carried.size(), 2U);
  EXPECT_EQ(safety_net->carried[0].kind, "received");
  EXPECT_EQ(safety_net->carried[1].kind, "finished");
  ASSERT_TRUE(safety_net->carried[0].origin);
  EXPECT_EQ(safety_net->carried[0].origin->type, "112UC001");
  EXPECT_EQ(asked, (std::vector<model::Position>{{3, 17}}));
}

TEST_F(OutboxTest, SaysThatAnAnswerWasNotSentWhenTooManyNoticesWait) {
  webhook->silent = true;
  for (std::size_t i = 0; i < OutboxBook::kMaxPending; ++i) ASSERT_TRUE(Send("maintenance"));

  Add(model::Kind::kAlarm, AlarmOf("acknowledged", "unacked"));

  const auto notices = book.List();
  const auto answer = std::ranges::find(notices, "112", [](const Notice* notice) { return notice->peer; });
  ASSERT_NE(answer, notices.end());
  EXPECT_EQ((*answer)->state, State::kFailed);
  EXPECT_EQ((*answer)->error, "10000 notices are waiting already; telephone 112");
  EXPECT_TRUE(safety_net->carried.empty());
}

TEST_F(OutboxTest, WaitsWithAnAnswerUntilTheAgencysMessageCanBeRead) {
  Add(model::Kind::kAlarm, AlarmOf("acknowledged", "unacked"));
  EXPECT_TRUE(safety_net->carried.empty());
  EXPECT_EQ(Only().error, "the agency's message could not be read");
  model::Event event;
  event.source = "112";
  events = {event};

  desk.Advance(5s);

  EXPECT_EQ(safety_net->carried.size(), 1U);
  EXPECT_EQ(Only().state, State::kDelivered);
}

TEST_F(OutboxTest, EndsNothingThatTheAgencyEndedItselfAndAnswersNoOtherSource) {
  Add(model::Kind::kAlarm, AlarmOf("closed", "returned"));
  Add(model::Kind::kAlarm, AlarmOf("acknowledged", "unacked", "bell-gateway"));

  EXPECT_TRUE(safety_net->carried.empty());
}

TEST_F(OutboxTest, TellsAnAgencyNothingOfTheAlarmThatItsLinkIsSilent) {
  json::Value silent = AlarmOf("acknowledged", "unacked");
  silent.Set("service", "ems");

  Add(model::Kind::kAlarm, silent);

  EXPECT_TRUE(book.List().empty());
}

class ScaledOutboxTest : public OutboxTest {
 protected:
  ScaledOutboxTest() : OutboxTest{ChannelKind::kRepeatable, false, 60.0} {}
};

TEST_F(ScaledOutboxTest, WaitsBetweenAttemptsAsNetworksLiveIt) {
  webhook->outcome = {What::kNotSent, "no route"};
  ASSERT_TRUE(Send("maintenance"));

  desk.Advance(60 * 5s - 1us);
  EXPECT_EQ(webhook->carried.size(), 1U);
  desk.Advance(1us);

  EXPECT_EQ(webhook->carried.size(), 2U);
}

class AskTest : public OutboxTest {
 protected:
  AskTest() : OutboxTest{ChannelKind::kAsk} {}
};

TEST_F(AskTest, NeverFiresTwiceButAsksAnOperatorAfterACrash) {
  webhook->silent = true;
  ASSERT_TRUE(Send("maintenance"));
  webhook->silent = false;

  Restart();

  EXPECT_EQ(webhook->carried.size(), 1U);
  EXPECT_EQ(Only().state, State::kNeedsAnswer);
  desk.Advance(24h);
  EXPECT_EQ(webhook->carried.size(), 1U);
}

TEST_F(AskTest, AsksWhenAnAttemptMayHaveGotThere) {
  webhook->outcome = {What::kUnknown, "no answer"};
  ASSERT_TRUE(Send("maintenance"));
  EXPECT_EQ(Only().state, State::kNeedsAnswer);

  ASSERT_TRUE(Do("answer", ToText(Only().id), json::Object{{"answer", "was_sent"}}));

  EXPECT_EQ(Only().state, State::kSent);
  EXPECT_EQ(Do("answer", ToText(Only().id), json::Object{{"answer", "drop"}}).error().reason, "notice.no_question");
}

TEST_F(AskTest, FiresAgainOnlyOnAnOperatorsWord) {
  webhook->outcome = {What::kUnknown, "no answer"};
  ASSERT_TRUE(Send("maintenance"));
  webhook->outcome = {What::kDelivered, {}};

  ASSERT_TRUE(Do("answer", ToText(Only().id), json::Object{{"answer", "send_again"}}));

  EXPECT_EQ(webhook->carried.size(), 2U);
  EXPECT_EQ(Only().state, State::kDelivered);
}

class HeldTest : public OutboxTest {
 protected:
  HeldTest() : OutboxTest{ChannelKind::kRepeatable, true} {}
};

TEST_F(HeldTest, HoldsEverythingUntilItIsReleased) {
  ASSERT_TRUE(Send("maintenance"));
  Restart();
  EXPECT_TRUE(webhook->carried.empty());
  EXPECT_EQ(Only().state, State::kHeld);

  (void)desk.Do([&](desk::DeskBatch& batch) {
    book.Release(batch);
    return Result<json::Value>{nullptr};
  });

  EXPECT_EQ(webhook->carried.size(), 1U);
  EXPECT_EQ(Only().state, State::kDelivered);
}

TEST(Peers, SayLineAndColumnOfWhatIsWrong) {
  const auto parse = [](std::string_view text) {
    const auto root = yaml::Parse(text, "peers.yaml");
    return ParsePeers(*root->Find("peers"), "peers.yaml");
  };

  const auto good = parse(
      "peers:\n  - {id: maintenance, name: {ko: 유지보수}, channel: webhook, url: 'http://127.0.0.1:1/x', phone: "
      "'02'}\n");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->at("maintenance").name.ko, "유지보수");
  EXPECT_TRUE(ToJson(good->at("maintenance"))["url"].IsNull());
  EXPECT_EQ(parse("peers:\n  - {id: x, name: {ko: x}, chanel: webhook}\n").error().message,
            "peers.yaml:2:28: a peer has no 'chanel'");
  EXPECT_EQ(parse("peers:\n  - {id: x, name: {ko: x}, channel: webhook}\n").error().reason, "peers.bad");
  EXPECT_EQ(parse("peers:\n  - {id: x, name: {ko: x}, channel: safety_net, url: 'http://x'}\n").error().reason,
            "peers.bad");
}

TEST(Peers, OfTheDemoCityAreReadBehindTheAgenciesAddress) {
  std::ifstream file{"tools/city/agencies.yaml", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto root = yaml::Parse(text, "agencies.yaml");
  ASSERT_TRUE(root);

  const auto peers = ParsePeers(*root->Find("peers"), "agencies.yaml", "http://127.0.0.1:9100");

  ASSERT_TRUE(peers) << peers.error().message;
  EXPECT_EQ(peers->at("112").url, "http://127.0.0.1:9100/112");
  EXPECT_EQ(peers->at("112").source, "112");
  EXPECT_FALSE(ParsePeers(*root->Find("peers"), "agencies.yaml"));
}

}  // namespace
}  // namespace bongsu::dispatch
