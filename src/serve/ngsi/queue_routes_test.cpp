// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/queue_routes.hpp"

#include "know/desk/fake_desk.hpp"
#include "serve/ngsi/broker_fake.hpp"

namespace bongsu::ngsi {
namespace {

class QueuesTest : public BrokerTest {
 protected:
  QueuesTest() {
    desk_.Keep(book_);
    here_->desk = &desk_;
    here_->book = &book_;
    here_->post = [](const std::function<void()>& work) { work(); };
    SubscriptionHouse house;
    house.find = [this](std::uint16_t) { return here_; };
    house.queues = [this](std::uint16_t, const std::function<void(std::vector<SubscriptionHouse::Queue>)>& done) {
      done(queues_);
    };
    service_.set_subscriptions(std::move(house));
    Serve(QueueRoutes(service_));
  }

  void Subscribe(const std::string& id, const std::string& name, const std::string& members = "") {
    notifications::Subscription subscription;
    subscription.id = id;
    subscription.body =
        json::Parse(
            fmt::format(
                R"({{"subscriptionName":"{}",{}"entities":[{{"type":"https://uri.etsi.org/ngsi-ld/default-context/Gauge","idPattern":"G.*"}}],"notification":{{"endpoint":{{"uri":"mqtt://me:secret@broker/levels"}}}}}})",
                name, members))
            .value();
    EXPECT_TRUE(desk_.Do([&](desk::DeskBatch& batch) -> Result<json::Value> {
      BONGSU_CHECK(book_.Put(subscription, true, batch));
      return json::Value{};
    }));
    queues_.emplace_back().id = id;
  }
  SubscriptionHouse::Queue& QueueOf(const std::string& id) {
    return *std::ranges::find(queues_, id, &SubscriptionHouse::Queue::id);
  }
  std::string Ids(const json::Value& page) {
    std::string ids;
    for (const json::Value& item : page["items"].AsArray())
      ids += (ids.empty() ? "" : " ") + std::string(item["id"].AsString());
    return ids;
  }

  desk::FakeDesk desk_{clock_.Now()};
  notifications::SubscriptionBook book_;
  std::shared_ptr<SubscriptionHouse::Desk> here_ = std::make_shared<SubscriptionHouse::Desk>();
  std::vector<SubscriptionHouse::Queue> queues_;
};

TEST_F(QueuesTest, ShowWhatNeedsSomebodyFirstAndPageThroughAllOfThem) {
  for (const char* id : {"urn:s:1", "urn:s:2", "urn:s:3", "urn:s:5"}) Subscribe(id, "levels");
  Subscribe("urn:s:4", "levels", R"("isActive":false,)");
  QueueOf("urn:s:5").statistics.failed = true;
  QueueOf("urn:s:3").statistics.gap = true;

  std::string walked;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const json::Value found =
        Get("/api/v1/subscription-queues?limit=2" + (cursor.empty() ? "" : "&cursor=" + http::PercentEncode(cursor)));
    walked += Ids(found) + " | ";
    cursor = found["next"].AsString();
    EXPECT_EQ(found["total"].AsInt(), 5);
  }

  EXPECT_EQ(walked, "urn:s:5 urn:s:3 | urn:s:1 urn:s:2 | urn:s:4 | ");
  EXPECT_EQ(cursor, "");
}

TEST_F(QueuesTest, AreFoundByStateByPartOfTheirNameOrEndpointAndById) {
  Subscribe("urn:s:1", "수위 알림");
  Subscribe("urn:s:2", "Air quality");
  QueueOf("urn:s:2").statistics.failed = true;

  const json::Value failing = Get("/api/v1/subscription-queues?state=failing");
  EXPECT_EQ(Ids(failing), "urn:s:2");
  EXPECT_EQ(json::ToString(failing["states"]), R"({"failing":1,"gap":0,"active":1,"paused":0,"expired":0})");
  EXPECT_EQ(Ids(Get("/api/v1/subscription-queues?text=AIR")), "urn:s:2");
  EXPECT_EQ(Ids(Get("/api/v1/subscription-queues?text=" + http::PercentEncode("수위"))), "urn:s:1");
  EXPECT_EQ(Get("/api/v1/subscription-queues?text=broker")["total"].AsInt(), 2);
  EXPECT_EQ(Get("/api/v1/subscription-queues?text=secret")["total"].AsInt(), 0);
  EXPECT_EQ(Ids(Get("/api/v1/subscription-queues?id=urn:s:1")), "urn:s:1");
}

TEST_F(QueuesTest, SayWhomTheyTellAndWhyThatFailed) {
  Subscribe("urn:s:1", "levels");
  auto& queue = QueueOf("urn:s:1");
  queue.waiting = 3;
  queue.behind = 40;
  queue.error = "answered 503";
  queue.statistics.times_sent = 9;
  queue.statistics.times_failed = 2;
  queue.statistics.failed = true;
  queue.statistics.last_failure = clock_.Now();

  EXPECT_EQ(
      json::ToString(Get("/api/v1/subscription-queues")["items"].AsArray().front()),
      R"({"id":"urn:s:1","name":"levels","state":"failing","watches":["Gauge G.*"],"endpoint":"mqtt://broker/levels",)"
      R"("sent":9,"failed":2,"last_success":null,"last_failure":"2025-11-24T16:00:00Z","error":"answered 503","waiting":3,"behind":40,"since":null})");
}

TEST_F(QueuesTest, RefuseWhatIsNoStateAndNoCursor) {
  for (const char* bad : {"state=asleep", "cursor=urn:s:1", "cursor=7:urn:s:1", "limit=1001"})
    EXPECT_EQ(Get(std::string{"/api/v1/subscription-queues?"} + bad, 400)["reason"].AsString(), "http.bad_query")
        << bad;
}

}  // namespace
}  // namespace bongsu::ngsi
