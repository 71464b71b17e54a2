// SPDX-License-Identifier: Apache-2.0
#include "serve/audit/audit_routes.hpp"

#include <gtest/gtest.h>

#include "guard/house_fake.hpp"

namespace bongsu::api {
namespace {

class AuditRoutesTest : public ::testing::Test {
 protected:
  /// Answer of GET /api/v1/audit?QUERY for an administrator.
  http::Response Get(const std::string& query) {
    return house_.On<http::Response>(1, [&](auto done) {
      Call call;
      call.request.query = *http::ParseQuery(query);
      routes_.front().handler(std::move(call), done);
    });
  }
  void Do(std::string_view act, std::string_view subject, const std::string& actor) {
    (void)house_.Ask([&](auto done) {
      house_.office.OnDesk(
          0, actor, false,
          [&](desk::DeskBatch& batch, const guard::TenantDesk&) -> Result<json::Value> {
            batch.Audit(act, subject, {});
            return json::Value{};
          },
          done);
    });
    house_.clock.Advance(1s);
  }

  guard::FakeHouse house_;
  audit::FakeDeskJournal journal_{house_.DeskOf(0).desk.records()};
  std::shared_ptr<audit::ChainWatch> watch_ =
      std::make_shared<audit::ChainWatch>(audit::ChainWatch::Parts{house_.shards, house_.pool, journal_, *house_.crypto,
                                                                   house_.clock, house_.keys.audit.open},
                                          std::uint16_t{0}, 0U);
  AuditHouse parts_{house_.shards, house_.pool, journal_, house_.directory, [this](std::uint16_t) { return watch_; }};
  Routes routes_ = AuditRoutes(parts_);
};

TEST_F(AuditRoutesTest, ShowsTheFiveItemsNewestFirst) {
  const std::string kim = house_.AddUser("kim", guard::Role::kOperator, "four words and a half");
  Do("alarm.acknowledge", "ALARM", kim + "@10.0.0.7");

  const auto response = Get("limit=1");

  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = *json::Parse(response.body);
  ASSERT_EQ(body["items"].AsArray().size(), 1U);
  const json::Value& item = body["items"].AsArray()[0];
  EXPECT_EQ(item["actor"]["kind"].AsString(), "user");
  EXPECT_EQ(item["actor"]["id"].AsString(), kim);
  EXPECT_EQ(item["actor"]["name"].AsString(), "kim");
  EXPECT_EQ(item["from"].AsString(), "10.0.0.7");
  EXPECT_EQ(item["act"].AsString(), "alarm.acknowledge");
  EXPECT_EQ(item["object"].AsString(), "ALARM");
  EXPECT_EQ(item["result"].AsString(), "done");
  EXPECT_EQ(item["hash"].AsString().size(), 64U);
  EXPECT_TRUE(body["chain"]["ok"].AsBool());
  EXPECT_EQ(body["chain"]["records"].AsInt(), 3) << "made, password set, acknowledged";
}

TEST_F(AuditRoutesTest, FiltersAndPagesWithoutLosingOrRepeating) {
  for (int i = 0; i < 7; ++i) Do("alarm.acknowledge", "A" + std::to_string(i % 2), i < 5 ? "KIM" : "LEE");

  std::vector<std::int64_t> seqs;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const auto body = *json::Parse(Get("actor=KIM&limit=2" + cursor).body);
    for (const json::Value& item : body["items"].AsArray()) seqs.push_back(item["seq"].AsInt());
    if (body.Find("next") == nullptr) break;
    cursor = "&cursor=" + std::string(body["next"].AsString());
  }
  const auto object = *json::Parse(Get("object=A1").body);
  const auto late = *json::Parse(Get("since=" + FormatUtc(guard::FakeHouse::kNoon + 5s)).body);

  EXPECT_EQ(seqs, (std::vector<std::int64_t>{5, 4, 3, 2, 1}));
  EXPECT_EQ(object["items"].AsArray().size(), 3U);
  EXPECT_EQ(late["items"].AsArray().size(), 2U);
  EXPECT_EQ(Get("limit=0").status, 400);
  EXPECT_EQ(Get("cursor=x").status, 400);
  EXPECT_EQ(Get("colour=red").status, 400);
}

TEST_F(AuditRoutesTest, ATamperedRecordTurnsTheChainRed) {
  for (int i = 0; i < 3; ++i) Do("alarm.acknowledge", "A", "KIM");
  house_.DeskOf(0).desk.records()[1].actor = "LEE";

  const auto body = *json::Parse(Get("").body);

  EXPECT_FALSE(body["chain"]["ok"].AsBool());
  EXPECT_EQ(body["chain"]["first_bad"]["seq"].AsInt(), 2);
}

}  // namespace
}  // namespace bongsu::api
