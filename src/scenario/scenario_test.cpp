// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenario/run.hpp"

namespace bongsu::scenario {
namespace {

std::vector<std::string> CityFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenario")) {
    if (entry.path().extension() == ".city") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Scenario, EveryCityFileHoldsAgainstThePacks) {
  const auto files = CityFiles();
  ASSERT_FALSE(files.empty());
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};

    const auto script = ReadScript(text, file);
    ASSERT_TRUE(script) << script.error().message;
    const auto report = RunScript(*script, "packs");

    ASSERT_TRUE(report) << report.error().message;
    for (const std::string& failed : report->failed) ADD_FAILURE() << file << ":" << failed;
  }
}

TEST(Scenario, SaysWhichExpectationFailed) {
  const auto script = ReadScript("expect alarm bell-pressed within 15 s\n", "x.city");
  ASSERT_TRUE(script);

  const auto report = RunScript(*script, "packs");

  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->failed.size(), 1U);
  EXPECT_TRUE(report->failed[0].starts_with("1: "));
}

TEST(Scenario, ReadsKoreanAndEnglishTheSame) {
  const auto korean = ReadScript("기대 경보 bell-pressed 15 초 안에\n시각 10:40:00\n기대 경보 없음\n", "x.city");
  const auto english = ReadScript("expect alarm bell-pressed within 15 s\nat 10:40:00\nexpect no alarm\n", "x.city");

  ASSERT_TRUE(korean) << korean.error().message;
  ASSERT_TRUE(english);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(korean->steps[i].kind, english->steps[i].kind);
    EXPECT_EQ(korean->steps[i].within, english->steps[i].within);
  }
}

TEST(Scenario, RefusesALineItCannotRead) {
  EXPECT_EQ(ReadScript("hope for the best\n", "x.city").error().reason, "scenario.bad_line");
  EXPECT_EQ(ReadScript("expect alarm x within soon\n", "x.city").error().reason, "scenario.bad_line");
}

}  // namespace
}  // namespace bongsu::scenario
