// SPDX-License-Identifier: Apache-2.0
#include "know/context/warmth.hpp"

#include <gtest/gtest.h>

#include "know/context/cold_store_fake.hpp"
#include "know/context/fake_append.hpp"
#include "know/context/writer.hpp"

namespace bongsu::context {
namespace {

using model::PatchOp;

constexpr std::size_t kAll = 100'000;  // steps of the hand

class WarmthTest : public ::testing::Test {
 protected:
  explicit WarmthTest(std::size_t memory_bytes = 1) : context_{{}, {.memory_bytes = memory_bytes, .max_reads = 50}} {
    context_.set_cold_store(&store_);
  }

  static std::string Id(int n) { return fmt::format("urn:a:{:03}", n); }
  static std::string Body(int n) {
    return fmt::format(
        R"({{"type":"x:T","x:n":{{"type":"Property","value":{}}},"x:text":{{"type":"Property","value":"{:0100}"}}}})",
        n, n);
  }
  void Change(PatchOp op, const std::string& id, const std::string& body) {
    model::Record record;
    record.kind = model::Kind::kEntity;
    record.position = {99, ++seq_};  // not where the writer's go
    record.ingest_time = clock_.Now();
    context_.Apply(record, {op, id, body.empty() ? json::Value{} : json::Parse(body).value()});
  }
  void Fill(int count) {
    for (int n = 0; n < count; ++n) Change(PatchOp::kCreate, Id(n), Body(n));
  }
  void SaveAll() {
    context_.ForEach([this](const Entity& entity) {
      if (entity.cold == 0) store_.Save(entity);
    });
  }
  Warmth::Cooled Cool() {
    return context_.Cool(kAll, [this](const Entity& entity) { return store_.Saved(entity); });
  }
  /// Without looking: a look touches.
  bool IsCold(const std::string& id) const {
    std::vector<ColdKey> keys;
    context_.NoteCold(0, id, keys);
    return !keys.empty();
  }
  std::optional<Result<void>> Await(const std::string& id, const std::string& more = {}) {
    std::vector<ColdKey> keys;
    context_.Note(0, id, keys);
    if (!more.empty()) context_.Note(0, more, keys);
    context_.Await(std::move(keys), [this](const Result<void>& whole) { awaited_ = whole; });
    return awaited_;
  }
  /// By another way than the readings that wait.
  void TakeBack(const std::string& id) {
    std::vector<ColdKey> keys;
    context_.NoteCold(0, id, keys);
    ASSERT_EQ(keys.size(), 1U);
    ASSERT_TRUE(context_.TakeBack(keys.front(), store_.row(id)));
  }
  std::optional<Result<std::string>> Shown(const std::string& id) {
    std::optional<Result<std::string>> shown;
    context_.WhenWhole(0, id, [&](const Result<const Entity*>& entity) {
      shown = entity ? Result<std::string>{*entity != nullptr ? Encode(**entity) : "none"}
                     : tl::unexpected<Error>(entity.error());
    });
    store_.AnswerAll();
    return shown;
  }
  std::optional<Result<Context::Selection>> Ask(const Context::Question& question) {
    std::optional<Result<Context::Selection>> answer;
    context_.Ask(question, [&](Result<Context::Selection> selection) {
      ids_.clear();
      if (selection) {
        for (const Entity* entity : selection->entities) ids_.push_back(entity->id);
      }
      answer = std::move(selection);
    });
    store_.AnswerAll();
    return answer;
  }
  static std::shared_ptr<const Query> Asking(const std::string& q) {
    auto query = std::make_shared<Query>();
    query->q = ValueQuery::Parse(q, {[](std::string_view name) { return std::string(name); }, {}, false}).value();
    return query;
  }

  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  ColdStoreFake store_;
  Context context_;
  std::uint64_t seq_ = 0;
  std::optional<Result<void>> awaited_;
  std::vector<std::string> ids_;
};

TEST_F(WarmthTest, ARestingEntityGoesColdAndComesBackAsItWas) {
  Fill(3);
  SaveAll();
  const std::string before = Encode(*context_.Find(0, Id(1)));
  const std::string hash = context_.Hash().Text();

  EXPECT_EQ(Cool(), Warmth::Cooled::kFits);

  EXPECT_EQ(context_.warmth().cold(), 3U);
  EXPECT_EQ(context_.warmth().bytes(), 0U);
  EXPECT_TRUE(context_.Find(0, Id(1))->attributes.empty());
  EXPECT_EQ(Shown(Id(1)).value().value(), before);
  EXPECT_FALSE(IsCold(Id(1)));
  EXPECT_TRUE(IsCold(Id(0)));
  Shown(Id(0));
  Shown(Id(2));
  EXPECT_EQ(context_.Hash().Text(), hash);
  EXPECT_EQ(context_.warmth().cold(), 0U);
}

TEST_F(WarmthTest, WithoutABoundNothingEverGoesCold) {
  Context unbounded;
  EXPECT_FALSE(unbounded.warmth().bounded());
  EXPECT_EQ(unbounded.Cool(kAll, [](const Entity&) { return true; }), Warmth::Cooled::kFits);
}

TEST_F(WarmthTest, WhatIsNotSavedStaysWhole) {
  Fill(3);
  SaveAll();
  Change(PatchOp::kUpsert, Id(1), Body(7));

  EXPECT_EQ(Cool(), Warmth::Cooled::kStuck);

  EXPECT_EQ(context_.warmth().cold(), 2U);
  EXPECT_FALSE(IsCold(Id(1)));
}

class RoomyWarmthTest : public WarmthTest {
 protected:
  RoomyWarmthTest() : WarmthTest{3'000} {}
};

TEST_F(RoomyWarmthTest, WhatWasTouchedSinceTheHandCameByStaysForAnotherRound) {
  Fill(20);
  SaveAll();
  Cool();
  ASSERT_GT(context_.warmth().cold(), 0U);
  ASSERT_LE(context_.warmth().bytes(), 3'000U);
  std::vector<std::string> whole;
  for (int n = 0; n < 20; ++n) {
    if (!IsCold(Id(n))) whole.push_back(Id(n));
  }
  ASSERT_GE(whole.size(), 2U);
  (void)context_.Find(0, whole.front());

  for (int n = 20; n < 22; ++n) Change(PatchOp::kCreate, Id(n), Body(n));
  SaveAll();
  Cool();

  EXPECT_FALSE(IsCold(whole.front()));
}

TEST_F(RoomyWarmthTest, TheHandStopsWhenItsTimeIsUpAndGoesOnWhereItStood) {
  Fill(40);
  SaveAll();
  const auto saved = [this](const Entity& entity) { return store_.Saved(entity); };
  std::size_t slices = 1;
  while (context_.Cool(5, saved) == Warmth::Cooled::kMore) ++slices;
  EXPECT_GT(slices, 5U);
  EXPECT_LE(context_.warmth().bytes(), 3'000U);
}

TEST_F(WarmthTest, WhatWasReadBeforeAChangeIsNotPutBack) {
  Fill(1);
  SaveAll();
  Cool();
  Await(Id(0));  // this reading is slow
  ASSERT_TRUE(store_.waits());
  TakeBack(Id(0));
  Change(PatchOp::kReplace, Id(0), Body(5));
  SaveAll();
  EXPECT_EQ(Cool(), Warmth::Cooled::kStuck) << "it is awaited";

  store_.AnswerAll();

  ASSERT_TRUE(awaited_ && *awaited_);
  EXPECT_NE(context_.Find(0, Id(0))->Find("x:n")->json.find(":5"), std::string::npos);
  EXPECT_EQ(Cool(), Warmth::Cooled::kFits);
  EXPECT_TRUE(IsCold(Id(0)));
}

TEST_F(WarmthTest, WhatIsAwaitedTogetherIsWholeTogether) {
  Fill(2);
  SaveAll();
  Cool();
  Shown(Id(1));
  ASSERT_FALSE(IsCold(Id(1)));
  Await(Id(0), Id(1));
  EXPECT_EQ(Cool(), Warmth::Cooled::kStuck);
  EXPECT_FALSE(IsCold(Id(1))) << "the other one is read for the same";
  store_.AnswerAll();
  ASSERT_TRUE(awaited_ && *awaited_);
  EXPECT_FALSE(IsCold(Id(0)) || IsCold(Id(1)));
  EXPECT_EQ(Cool(), Warmth::Cooled::kFits);
  EXPECT_EQ(context_.warmth().cold(), 2U);
}

TEST_F(WarmthTest, AnEntityThatIsGoneMeanwhileIsAwaitedNoLonger) {
  Fill(1);
  SaveAll();
  Cool();
  Await(Id(0));
  TakeBack(Id(0));
  Change(PatchOp::kDelete, Id(0), "");
  store_.AnswerAll();
  ASSERT_TRUE(awaited_ && *awaited_);
  EXPECT_EQ(context_.Find(0, Id(0)), nullptr);
  EXPECT_EQ(context_.warmth().cold(), 0U);
}

TEST_F(WarmthTest, ARowThatWentWithItsEntityWhileAReadWaitedIsNoError) {
  Fill(2);
  SaveAll();
  Cool();
  Await(Id(0));
  TakeBack(Id(0));
  Change(PatchOp::kDelete, Id(0), "");
  store_.Forget(Id(0));
  store_.AnswerAll();
  EXPECT_TRUE(awaited_ && *awaited_);

  store_.Forget(Id(1));
  EXPECT_EQ(Shown(Id(1)).value().error().code, Code::kCorrupt) << "it is there, its row is not";
}

TEST_F(WarmthTest, AFailedReadIsToldAndTheEntityStaysCold) {
  Fill(1);
  SaveAll();
  Cool();
  store_.fails = true;
  EXPECT_EQ(Shown(Id(0)).value().error().reason, "state.read");
  EXPECT_TRUE(IsCold(Id(0)));
  store_.fails = false;
  EXPECT_TRUE(Shown(Id(0)).value());
}

TEST_F(WarmthTest, AQuestionReadsOnlyWhatMayMatchAndLeavesItCold) {
  Fill(20);
  Change(PatchOp::kCreate, "urn:b:1", R"({"type":"x:U","x:other":{"type":"Property","value":1}})");
  SaveAll();
  Cool();

  ASSERT_TRUE(Ask({.query = Asking("x:n>=17"), .most = 100, .count = true}).value());
  EXPECT_EQ(ids_, (std::vector<std::string>{Id(17), Id(18), Id(19)}));
  EXPECT_EQ(context_.warmth().cold(), 21U);

  store_.asked.clear();
  auto with = std::make_shared<Query>();
  with->attributes = {"x:other"};
  ASSERT_TRUE(Ask({.query = with, .most = 100}).value());
  EXPECT_EQ(ids_, std::vector<std::string>{"urn:b:1"});
  EXPECT_TRUE(store_.asked.empty()) << "which attributes it has is known";

  ASSERT_TRUE(Ask({.query = with, .most = 100, .whole = true, .memory_bytes = 10'000}).value());
  EXPECT_EQ(store_.asked, std::vector<std::size_t>{1});
}

TEST_F(WarmthTest, AQuestionForWholeEntitiesHoldsThemWhileItIsAnswered) {
  Fill(5);
  SaveAll();
  Cool();
  std::vector<std::string> texts;
  context_.Ask({.query = Asking("x:n>2"), .most = 100, .whole = true, .memory_bytes = 100'000},
               [&](const Result<Context::Selection>& selection) {
                 for (const Entity* entity : selection.value().entities) texts.push_back(entity->Find("x:n")->json);
               });
  store_.AnswerAll();
  EXPECT_EQ(texts, (std::vector<std::string>{R"({"type":"Property","value":3})", R"({"type":"Property","value":4})"}));
  EXPECT_EQ(context_.warmth().cold(), 5U);
}

TEST_F(WarmthTest, AQuestionIsRefusedWhenItWouldReadOrHoldTooMuch) {
  Fill(60);
  SaveAll();
  Cool();
  const auto many = Ask({.query = Asking("x:n>=0"), .most = 100});
  EXPECT_EQ(many.value().error().reason, "ngsi.TooComplexQuery");
  EXPECT_NE(many.value().error().message.find("query_indexes"), std::string::npos);

  auto some = std::make_shared<Query>(*Asking("x:n>=0"));
  some->selectors.push_back({{Id(1), Id(2), Id(3)}, std::nullopt, std::nullopt});
  const auto large = Ask({.query = some, .most = 100, .whole = true, .memory_bytes = 1'000});
  EXPECT_EQ(large.value().error().reason, "ngsi.TooComplexQuery");
  EXPECT_TRUE(Ask({.query = some, .most = 100}).value());
}

TEST_F(WarmthTest, AnEntityThatChangesWhileAQuestionReadsIsHeldAgainstItAsItIsNow) {
  Fill(3);
  SaveAll();
  Cool();
  std::optional<std::vector<std::string>> found;
  context_.Ask({.query = Asking("x:n==1"), .most = 100}, [&](const Result<Context::Selection>& selection) {
    found.emplace();
    for (const Entity* entity : selection.value().entities) found->push_back(entity->id);
  });
  TakeBack(Id(1));
  Change(PatchOp::kReplace, Id(1), Body(9));
  store_.AnswerAll();
  EXPECT_EQ(found, std::vector<std::string>{});
}

class ColdWriterTest : public WarmthTest {
 protected:
  std::shared_ptr<std::optional<Result<WriteOutcome>>> Write(PatchOp op, const std::string& id,
                                                             const std::string& body) {
    auto answer = std::make_shared<std::optional<Result<WriteOutcome>>>();
    writer_.Write({0, "tester", {}, {op, id, body.empty() ? json::Value{} : json::Parse(body).value()}},
                  [answer](Result<WriteOutcome> outcome) { *answer = std::move(outcome); });
    return answer;
  }

  FakeAppend append_{[this](const model::Record& record) { context_.Apply(record); }};
  Writer writer_{context_, append_, clock_};
};

constexpr auto kOne = R"({"x:n":{"type":"Property","value":1}})";

TEST_F(ColdWriterTest, AWriteAwaitsItsEntityAndKeepsItWholeUntilItIsFolded) {
  append_.hold = true;
  Fill(2);
  SaveAll();
  Cool();
  const auto answer = Write(PatchOp::kPartial, Id(0), kOne);
  EXPECT_EQ(append_.held(), 0U);
  store_.AnswerAll();
  EXPECT_EQ(append_.held(), 1U);
  Cool();
  EXPECT_FALSE(IsCold(Id(0))) << "its record is on the way";
  append_.Release();
  EXPECT_TRUE(*answer && **answer);
}

TEST_F(ColdWriterTest, WritesToOneEntityStayInOrderBehindTheStore) {
  Fill(2);
  SaveAll();
  Cool();
  append_.hold = true;
  const auto first = Write(PatchOp::kUpdate, Id(0), kOne);
  const auto second = Write(PatchOp::kDelete, Id(0), "");
  const auto third = Write(PatchOp::kUpdate, Id(0), kOne);
  EXPECT_FALSE(*first || *second || *third);
  store_.AnswerAll();
  EXPECT_FALSE(*first || *second || *third);
  Cool();
  EXPECT_FALSE(IsCold(Id(0)));
  while (!*third) append_.Release();
  EXPECT_TRUE(**first);
  EXPECT_TRUE(**second);
  EXPECT_EQ((*third)->error().reason, "ngsi.ResourceNotFound");
  EXPECT_EQ(writer_.waiting(), 0U);
}

TEST_F(ColdWriterTest, AWriteWhoseEntityCannotBeReadIsRefusedAndTheNextOneGoesOn) {
  Fill(1);
  SaveAll();
  Cool();
  store_.fails = true;
  const auto refused = Write(PatchOp::kUpdate, Id(0), kOne);
  store_.AnswerAll();
  EXPECT_EQ((*refused)->error().reason, "state.read");
  store_.fails = false;
  const auto done = Write(PatchOp::kUpdate, Id(0), kOne);
  store_.AnswerAll();
  EXPECT_TRUE(*done && **done);
  EXPECT_EQ(writer_.waiting(), 0U);
}

}  // namespace
}  // namespace bongsu::context
