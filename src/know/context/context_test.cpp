// SPDX-License-Identifier: Apache-2.0
#include "know/context/context.hpp"

#include <gtest/gtest.h>

#include "know/context/fake_append.hpp"
#include "know/context/writer.hpp"

namespace bongsu::context {
namespace {

using model::EntityPatch;
using model::PatchOp;

class ContextTest : public ::testing::Test {
 protected:
  Result<WriteOutcome> Write(PatchOp op, const std::string& id, const std::string& body, std::uint16_t tenant = 0) {
    std::optional<Result<WriteOutcome>> answer;
    writer_.Write({tenant, "tester", {}, {op, id, body.empty() ? json::Value{} : json::Parse(body).value()}},
                  [&](Result<WriteOutcome> outcome) { answer = std::move(outcome); });
    return answer.value();
  }

  static std::string At(double lon, double lat, const std::string& type = "x:Camera") {
    return fmt::format(
        R"({{"type":"{}","https://uri.etsi.org/ngsi-ld/location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},{}]}}}},
        "x:n":{{"type":"Property","value":{}}}}})",
        type, lon, lat, lon);
  }

  std::vector<std::string> Ids(const Query& query, std::size_t most = 100) const {
    std::vector<std::string> ids;
    for (const Entity* entity : context_.Select(query, most, false).entities) ids.push_back(entity->id);
    return ids;
  }

  static std::string Same(std::string_view name) { return std::string(name); }
  static Query OfType(std::string_view type) {
    Query query;
    query.selectors.push_back({{}, std::nullopt, TypeQuery::Parse(type, Same).value()});
    return query;
  }

  Context context_;
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  FakeAppend append_{[this](const model::Record& record) { context_.Apply(record); }};
  Writer writer_{context_, append_, clock_};
};

TEST_F(ContextTest, ChangesOnlyThroughCommittedRecords) {
  append_.hold = true;
  std::optional<Result<WriteOutcome>> answer;
  writer_.Write({0, "", {}, {PatchOp::kCreate, "urn:a:1", json::Parse(At(1, 1)).value()}},
                [&](auto outcome) { answer = std::move(outcome); });

  EXPECT_FALSE(answer);
  EXPECT_EQ(context_.Find(0, "urn:a:1"), nullptr);
  append_.Release();

  ASSERT_TRUE(answer && *answer);
  EXPECT_TRUE((*answer)->created);
  EXPECT_NE(context_.Find(0, "urn:a:1"), nullptr);
  EXPECT_EQ(context_.Find(1, "urn:a:1"), nullptr);
}

TEST_F(ContextTest, ASecondCreationWaitsForTheFirstAndIsRefused) {
  append_.hold = true;
  std::vector<std::string> answers;
  const auto note = [&](Result<WriteOutcome> outcome) { answers.push_back(outcome ? "ok" : outcome.error().reason); };
  const WriteRequest create{0, "", {}, {PatchOp::kCreate, "urn:a:1", json::Parse(At(1, 1)).value()}};
  writer_.Write(create, note);
  writer_.Write(create, note);
  EXPECT_EQ(append_.held(), 1U);
  append_.hold = false;

  append_.Release();

  EXPECT_EQ(answers, (std::vector<std::string>{"ok", "ngsi.AlreadyExists"}));
}

TEST_F(ContextTest, ABatchSeesItsOwnEarlierItems) {
  const json::Value body = json::Parse(At(1, 1)).value();
  std::vector<std::string> answers;
  writer_.WriteBatch({{0, "", {}, {PatchOp::kCreate, "urn:a:1", body}, {}},
                      {0, "", {}, {PatchOp::kCreate, "urn:a:1", body}, {}},
                      {0, "", {}, {PatchOp::kDelete, "urn:a:1", {}}},
                      {0, "", {}, {PatchOp::kDelete, "urn:a:1", {}}},
                      {0, "", {}, {PatchOp::kUpsert, "urn:a:1", body}, {}}},
                     [&](auto outcomes) {
                       for (const auto& o : outcomes)
                         answers.push_back(o ? (o->created ? "created" : "ok") : o.error().reason);
                     });

  EXPECT_EQ(answers,
            (std::vector<std::string>{"created", "ngsi.AlreadyExists", "ok", "ngsi.ResourceNotFound", "created"}));
  EXPECT_EQ(append_.log().size(), 3U);
}

TEST_F(ContextTest, ARefusedAppendLeavesNothingBehind) {
  append_.fail_with = Error{Code::kOverloaded, "journal.class_full", "full"};
  EXPECT_EQ(Write(PatchOp::kCreate, "urn:a:1", At(1, 1)).error().reason, "journal.class_full");
  append_.fail_with.reset();

  EXPECT_TRUE(Write(PatchOp::kCreate, "urn:a:1", At(1, 1)));
}

TEST_F(ContextTest, AnswersWhatTheStandardAsksForWhenSomethingIsMissing) {
  EXPECT_EQ(Write(PatchOp::kUpdate, "urn:a:1", R"({"x:n":{"type":"Property","value":1}})").error().reason,
            "ngsi.ResourceNotFound");
  ASSERT_TRUE(Write(PatchOp::kCreate, "urn:a:1", At(1, 1)));

  EXPECT_EQ(Write(PatchOp::kPartial, "urn:a:1", R"({"x:m":{"value":1}})").error().reason, "ngsi.ResourceNotFound");
  EXPECT_EQ(Write(PatchOp::kPartial, "urn:a:1", R"({"x:n":{"type":"Relationship","object":"urn:b:1"}})").error().reason,
            "ngsi.BadRequestData");
  EXPECT_EQ(Write(PatchOp::kDeleteAttribute, "urn:a:1", R"({"attribute":"x:m"})").error().reason,
            "ngsi.ResourceNotFound");
  const auto kept = Write(PatchOp::kAppendNoOverwrite, "urn:a:1",
                          R"({"x:n":{"type":"Property","value":1},"x:m":{"type":"Property","value":1}})");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->updated, std::vector<std::string>{"x:m"});
  ASSERT_EQ(kept->not_updated.size(), 1U);
  EXPECT_EQ(kept->not_updated[0].first, "x:n");
}

TEST_F(ContextTest, FindsByTypeInTheOrderOfIds) {
  for (const int n : {3, 1, 2}) Write(PatchOp::kCreate, "urn:c:" + std::to_string(n), At(n, 1));
  Write(PatchOp::kCreate, "urn:b:1", At(1, 1, "x:Bell"));

  EXPECT_EQ(Ids(OfType("x:Camera")), (std::vector<std::string>{"urn:c:1", "urn:c:2", "urn:c:3"}));
  EXPECT_EQ(Ids(OfType("x:Camera|x:Bell"), 2), (std::vector<std::string>{"urn:b:1", "urn:c:1"}));
  EXPECT_TRUE(Ids(OfType("(x:Camera;x:Bell)")).empty());
  Write(PatchOp::kAppend, "urn:b:1", R"({"type":"x:Camera"})");
  EXPECT_EQ(Ids(OfType("(x:Camera;x:Bell)")), std::vector<std::string>{"urn:b:1"});
  Write(PatchOp::kDelete, "urn:c:2", "");
  EXPECT_EQ(context_.Select(OfType("x:Camera"), 1, true).total, 3U);
}

TEST_F(ContextTest, FindsByPlaceAlsoAfterAMove) {
  Query near;
  near.geo = GeoQuery::Parse("near;maxDistance==2000", "Point", "[126.6,35.8]", std::string(kLocation)).value();
  Write(PatchOp::kCreate, "urn:c:1", At(126.61, 35.8));
  Write(PatchOp::kCreate, "urn:c:2", At(127.61, 35.8));
  EXPECT_EQ(Ids(near), std::vector<std::string>{"urn:c:1"});

  Write(PatchOp::kUpsert, "urn:c:1", At(128.61, 35.8));
  Write(PatchOp::kUpsert, "urn:c:2", At(126.6, 35.805));

  EXPECT_EQ(Ids(near), std::vector<std::string>{"urn:c:2"});
  Write(PatchOp::kDeleteAttribute, "urn:c:2", R"({"attribute":"https://uri.etsi.org/ngsi-ld/location"})");
  EXPECT_TRUE(Ids(near).empty());
}

TEST_F(ContextTest, FindsAreasThroughTheIndexToo) {
  Write(PatchOp::kCreate, "urn:area:1",
        R"({"type":"x:Area","https://uri.etsi.org/ngsi-ld/location":{"type":"GeoProperty","value":
      {"type":"Polygon","coordinates":[[[126,35],[127,35],[127,36],[126,36],[126,35]]]}}})");
  Query query;
  for (const auto& [relation, found] : std::vector<std::pair<std::string, std::size_t>>{{"contains", 1},
                                                                                        {"intersects", 1},
                                                                                        {"within", 0},
                                                                                        {"disjoint", 0},
                                                                                        {"near;maxDistance==10", 1},
                                                                                        {"near;minDistance==10", 0}}) {
    query.geo = GeoQuery::Parse(relation, "Point", "[126.5,35.5]", std::string(kLocation)).value();
    EXPECT_EQ(Ids(query).size(), found) << relation;
  }
}

TEST_F(ContextTest, AReplacedOrRecreatedEntityStaysInItsIndexes) {
  Write(PatchOp::kCreate, "urn:c:1", At(126.6, 35.8));
  Write(PatchOp::kReplace, "urn:c:1", At(126.6, 35.8, "x:Bell"));
  EXPECT_TRUE(Ids(OfType("x:Camera")).empty());
  EXPECT_EQ(Ids(OfType("x:Bell")).size(), 1U);
  Write(PatchOp::kDelete, "urn:c:1", "");
  EXPECT_TRUE(Ids(OfType("x:Bell")).empty());
  EXPECT_EQ(context_.size(), 0U);
  Write(PatchOp::kCreate, "urn:c:1", At(126.6, 35.8));
  EXPECT_EQ(Ids(OfType("x:Camera")).size(), 1U);
  EXPECT_EQ(context_.size(), 1U);
}

TEST_F(ContextTest, FoldingTheLogAgainGivesTheSameHash) {
  for (int n = 0; n < 50; ++n) Write(PatchOp::kCreate, "urn:c:" + std::to_string(n), At(n, 1));
  for (int n = 0; n < 50; n += 3)
    Write(PatchOp::kMerge, "urn:c:" + std::to_string(n), R"({"x:n":{"type":"Property","value":7}})");
  for (int n = 0; n < 50; n += 7) Write(PatchOp::kDelete, "urn:c:" + std::to_string(n), "");

  Context again;
  for (const auto& record : append_.log()) again.Apply(record);
  for (const auto& record : append_.log()) EXPECT_EQ(again.Apply(record), Change::kNothing);

  EXPECT_EQ(again.Hash().Text(), context_.Hash().Text());
  Context loaded;
  context_.ForEach([&](const Entity& entity) { loaded.Load(Decode(Encode(entity), loaded.names()).value()); });
  EXPECT_EQ(loaded.Hash().Text(), context_.Hash().Text());
}

TEST_F(ContextTest, AnExpiredEntityIsGoneAndCanBeCreatedAgain) {
  clock_.Set(FromMicros(1'764'000'100'000'000));
  append_.set_now(clock_.Now());
  ASSERT_TRUE(Write(PatchOp::kCreate, "urn:c:1", R"({"type":"x:Camera","expiresAt":"2025-11-24T16:00:00Z"})"));
  Query query = OfType("x:Camera");
  query.now = clock_.Now();

  EXPECT_TRUE(Ids(query).empty());
  EXPECT_EQ(Write(PatchOp::kDelete, "urn:c:1", "").error().reason, "ngsi.ResourceNotFound");
  EXPECT_TRUE(Write(PatchOp::kCreate, "urn:c:1", At(1, 1)));
  EXPECT_EQ(Ids(query).size(), 1U);
}

}  // namespace
}  // namespace bongsu::context
