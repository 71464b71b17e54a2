// SPDX-License-Identifier: Apache-2.0
#include "know/history/aggregate.hpp"

#include <gtest/gtest.h>

#include "know/history/number.hpp"

namespace bongsu::history {
namespace {

const TimePoint kNoon = ParseTime("2026-01-31T12:00:00Z").value();
const auto kShell = std::make_shared<const std::string>(R"({"type":"Property"})");

Sample Make(TimePoint at, const std::string& text) {
  Sample sample;
  sample.id = {at, 0};
  sample.observed = at;
  sample.observed_digits = 0;
  sample.text = text;
  if (const auto number = NumberIn(text)) {
    sample.value_class = ValueClass::kNumber;
    sample.number = *number;
  }
  sample.shell = kShell;
  return sample;
}

TEST(Period, ReadsDurationsAndRefusesOthers) {
  EXPECT_EQ(ParsePeriod("PT15M")->rest, 15min);
  EXPECT_EQ(ParsePeriod("P1DT1H0.5S")->rest, 25h + 500ms);
  EXPECT_EQ(ParsePeriod("P1DT1H")->rest, 25h);
  EXPECT_EQ(ParsePeriod("PT0.5S")->rest, 500ms);
  EXPECT_EQ(ParsePeriod("P1Y2M")->months, 14);
  EXPECT_TRUE(ParsePeriod("PT0S")->whole());
  for (const char* bad :
       {"", "P", "PT", "1D", "P1", "P1H", "PT1D", "P-1D", "P1.5M", "PT1S1S", "P1DT", "P1D ", "PT1e3S"})
    EXPECT_FALSE(ParsePeriod(bad)) << bad;
}

TEST(Period, MonthsEndWhereTheMonthEnds) {
  EXPECT_EQ(FormatUtc(Advance(kNoon, *ParsePeriod("P1M"), 1)), "2026-02-28T12:00:00Z");
  EXPECT_EQ(FormatUtc(Advance(kNoon, *ParsePeriod("P1M"), 2)), "2026-03-31T12:00:00Z");
  EXPECT_EQ(FormatUtc(Advance(kNoon, *ParsePeriod("PT6H"), -3)), "2026-01-30T18:00:00Z");
}

TEST(Aggregate, SumsNumbersInBuckets) {
  Aggregate hours({Method::kAvg}, *ParsePeriod("PT1H"), kNoon, std::nullopt);
  for (int minute = 0; minute < 180; minute += 30)
    hours.Add(Make(kNoon + minute * 1min, std::to_string(minute)), kNoon + minute * 1min);

  const auto average = hours.Of(Method::kAvg);

  ASSERT_TRUE(average);
  ASSERT_EQ(average->size(), 3U);
  EXPECT_EQ((*average)[1].start, kNoon + 1h);
  EXPECT_EQ((*average)[1].end, kNoon + 2h);
  EXPECT_EQ((*average)[1].value.AsDouble(), 75);
  EXPECT_EQ((*hours.Of(Method::kStddev))[1].value.AsDouble(), 15);
  EXPECT_EQ((*hours.Of(Method::kSumsq))[1].value.AsDouble(), 60 * 60 + 90 * 90);
  EXPECT_EQ((*hours.Of(Method::kTotalCount))[1].value.AsInt(), 2);
}

TEST(Aggregate, AHeadCountsLikeItsSamples) {
  std::vector<Sample> samples;
  for (int i = 0; i < 200; ++i) samples.push_back(Make(kNoon + i * 1s, std::to_string(i % 17) + ".5"));
  const std::vector<Method> all{Method::kAvg, Method::kSum,    Method::kMin,
                                Method::kMax, Method::kStddev, Method::kSumsq};
  Aggregate one(all, *ParsePeriod("PT1H"), kNoon, std::nullopt);
  Aggregate other(all, *ParsePeriod("PT1H"), kNoon, std::nullopt);
  for (const auto& sample : samples) one.Add(sample, sample.observed);

  ASSERT_TRUE(other.AddWhole(DecodeHead(EncodeChunk(samples)).value()));

  for (const Method method : all)
    EXPECT_EQ((*one.Of(method))[0].value, (*other.Of(method))[0].value) << MethodName(method);
  Aggregate minutes(all, *ParsePeriod("PT1M"), kNoon, std::nullopt);
  EXPECT_FALSE(minutes.AddWhole(DecodeHead(EncodeChunk(samples)).value()));
}

TEST(Aggregate, TakesOfOtherValuesWhatTheyHave) {
  Aggregate words({Method::kMin, Method::kDistinctCount}, {}, std::nullopt, std::nullopt);
  for (const char* text : {"\"b\"", "\"a\"", "\"b\""}) words.Add(Make(kNoon, text), kNoon);
  EXPECT_EQ((*words.Of(Method::kMin))[0].value.AsString(), "a");
  EXPECT_EQ((*words.Of(Method::kDistinctCount))[0].value.AsInt(), 2);
  EXPECT_EQ(words.Of(Method::kAvg).error().reason, "ngsi.InvalidRequest");

  Aggregate switches({Method::kSum}, {}, std::nullopt, std::nullopt);
  for (const char* text : {"true", "false", "true"}) switches.Add(Make(kNoon, text), kNoon);
  EXPECT_EQ((*switches.Of(Method::kSum))[0].value.AsDouble(), 2);

  Aggregate lists({Method::kMax}, {}, std::nullopt, std::nullopt);
  for (const char* text : {"[1,2,3]", "[]"}) lists.Add(Make(kNoon, text), kNoon);
  EXPECT_EQ((*lists.Of(Method::kMax))[0].value.AsDouble(), 3);
  EXPECT_FALSE(lists.Of(Method::kStddev));
}

}  // namespace
}  // namespace bongsu::history
