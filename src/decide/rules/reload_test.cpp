// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/reload.hpp"

#include <gtest/gtest.h>

#include "decide/rules/testing.hpp"

namespace bongsu::rules {
namespace {

using testing::Bench;
using Ids = std::vector<std::string>;

std::string Document(std::string_view id, std::string_view type, std::string_view more = "") {
  return fmt::format(
      "title: {0}\nid: {0}\nlogsource: {{category: device}}\ndetection:\n  hit: {{type: {1}}}\n  condition: "
      "hit\nlevel: medium\nbongsu: {{service: crime}}\n{2}",
      id, type, more);
}

constexpr std::string_view kFlood = R"(title: Flood
id: flood
correlation: {type: event_count, rules: [bell], group-by: [entity], timespan: 10m, condition: {gte: 3}}
level: high
)";

/// Files as they would be read from disk.
RuleSet::Loaded Disk(const std::map<std::string, std::string>& files) {
  RuleSet::Loaded loaded;
  for (const auto& [name, text] : files) {
    ++loaded.files;
    ReadRules read = ReadRuleFile(text, name, {});
    std::ranges::move(read.rules, std::back_inserter(loaded.rules));
    std::ranges::move(read.complaints, std::back_inserter(loaded.complaints));
  }
  return loaded;
}

std::shared_ptr<const RuleSet> Running(const std::map<std::string, std::string>& files) {
  return RuleSet::Build(Disk(files).rules).set;
}

model::Event Of(const char* type) {
  model::Event event = Bench::Event(0s, type, {});
  event.log_source = {"device", "", ""};
  return event;
}

TEST(PlanReload, SaysWhatIsNewWhatIsOtherAndWhatIsGone) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press") + "---\n" + Document("door", "door.open")},
                                {"b.yaml", Document("pump", "pump.stop")}});

  const auto plan =
      PlanReload(*running, Disk({{"a.yaml", Document("bell", "bell.ring") + "---\n" + Document("door", "door.open")},
                                 {"c.yaml", Document("fire", "fire.seen")}}));

  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->added, Ids{"fire"});
  EXPECT_EQ(plan->changed, Ids{"bell"});
  EXPECT_EQ(plan->removed, Ids{"pump"});
  EXPECT_TRUE(plan->kept.empty());
  EXPECT_NE(plan->set->version(), running->version());
}

TEST(PlanReload, TheSameRulesInOtherFilesAreTheSameVersion) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press") + "---\n" + Document("door", "door.open")}});

  const auto plan = PlanReload(
      *running, Disk({{"x.yaml", Document("door", "door.open")}, {"y.yaml", Document("bell", "bell.press")}}));

  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->changed.empty());
  EXPECT_EQ(plan->set->version(), running->version());
}

TEST(PlanReload, ARuleThatDoesNotLoadAnyMoreStaysAsItRuns) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press") + "---\n" + Document("door", "door.open")}});
  const std::string broken =
      "title: bell\nid: bell\nlogsource: {category: device}\ndetection:\n  hit: {type: bell.press}\n  condition: hit "
      "and nothing\n";

  const auto plan = PlanReload(*running, Disk({{"a.yaml", broken + "---\n" + Document("door", "door.shut")}}));

  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kept, Ids{"bell"});
  EXPECT_EQ(plan->changed, Ids{"door"});
  EXPECT_TRUE(plan->removed.empty());
  ASSERT_EQ(plan->complaints.size(), 1U);
  EXPECT_EQ(plan->complaints[0].rule, "bell");
  EXPECT_EQ(plan->complaints[0].file, "a.yaml");
  EXPECT_EQ(plan->complaints[0].line, 6);
  testing::MapContext context;
  RuleEngine engine{plan->set, context};
  EXPECT_EQ(engine.OnEvent(Of("bell.press")).size(), 1U);
  EXPECT_EQ(engine.OnEvent(Of("door.shut")).size(), 1U);
}

TEST(PlanReload, AFileThatIsNoYamlAnyMoreKeepsAllItsRules) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press") + "---\n" + Document("door", "door.open")},
                                {"b.yaml", Document("pump", "pump.stop")}});

  const auto plan = PlanReload(*running, Disk({{"a.yaml", "title: [bell\n"}}));

  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kept, (Ids{"bell", "door"}));
  EXPECT_EQ(plan->removed, Ids{"pump"});  // its file is gone, and nothing is wrong with that
}

TEST(PlanReload, ACorrelationKeepsTheBaseItReads) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press")}, {"b.yaml", std::string(kFlood)}});

  const auto plan = PlanReload(*running, Disk({{"b.yaml", std::string(kFlood)}}));

  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kept, (Ids{"bell", "flood"}));
  ASSERT_EQ(plan->complaints.size(), 1U);
  EXPECT_EQ(plan->complaints[0].code, "rules.unknown_rule");
  EXPECT_FALSE(plan->set->Find("bell")->Tells());
  EXPECT_EQ(plan->set->version(), running->version());
}

TEST(PlanReload, ABaseTellsAgainWhenItsCorrelationIsGone) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press")}, {"b.yaml", std::string(kFlood)}});
  ASSERT_FALSE(running->Find("bell")->Tells());

  const auto plan = PlanReload(*running, Disk({{"a.yaml", Document("bell", "bell.press")}}));

  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->set->Find("bell")->Tells());
}

TEST(PlanReload, AnEmptyFolderTakesNothingAway) {
  const auto running = Running({{"a.yaml", Document("bell", "bell.press")}});

  EXPECT_EQ(PlanReload(*running, {}).error().reason, "rules.none");
}

}  // namespace
}  // namespace bongsu::rules
