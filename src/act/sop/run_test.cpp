// SPDX-License-Identifier: Apache-2.0
#include "act/sop/run.hpp"

#include <gtest/gtest.h>

namespace bongsu::sop {
namespace {

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};

constexpr std::string_view kBell = R"(
id: bell
version: 3
title: {ko: 비상벨, en: Emergency bell}
service: safety
steps:
  - text: {ko: 10초 안에 응답, en: Answer within 10 s}
    due: 10s
  - id: voice
    text: {ko: 위험하거나 응답이 없는가, en: Danger or silence}
    question:
      answers:
        - {id: danger, label: {ko: 위험, en: Danger}}
        - {id: prank, label: {ko: 장난, en: Prank}}
  - text: {ko: 112 핫라인, en: 112 hotline}
    due: 30s
    if: {voice: [danger]}
    action: {kind: notify, peer: "112", channel: safety_net, label: {ko: 112 통보, en: Notify 112}}
  - text: {ko: 20초 확인 후 종결, en: Close after 20 s}
    if: {voice: [prank]}
)";

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    EXPECT_TRUE(library.Add(kBell, "bell.yaml"));
    const json::Value started = library.Start("bell", "safety", kNoon);
    run = sop::Run{started["procedure"], started["run"], kNoon};
  }
  Result<std::vector<StepChange>> Act(std::size_t n, json::Object arguments, Duration after) {
    auto changes = run.Act(n, {"step", "", kKim, false, std::move(arguments)}, kNoon + after);
    if (changes) {
      for (const StepChange& change : *changes) run.Put(change.step);
    }
    return changes;
  }
  const json::Value& Step(std::size_t n) const { return run.procedure()["steps"].AsArray()[n - 1]; }

  Library library;
  sop::Run run;
};

TEST_F(RunTest, ShowsAStepOnlyAfterItsAnswer) {
  EXPECT_EQ(Step(3)["state"].AsString(), "skipped");
  EXPECT_EQ(run.Progress()["total"].AsInt(), 2);

  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "danger"}}, 5s));

  EXPECT_EQ(Step(2)["answer"].AsString(), "danger");
  EXPECT_EQ(Step(3)["state"].AsString(), "open");
  EXPECT_EQ(Step(4)["state"].AsString(), "skipped");
  EXPECT_EQ(run.Progress()["total"].AsInt(), 3);
  EXPECT_EQ(run.Progress()["done"].AsInt(), 1);
}

TEST_F(RunTest, HidesWhatAnotherAnswerRulesOutButKeepsWhatWasDone) {
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "danger"}}, 5s));
  ASSERT_TRUE(Act(3, {{"act", "done"}}, 6s));

  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "prank"}}, 7s));

  EXPECT_EQ(Step(3)["state"].AsString(), "done");
  EXPECT_EQ(Step(4)["state"].AsString(), "open");
}

TEST_F(RunTest, IsLateAtTheSecond) {
  EXPECT_EQ(run.NextDue(), kNoon + 10s);
  EXPECT_TRUE(run.Late(kNoon + 10s - 1us).empty());

  const auto late = run.Late(kNoon + 10s);

  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].n, 1U);
  EXPECT_TRUE(late[0].step["late"].AsBool());
}

TEST_F(RunTest, TakesTheTrueTimeOfAnActMadeWhileCutOff) {
  for (const StepChange& change : run.Late(kNoon + 1min)) run.Put(change.step);
  ASSERT_TRUE(Act(1, {{"act", "done"}, {"at", FormatUtc(kNoon + 8s)}}, 2min));

  EXPECT_FALSE(Step(1)["late"].AsBool());
  EXPECT_EQ(Step(1)["done_at"].AsString(), FormatUtc(kNoon + 8s));
  EXPECT_EQ(Act(1, {{"act", "done"}, {"at", FormatUtc(kNoon + 5min)}}, 2min).error().reason, "step.at");
  EXPECT_EQ(Act(1, {{"act", "done"}, {"at", FormatUtc(kNoon - 1s)}}, 2min).error().reason, "step.at");
}

TEST_F(RunTest, KeepsTheStampOfAStepThatIsDoneAgain) {
  ASSERT_TRUE(Act(1, {{"act", "done"}}, 3s));

  const auto again = Act(1, {{"act", "done"}}, 20s);

  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(Step(1)["done_at"].AsString(), FormatUtc(kNoon + 3s));
  EXPECT_FALSE(Step(1)["late"].AsBool());
}

TEST_F(RunTest, ForgetsTheAnswerOfAQuestionThatTurnsOutImpossible) {
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "danger"}}, 3s));
  ASSERT_EQ(Step(3)["state"].AsString(), "open");

  ASSERT_TRUE(Act(2, {{"act", "impossible"}, {"reason", "회선 고장"}}, 6s));

  EXPECT_TRUE(Step(2)["answer"].IsNull());
  EXPECT_EQ(Step(3)["state"].AsString(), "skipped");
}

TEST_F(RunTest, IsNotLateWithAStepThatNoLongerApplies) {
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "danger"}}, 3s));
  ASSERT_TRUE(Act(3, {{"act", "done"}}, 6s));
  ASSERT_TRUE(Act(2, {{"act", "answer"}, {"answer", "prank"}}, 9s));

  ASSERT_TRUE(Act(3, {{"act", "undo"}}, 2min));

  EXPECT_EQ(Step(3)["state"].AsString(), "skipped");
  EXPECT_FALSE(Step(3)["late"].AsBool());
}

TEST_F(RunTest, AllowsStepsOutOfOrderAndSaysSo) {
  const auto changes = Act(2, {{"act", "answer"}, {"answer", "prank"}}, 3s);

  ASSERT_TRUE(changes);
  EXPECT_TRUE(changes->front().out_of_order);
  EXPECT_EQ(run.Progress()["next"]["en"].AsString(), "Answer within 10 s");
}

TEST_F(RunTest, WantsAReasonForImpossibleAndTakesItBack) {
  EXPECT_EQ(Act(1, {{"act", "impossible"}}, 3s).error().reason, "step.reason");
  ASSERT_TRUE(Act(1, {{"act", "impossible"}, {"reason", "회선 고장"}}, 3s));
  EXPECT_EQ(Step(1)["reason"].AsString(), "회선 고장");

  ASSERT_TRUE(Act(1, {{"act", "undo"}}, 20s));

  EXPECT_EQ(Step(1)["state"].AsString(), "open");
  EXPECT_TRUE(Step(1)["late"].AsBool());
  EXPECT_TRUE(Step(1)["reason"].IsNull());
  EXPECT_EQ(Act(1, {{"act", "undo"}}, 21s).error().reason, "step.nothing_to_undo");
}

TEST_F(RunTest, RefusesWhatIsNotShownNotThereOrNotAnAnswer) {
  EXPECT_EQ(Act(3, {{"act", "done"}}, 1s).error().reason, "step.not_shown");
  EXPECT_EQ(Act(9, {{"act", "done"}}, 1s).error().reason, "step.unknown");
  EXPECT_EQ(Act(2, {{"act", "answer"}, {"answer", "maybe"}}, 1s).error().reason, "step.answer");
  EXPECT_EQ(Act(1, {{"act", "dance"}}, 1s).error().reason, "step.act");
}

struct Bad {
  std::string_view name;
  std::string_view from;
  std::string_view to;
  std::string_view complaint;
};

TEST(Procedure, SaysFileLineAndColumnOfWhatIsWrong) {
  const std::array bad{
      Bad{"unknown key", "service: safety", "servise: safety", "bell.yaml:5:1: unknown key 'servise'"},
      Bad{"no Korean", "{ko: 비상벨, en: Emergency bell}", "{en: Emergency bell}",
          "bell.yaml:4:8: 'title' needs a Korean text"},
      Bad{"bad due", "due: 10s", "due: soon", "bell.yaml:8:10: 'due' is a time"},
      Bad{"unknown question", "if: {voice: [prank]}", "if: {noise: [prank]}", "bell.yaml:20:10: no question 'noise'"},
      Bad{"unknown answer", "if: {voice: [prank]}", "if: {voice: [joke]}",
          "bell.yaml:20:18: question 'voice' has no answer 'joke'"},
      Bad{"unknown action", "kind: notify", "kind: launch", "bell.yaml:18:13: there is no action kind 'launch'"},
      Bad{"no peer", R"(peer: "112", )", "", "bell.yaml:18:13: notify needs 'peer'"},
      Bad{"bad version", "version: 3", "version: three", "'version' is a whole number"},
      Bad{"bad yaml", "steps:", "steps: [", "bell.yaml:"},
  };
  for (const Bad& item : bad) {
    std::string text{kBell};
    text.replace(text.find(item.from), item.from.size(), item.to);

    const auto procedure = ParseProcedure(text, "bell.yaml");

    ASSERT_FALSE(procedure) << item.name;
    EXPECT_NE(procedure.error().message.find(item.complaint), std::string::npos)
        << item.name << ": " << procedure.error().message;
  }
}

TEST(Procedure, HoldsStepsToEightyCharacters) {
  std::string text{kBell};
  std::string long_text;
  for (int i = 0; i < 81; ++i) long_text += "가";
  const std::string was = "10초 안에 응답";
  text.replace(text.find(was), was.size(), long_text);

  const auto procedure = ParseProcedure(text, "bell.yaml");

  ASSERT_FALSE(procedure);
  EXPECT_EQ(procedure.error().reason, "procedure.bad_text");
}

}  // namespace
}  // namespace bongsu::sop
