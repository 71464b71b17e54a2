// SPDX-License-Identifier: Apache-2.0
// Pages that come in parts, and the bounds of a query.
#include <set>

#include "serve/ngsi/ngsi_fake.hpp"

namespace bongsu::ngsi {
namespace {

TEST_F(NgsiTest, APageThatIsTooLargeForOneTextComesInPartsWithTheSameContent) {
  MakeRooms(300, 3000);
  for (const std::string media : {"application/json", "application/ld+json", "application/geo+json"}) {
    for (const std::string order : {"", "&orderBy=n;desc"}) {
      const http::Headers accept{{"Accept", media}};
      json::Array small;
      for (int offset = 0; offset < 300; offset += 50) {
        const json::Value page = Body(
            Send("GET", fmt::format("/ngsi-ld/v1/entities?type=Room&limit=50&offset={}{}", offset, order), {}, accept));
        for (const auto& item : page.IsArray() ? page.AsArray() : page["features"].AsArray()) small.push_back(item);
      }

      auto answer = Send("GET", "/ngsi-ld/v1/entities?type=Room&limit=1000&count=true" + order, {}, accept);

      ASSERT_TRUE(answer.parts);
      EXPECT_EQ(answer.content_type, media);
      EXPECT_EQ(http::HeaderOf(answer.headers, "NGSILD-Results-Count"), "300");
      EXPECT_LT(answer.body.size(), 2 * kPartBytes);
      answer = Whole(std::move(answer));
      const json::Value body = Body(answer);
      EXPECT_EQ(body.IsArray() ? body.AsArray() : body["features"].AsArray(), small) << media << order;
      if (media == "application/geo+json") EXPECT_NE(body.Find("@context"), nullptr);
    }
  }
}

TEST_F(NgsiTest, WhatIsNoLongerAskedForIsLeftOutOfTheRestOfAPage) {
  MakeRooms(300, 3000);
  auto answer = Send("GET", "/ngsi-ld/v1/entities?type=Room&q=n>=0&limit=1000");
  ASSERT_TRUE(answer.parts);
  Send("DELETE", "/ngsi-ld/v1/entities/urn:r:298");
  Send("PATCH", "/ngsi-ld/v1/entities/urn:r:299/attrs", R"({"n":{"type":"Property","value":-1}})");

  EXPECT_EQ(Body(Whole(std::move(answer))).AsArray().size(), 298U);
}

TEST_F(NgsiTest, JoinedPagesInPartsHoldWhatSmallPagesHold) {
  MakeLinkedRooms();
  for (const std::string join : {"inline", "flat"}) {
    const std::string rooms = "/ngsi-ld/v1/entities?type=Room&join=" + join + "&joinLevel=2";
    std::set<std::string> small;
    for (int offset = 0; offset < 120; offset += 10) {
      const json::Value page = Body(Whole(Send("GET", fmt::format("{}&limit=10&offset={}", rooms, offset))));
      for (const auto& item : page.AsArray()) small.insert(json::ToString(item));
    }

    auto answer = Send("GET", rooms + "&limit=200");

    ASSERT_TRUE(answer.parts) << join;
    EXPECT_LT(answer.body.size(), 3 * kPartBytes);
    const json::Value whole = Body(Whole(std::move(answer)));
    std::set<std::string> large;
    for (const auto& item : whole.AsArray()) large.insert(json::ToString(item));
    EXPECT_EQ(large.size(), whole.AsArray().size()) << "each once";
    EXPECT_EQ(large, small) << join;
    EXPECT_EQ(large.size(), join == "flat" ? 120U + 4U + 1U : 120U);
    EXPECT_EQ(whole.AsArray().front()["id"].AsString(), "urn:r:100");
    EXPECT_EQ(whole.AsArray().back()["id"].AsString(), join == "flat" ? "urn:city" : "urn:r:219");
  }
}

TEST_F(NgsiTest, APageInPartsSaysByItsStatusWhetherAnythingHadToBeChanged) {
  MakeRooms(300, 3000);
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room&limit=1000";
  const http::Headers prefer{{"Prefer", "ngsi-ld=1.5"}};
  auto plain = Send("GET", rooms, {}, prefer);
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(http::HeaderOf(plain.headers, "Preference-Applied"), "ngsi-ld=1.5");
  ASSERT_TRUE(plain.parts);
  EXPECT_EQ(Body(Whole(std::move(plain))).AsArray().size(), 300U);
  Send("POST", "/ngsi-ld/v1/entities/urn:r:299/attrs", R"({"kind":{"type":"VocabProperty","vocab":"Hall"}})");

  auto answer = Send("GET", rooms, {}, prefer);

  EXPECT_EQ(answer.status, 203) << "the last one is a Property now";
  ASSERT_TRUE(answer.parts);
  const json::Value all = Body(Whole(std::move(answer)));
  ASSERT_EQ(all.AsArray().size(), 300U);
  EXPECT_EQ(json::ToString(all.AsArray().back()["kind"]), R"({"type":"Property","value":"Hall"})");
}

TEST_F(NgsiTest, AnAnswerThatIsKeptForARepeatHasABoundOfItsOwn) {
  MakeRooms(300, 20'000);
  const std::string query = R"({"type":"Query","entities":[{"type":"Room"}]})";
  const std::string address = "/ngsi-ld/v1/entityOperations/query?limit=";
  const http::Headers key{{"Idempotency-Key", "k"}};

  EXPECT_EQ(Send("POST", address + "100", query, key).status, 200);
  const auto refused = Send("POST", address + "300", query, key);

  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Type(refused), "TooManyResults");
  EXPECT_NE(refused.body.find("at most 4194304 bytes"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("leave the key out"), std::string::npos);
  EXPECT_EQ(Body(Whole(Send("POST", address + "300", query))).AsArray().size(), 300U);
}

TEST_F(NgsiTest, AQueryStaysInsideOfItsMemory) {
  MakeRooms(300, 3000);
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 100'000});
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room";

  EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300"))).AsArray().size(), 300U);
  EXPECT_EQ(Type(Send("GET", rooms + "&limit=501")), "TooManyResults");
  for (const std::string join : {"flat", "inline"})
    EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300&join=" + join))).AsArray().size(), 300U) << join;
  EXPECT_EQ(Body(Whole(Send("GET", rooms + "&limit=300", {}, {{"Prefer", "ngsi-ld=1.5"}}))).AsArray().size(), 300U);
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 10'000});
  const auto refused = Send("GET", rooms + "&limit=200&offset=90");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("smaller limit or offset"), std::string::npos) << refused.body;
}

TEST_F(NgsiTest, WhatAnEntityIsPutTogetherFromHasABound) {
  MakeLinkedRooms();
  service_.set_query_limits({.page_entities = 500, .memory_bytes = 5'000});
  const std::string rooms = "/ngsi-ld/v1/entities?type=Room&limit=2&joinLevel=2&join=";

  const auto inlined = Send("GET", rooms + "inline");

  EXPECT_EQ(Type(inlined), "TooManyResults");
  EXPECT_NE(inlined.body.find("more than 5000 bytes of text"), std::string::npos) << inlined.body;
  EXPECT_EQ(Body(Whole(Send("GET", rooms + "flat"))).AsArray().size(), 5U) << "only ids are held over parts";
}

}  // namespace
}  // namespace bongsu::ngsi
