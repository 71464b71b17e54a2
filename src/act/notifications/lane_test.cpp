// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/lane.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace bongsu::notifications {
namespace {

using enum Outcome::What;

class LaneTest : public ::testing::Test {
 protected:
  class FakeChannel final : public Channel {
   public:
    explicit FakeChannel(LaneTest& test) : test_{test} {}
    void Send(std::string body, std::function<void(Outcome)> done) override {
      test_.sent_.push_back(std::move(body));
      test_.done_ = std::move(done);
    }

   private:
    LaneTest& test_;
  };

  static Message At(std::uint64_t seq, std::uint16_t partition = 1) {
    Message message;
    message.position = {partition, seq};
    message.at = kStart + Duration{static_cast<std::int64_t>(seq)};
    message.body = fmt::format("{{\"n\":{}}}", seq);
    return message;
  }
  void Answer(Outcome::What what) { std::exchange(done_, nullptr)({what, {}}); }
  void Rest() {
    auto rests = std::exchange(rests_, {});
    for (auto& [delay, work] : rests) work();
  }
  std::shared_ptr<Lane> Make(Duration throttling = Duration{0}, const Endpoint& endpoint = {}) {
    return std::make_shared<Lane>(
        house_, endpoint, throttling, Statistics{},
        Lane::Events{[this](Lane&) { ++asked_; },
                     [this](const Lane& lane) { gaps_ += lane.statistics().gap ? '+' : '-'; }});
  }

  static constexpr TimePoint kStart = FromMicros(1'764'000'000'000'000);
  ManualClock clock_{kStart};
  Metrics metrics_;
  std::deque<std::string> sent_;
  std::function<void(Outcome)> done_;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> rests_;
  int asked_ = 0;
  std::string gaps_;  ///< How its status went: + gap, - no longer.
  LaneHouse house_{[this](std::chrono::milliseconds delay, std::function<void()> work) {
                     rests_.emplace_back(delay, std::move(work));
                   },
                   clock_,
                   [this](const Endpoint&) { return std::make_unique<FakeChannel>(*this); },
                   {.window = 4, .behind_records = 100},
                   metrics_.Counter("sent", ""),
                   metrics_.Counter("failed", ""),
                   metrics_.Counter("refused", ""),
                   metrics_.Counter("gaps", ""),
                   metrics_.Counter("given_up", ""),
                   metrics_.Histogram("seconds", "")};
};

TEST_F(LaneTest, SendsOneAfterTheOtherAndMovesItsCursor) {
  const auto lane = Make();
  lane->Offer(At(5));
  lane->Offer(At(7));

  EXPECT_EQ(sent_, (std::deque<std::string>{R"({"n":5})"}));
  EXPECT_EQ(lane->Cursor(), (std::map<std::uint16_t, std::uint64_t>{{1, 4}}));
  Answer(kDelivered);
  EXPECT_EQ(sent_.back(), R"({"n":7})");
  EXPECT_EQ(lane->Cursor(), (std::map<std::uint16_t, std::uint64_t>{{1, 6}}));
  Answer(kDelivered);
  EXPECT_TRUE(lane->Cursor().empty());
  EXPECT_EQ(lane->statistics().times_sent, 2U);
  EXPECT_EQ(lane->statistics().ToJson()["status"].AsString(), "ok");
}

TEST_F(LaneTest, NothingOvertakesWhatIsStillToBeWrittenOut) {
  const auto lane = Make();
  const auto first = lane->Expect({1, 5}, kStart, 100);
  const auto second = lane->Expect({1, 6}, kStart, 100);
  lane->Offer(At(7));
  lane->Written(second, R"({"n":6})");

  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(lane->waiting(), 3U);
  EXPECT_EQ(lane->Cursor(), (std::map<std::uint16_t, std::uint64_t>{{1, 4}}));
  lane->Written(first, R"({"n":5})");
  Answer(kDelivered);
  Answer(kDelivered);
  Answer(kDelivered);
  EXPECT_EQ(sent_, (std::deque<std::string>{R"({"n":5})", R"({"n":6})", R"({"n":7})"}));
  EXPECT_TRUE(lane->Cursor().empty());
  EXPECT_EQ(house_.bytes, 0U);
}

TEST_F(LaneTest, WhatIsNotToBeToldAfterAllCountsForNothing) {
  const auto lane = Make(Duration{100});
  const auto ticket = lane->Expect({1, 5}, kStart + Duration{5}, 100);
  const auto other = lane->Expect({1, 6}, kStart + Duration{6}, 100);
  lane->Written(other, R"({"n":6})");
  lane->Written(ticket, std::nullopt);

  EXPECT_EQ(sent_, (std::deque<std::string>{R"({"n":6})"})) << "it did not throttle the next one";
  lane->Written(ticket, R"({"n":5})");
  EXPECT_EQ(lane->waiting(), 1U) << "nobody waits for it twice";
}

TEST_F(LaneTest, WhatDoesNotFitIsMissedBehindWhatIsWrittenOut) {
  const auto lane = Make();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) EXPECT_NE(lane->Expect({1, seq}, kStart, 1), 0U);

  EXPECT_EQ(lane->Expect({1, 5}, kStart, 1), 0U);
  EXPECT_TRUE(lane->behind());
  EXPECT_EQ(lane->Cursor(), (std::map<std::uint16_t, std::uint64_t>{{1, 0}}));
  for (std::uint64_t ticket = 1; ticket <= 4; ++ticket) lane->Written(ticket, std::nullopt);
  EXPECT_EQ(asked_, 1) << "there is room: the rest is read";
  const auto late = lane->Expect({2, 1}, kStart, 1);
  lane->CaughtUp(1, 5, {At(5)});
  EXPECT_TRUE(sent_.empty()) << "it waits in line";
  lane->Written(late, std::nullopt);
  EXPECT_EQ(sent_, (std::deque<std::string>{R"({"n":5})"}));
}

TEST_F(LaneTest, SaysAFailedOneAgainBeforeAnythingBehindIt) {
  const auto lane = Make();
  lane->Offer(At(1));
  lane->Offer(At(2));

  Answer(kFailed);
  EXPECT_EQ(sent_.size(), 1U);
  EXPECT_EQ(rests_.front().first, 1s);
  Rest();
  EXPECT_EQ(sent_.back(), R"({"n":1})");
  Answer(kFailed);
  EXPECT_EQ(rests_.front().first, 2s);
  Rest();
  Answer(kDelivered);

  EXPECT_EQ(sent_.back(), R"({"n":2})");
  EXPECT_EQ(lane->statistics().times_failed, 2U);
  EXPECT_EQ(lane->statistics().times_sent, 3U);
}

TEST_F(LaneTest, ARefusedOneIsOverAndCountsAsFailed) {
  const auto lane = Make();
  lane->Offer(At(1));
  lane->Offer(At(2));

  Answer(kRefused);

  EXPECT_EQ(sent_.back(), R"({"n":2})");
  EXPECT_EQ(lane->statistics().ToJson()["status"].AsString(), "failed");
}

TEST_F(LaneTest, TheCooldownOfTheEndpointIsItsPause) {
  Endpoint endpoint;
  endpoint.cooldown = 500ms;
  const auto lane = Make(Duration{0}, endpoint);
  lane->Offer(At(1));

  Answer(kFailed);

  EXPECT_EQ(rests_.front().first, 500ms);
}

TEST_F(LaneTest, KeepsAPlaceInTheJournalInsteadOfWhatDoesNotFit) {
  const auto lane = Make();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) EXPECT_TRUE(lane->Offer(At(seq)));

  EXPECT_FALSE(lane->Offer(At(5)));
  EXPECT_FALSE(lane->Offer(At(9)));
  EXPECT_EQ(asked_, 0) << "no room to read on";
  EXPECT_EQ(lane->missing().at(1).handed, 4U);
  EXPECT_EQ(lane->missing().at(1).last, 9U);
  Answer(kDelivered);
  Answer(kDelivered);
  EXPECT_EQ(asked_, 1);
  EXPECT_FALSE(lane->Offer(At(10))) << "what is missing comes first";

  lane->CaughtUp(1, 9, {At(5), At(9)});
  EXPECT_TRUE(lane->behind()) << "10 came meanwhile";
  Answer(kDelivered);
  Answer(kDelivered);
  EXPECT_EQ(asked_, 2);
  lane->CaughtUp(1, 10, {At(10)});

  EXPECT_FALSE(lane->behind());
  EXPECT_TRUE(lane->Offer(At(11)));
  Answer(kDelivered);
  Answer(kDelivered);
  Answer(kDelivered);
  Answer(kDelivered);
  const std::deque<std::string> in_order{R"({"n":1})", R"({"n":2})", R"({"n":3})",  R"({"n":4})",
                                         R"({"n":5})", R"({"n":9})", R"({"n":10})", R"({"n":11})"};
  EXPECT_EQ(sent_, in_order);
}

TEST_F(LaneTest, AnotherPartitionGoesOnWhileOneIsBehind) {
  const auto lane = Make();
  lane->Missed(1, {.handed = 3, .last = 8});
  EXPECT_EQ(asked_, 1);

  EXPECT_TRUE(lane->Offer(At(1, 2)));

  EXPECT_EQ(lane->Cursor(), (std::map<std::uint16_t, std::uint64_t>{{1, 3}, {2, 0}}));
}

TEST_F(LaneTest, PastTheBoundItGivesUpAndTheNextOneSaysSo) {
  const auto lane = Make();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) lane->Offer(At(seq));
  lane->Offer(At(5));
  lane->Offer(At(200));

  EXPECT_FALSE(lane->behind());
  EXPECT_EQ(lane->waiting(), 1U) << "the one under way";
  EXPECT_EQ(lane->statistics().ToJson()["status"].AsString(), "gap");
  EXPECT_EQ(house_.gaps.value(), 1U);
  EXPECT_EQ(gaps_, "+");
  Answer(kFailed);
  Rest();
  EXPECT_TRUE(sent_.back().starts_with(R"({"gap":{"from":"20)")) << sent_.back();
  Answer(kDelivered);
  EXPECT_EQ(lane->statistics().ToJson()["status"].AsString(), "ok");
  EXPECT_EQ(gaps_, "+-");
  lane->Offer(At(201));
  EXPECT_EQ(sent_.back(), R"({"n":201})");
}

TEST_F(LaneTest, WhatIsReadForAPartitionThatWasGivenUpIsForgottenAndTheNextOneIsRead) {
  const auto lane = Make();
  lane->Missed(1, {.handed = 3, .last = 8});
  ASSERT_EQ(asked_, 1);
  lane->Offer(At(200));  // past the bound while partition 1 is read
  ASSERT_FALSE(lane->behind());
  lane->Missed(2, {.handed = 0, .last = 5});
  ASSERT_EQ(asked_, 1) << "one at a time";

  lane->CaughtUp(1, 8, {At(5)});

  EXPECT_TRUE(sent_.empty()) << "it was given up";
  EXPECT_EQ(asked_, 2) << "it never listens again";
  lane->CaughtUp(2, 5, {At(5, 2)});
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(LaneTest, AReadingThatFailsForAPartitionThatWasGivenUpLetsTheNextOneBeRead) {
  const auto lane = Make();
  lane->Missed(1, {.handed = 3, .last = 8});
  lane->Offer(At(200));
  lane->Missed(2, {.handed = 0, .last = 5});
  ASSERT_EQ(asked_, 1);
  const auto gaps = house_.gaps.value();

  lane->GiveUp(1, "trimmed");

  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(house_.gaps.value(), gaps) << "nothing more is lost";
}

TEST_F(LaneTest, AGapIsOverWhenANotificationThatSaysSoWasDelivered) {
  const auto lane = Make();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) lane->Offer(At(seq));
  lane->Offer(At(5));
  lane->Offer(At(200));

  Answer(kDelivered);  // was under way before
  EXPECT_EQ(lane->statistics().ToJson()["status"].AsString(), "gap");
  lane->Offer(At(201));
  EXPECT_TRUE(sent_.back().starts_with(R"({"gap":)")) << sent_.back();
  Answer(kDelivered);
  EXPECT_EQ(gaps_, "+-");
}

TEST_F(LaneTest, ThrottlingDropsWhatComesTooEarly) {
  const auto lane = Make(Duration{10});
  for (const std::uint64_t seq : {1U, 5U, 10U, 11U, 20U, 21U}) {
    lane->Offer(At(seq));
    if (done_) Answer(kDelivered);
  }

  EXPECT_EQ(sent_, (std::deque<std::string>{R"({"n":1})", R"({"n":11})", R"({"n":21})"}));
}

TEST_F(LaneTest, AnotherEndpointGetsWhatTheOldOneDidNotTake) {
  const auto lane = Make();
  lane->Offer(At(1));
  Answer(kFailed);
  Endpoint other;
  other.uri = "http://127.0.0.1/other";

  lane->set_endpoint(other, Duration{0});

  EXPECT_EQ(sent_.size(), 2U);
  Rest();
  EXPECT_EQ(sent_.size(), 2U) << "the old pause is nobody's";
}

TEST_F(LaneTest, StatisticsComeBackAsTheyWere) {
  Statistics statistics{3, 1, kStart, kStart, kStart + 1s, true, false};
  const auto back = Statistics::FromJson(statistics.ToJson());
  EXPECT_EQ(back.ToJson(), statistics.ToJson());
}

TEST_F(LaneTest, HoldsNoMoreThanItsShardMay) {
  house_.limits.shard_bytes = 20;
  house_.limits.window = 100;
  const auto lane = Make();
  std::uint64_t taken = 0;
  for (std::uint64_t seq = 1; seq <= 50; ++seq) taken += lane->Offer(At(seq)) ? 1 : 0;

  EXPECT_LT(taken, 6U);
  lane->Stop();
  EXPECT_EQ(house_.bytes, 0U);
}

}  // namespace
}  // namespace bongsu::notifications
