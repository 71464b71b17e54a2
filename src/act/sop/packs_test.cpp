// SPDX-License-Identifier: Apache-2.0
// The procedures that ship, as the server reads them. Runs from the repository root.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "act/sop/run.hpp"

namespace bongsu::sop {
namespace {

TEST(ShippedProcedures, AreReadWithoutAComplaintAndSpeakBothLanguages) {
  const auto library = Library::Load("packs");

  ASSERT_TRUE(library) << library.error().message;
  EXPECT_GE(library->size(), 21U);
  for (const auto& [id, procedure] : library->all()) {
    EXPECT_TRUE(procedure.title["en"].IsString()) << id;
    for (const StepText& step : procedure.steps) {
      EXPECT_TRUE(step.text["en"].IsString()) << id << ": " << step.text["ko"].AsString();
      EXPECT_TRUE(step.action.IsNull() || step.action["label"]["en"].IsString()) << id;
    }
  }
}

TEST(ShippedProcedures, HaveOneForEveryFirstRuleAndForIncidentsOpenedByHand) {
  const auto library = Library::Load("packs");

  ASSERT_TRUE(library);
  for (const std::string_view id :
       {"video-112",     "follow-112",       "fire-119",        "vulnerable-person", "bell",        "missing-person",
        "anklet",        "underpass",        "riverside",       "weather-warning",   "signal-dark", "streetlight-dark",
        "cabinet-fault", "link-down",        "account-misuse",  "cabinet-intrusion", "camera-net",  "fallen",
        "youth-assault", "traffic-accident", "subscription-gap"}) {
    EXPECT_NE(library->Find(id), nullptr) << id;
  }
  ASSERT_NE(library->Manual("traffic"), nullptr);
  EXPECT_EQ(library->Manual("traffic")->id, "manual");
}

TEST(ShippedProcedures, AreThereForWhateverARuleNames) {
  const auto library = Library::Load("packs");
  ASSERT_TRUE(library);

  std::size_t named = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("packs")) {
    if (entry.path().parent_path().filename() != "rules") continue;
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) {
      constexpr std::string_view kKey = "  procedure: ";
      if (!line.starts_with(kKey)) continue;
      ++named;
      EXPECT_NE(library->Find(line.substr(kKey.size())), nullptr) << entry.path() << ": " << line;
    }
  }
  EXPECT_GT(named, 0U);
}

TEST(ShippedProcedures, BeginWithAStepToDo) {
  const auto library = Library::Load("packs");

  ASSERT_TRUE(library);
  for (const auto& [id, procedure] : library->all()) {
    const json::Value started = library->Start(id, {}, TimePoint{});
    EXPECT_TRUE(started["progress"]["next"].IsObject()) << id;
    EXPECT_GE(started["progress"]["total"].AsInt(), 2) << id;
  }
}

}  // namespace
}  // namespace bongsu::sop
