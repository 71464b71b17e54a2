// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "decide/rules/testing.hpp"

namespace bongsu::rules {
namespace {

using testing::Bench;

/// Whether a rule with this detection fits these fields.
bool Fits(std::string_view detection, json::Object fields, Variables variables = {}) {
  Bench bench{fmt::format("title: t\nid: t\nlogsource: {{category: c}}\ndetection:\n{}\n", detection),
              std::move(variables)};
  EXPECT_TRUE(bench.complaints.empty()) << bench.complaints[0].message;
  model::Event event = Bench::Event(0s, "x", std::move(fields));
  event.log_source.category = "c";
  return !bench.Send(event).empty();
}

std::string Complaint(std::string_view detection) {
  Bench bench{fmt::format("title: t\nid: t\nlogsource: {{category: c}}\ndetection:\n{}\n", detection)};
  return bench.complaints.empty() ? "" : fmt::format("{}:{}", bench.complaints[0].line, bench.complaints[0].code);
}

TEST(Sigma, ComparesTextWithoutCaseAndNumbersAsText) {
  EXPECT_TRUE(
      Fits("  s: {Image: 'C:\\CMD.exe', EventID: 1}\n  condition: s", {{"Image", "c:\\cmd.EXE"}, {"EventID", "1"}}));
  EXPECT_TRUE(Fits("  s: {EventID: 1}\n  condition: s", {{"EventID", 1}}));
  EXPECT_FALSE(Fits("  s: {Image|cased: 'CMD'}\n  condition: s", {{"Image", "cmd"}}));
}

TEST(Sigma, FieldNamesAreComparedWithBlanksRemoved) {
  EXPECT_TRUE(Fits("  s: {ThreatName: x}\n  condition: s", {{"Threat Name", "x"}}));
  EXPECT_TRUE(Fits("  s: {Threat Name: x}\n  condition: s", {{"ThreatName", "x"}}));
}

TEST(Sigma, AMissingFieldFitsNoValueTestAndNotOfItIsTrue) {
  EXPECT_FALSE(Fits("  s: {a: x}\n  condition: s", {{"b", "y"}}));
  EXPECT_TRUE(Fits("  s: {a: x}\n  b: {b: y}\n  condition: b and not s", {{"b", "y"}}));
  EXPECT_FALSE(Fits("  s: {a|neq: x}\n  condition: s", {{"b", "y"}}));
  EXPECT_TRUE(Fits("  s: {a|neq: x}\n  condition: s", {{"a", "y"}}));
  EXPECT_TRUE(Fits("  s: {a: null}\n  condition: s", {{"b", "y"}}));
  EXPECT_TRUE(Fits("  s: {a|exists: false}\n  condition: s", {{"b", "y"}}));
}

TEST(Sigma, ModifiersOfText) {
  EXPECT_TRUE(Fits("  s: {a|contains: lo w}\n  condition: s", {{"a", "helLO World"}}));
  EXPECT_TRUE(Fits("  s: {a|startswith: hel}\n  condition: s", {{"a", "Hello"}}));
  EXPECT_FALSE(Fits("  s: {a|endswith: hel}\n  condition: s", {{"a", "Hello"}}));
  EXPECT_TRUE(Fits("  s:\n    a|contains|all: [one, two]\n  condition: s", {{"a", "two, one"}}));
  EXPECT_FALSE(Fits("  s:\n    a|contains|all: [one, two]\n  condition: s", {{"a", "one"}}));
  EXPECT_TRUE(Fits("  s: {a|re: '^h.l{2}o$'}\n  condition: s", {{"a", "hello"}}));
  EXPECT_FALSE(Fits("  s: {a|re: '^H'}\n  condition: s", {{"a", "hello"}}));
  EXPECT_TRUE(Fits("  s: {a|re|i: '^H'}\n  condition: s", {{"a", "hello"}}));
  EXPECT_TRUE(Fits("  s: {a|windash|contains: ' -p '}\n  condition: s", {{"a", "x /p y"}}));
  EXPECT_TRUE(
      Fits("  s: {a|base64offset|contains: 'http://'}\n  condition: s", {{"a", "eGh0dHA6Ly95"}}));  // "xhttp://y"
}

TEST(Sigma, WildcardsCanBeEscaped) {
  EXPECT_TRUE(Fits("  s: {a: 'x*z'}\n  condition: s", {{"a", "x123z"}}));
  EXPECT_TRUE(Fits("  s: {a: 'x?z'}\n  condition: s", {{"a", "x한z"}}));
  EXPECT_FALSE(Fits("  s: {a: 'x\\*z'}\n  condition: s", {{"a", "x1z"}}));
  EXPECT_TRUE(Fits("  s: {a: 'x\\*z'}\n  condition: s", {{"a", "x*z"}}));
}

TEST(Sigma, NumbersNetworksAndOtherFields) {
  EXPECT_TRUE(Fits("  s: {a|gte: 15}\n  condition: s", {{"a", 15}}));
  EXPECT_FALSE(Fits("  s: {a|lt: 15}\n  condition: s", {{"a", "15.5"}}));
  EXPECT_TRUE(Fits("  s: {a|cidr: 10.20.0.0/15}\n  condition: s", {{"a", "10.21.3.4"}}));
  EXPECT_FALSE(Fits("  s: {a|cidr: 10.20.0.0/15}\n  condition: s", {{"a", "10.22.0.1"}}));
  EXPECT_TRUE(Fits("  s: {a|cidr: 'fe80::/10'}\n  condition: s", {{"a", "fe80::1"}}));
  EXPECT_TRUE(Fits("  s: {a|fieldref: b}\n  condition: s", {{"a", "x"}, {"b", "X"}}));
  EXPECT_TRUE(Fits("  s: {a|gt|fieldref: b}\n  condition: s", {{"a", 3}, {"b", 2.5}}));
}

TEST(Sigma, ConditionsCountAndNegate) {
  const std::string_view two = "  s1: {a: x}\n  s2: {b: y}\n  s3: {c: z}\n";
  EXPECT_TRUE(Fits(fmt::format("{}  condition: 1 of s*", two), {{"b", "y"}}));
  EXPECT_FALSE(Fits(fmt::format("{}  condition: all of them", two), {{"a", "x"}, {"b", "y"}}));
  EXPECT_TRUE(Fits(fmt::format("{}  condition: 2 of s*", two), {{"a", "x"}, {"c", "z"}}));
  EXPECT_TRUE(Fits(fmt::format("{}  condition: s1 and not (s2 or s3)", two), {{"a", "x"}}));
  EXPECT_TRUE(Fits("  keywords: [alpha, beta]\n  condition: keywords", {{"any", "xx BETA xx"}}));
  EXPECT_TRUE(Fits("  s:\n    - {a: x}\n    - {b: y}\n  condition: s", {{"b", "y"}}));
}

TEST(Sigma, PlaceholdersNeedTheirValues) {
  EXPECT_TRUE(
      Fits("  s: {zone|expand: '%zones%'}\n  condition: s", {{"zone", "하늘시"}}, {{"zones", {"하늘시", "바다시"}}}));
  EXPECT_EQ(Complaint("  s: {zone|expand: '%zones%'}\n  condition: s"), "5:rules.no_variable");
}

TEST(Sigma, SaysWhatItRefusesAndWhere) {
  EXPECT_EQ(Complaint("  s: {a|loud: x}\n  condition: s"), "5:rules.unknown_modifier");
  EXPECT_EQ(Complaint("  s: {a: x}\n  condition: s and"), "6:rules.bad_condition");
  EXPECT_EQ(Complaint("  s: {a: x}\n  condition: s and (s"), "6:rules.bad_condition");
  EXPECT_EQ(Complaint("  s: {a|re: '(?<=x)y'}\n  condition: s"), "5:rules.bad_regex");
  EXPECT_EQ(Complaint("  s: {a: x}\n  condition: s | count() > 3"), "6:rules.bad_condition");
}

TEST(Sigma, JoinsWithTheContext) {
  Bench bench{R"(
title: Over the warning level
id: river
logsource: {category: sensor}
detection:
  high: {level|gte|fieldref: entity.warningLevel}
  walkway: {entity.walkway: true}
  condition: high and walkway
)"};
  bench.context.entities["WG-1"] = {
      "WaterLevelGauge", {}, {}, json::Value{json::Object{{"warningLevel", 3.5}, {"walkway", true}}}};
  const auto level = [&](double value, const char* entity) {
    model::Event event = Bench::Event(0s, "water.level", {{"level", value}}, entity);
    event.log_source.category = "sensor";
    return bench.Send(event).size();
  };

  EXPECT_EQ(level(3.4, "WG-1"), 0U);
  EXPECT_EQ(level(3.5, "WG-1"), 1U);
  EXPECT_EQ(level(9.0, "WG-2"), 0U);
}

}  // namespace
}  // namespace bongsu::rules
