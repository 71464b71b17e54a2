// SPDX-License-Identifier: Apache-2.0
// The public Sigma rules and their recorded samples (../shared/data/sigma); skipped where they are not there.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "decide/rules/detector.hpp"
#include "decide/rules/event_file.hpp"

namespace bongsu::rules {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class PublicRules : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path archives = fs::path{".."} / "shared/data/sigma";
    const fs::path here = fs::exists(archives) ? archives : fs::path{"../../shared/data/sigma"};
    if (!fs::exists(here / "sigmahq-rules.tar.xz")) GTEST_SKIP() << "no public rules here";
    folder_ = fs::temp_directory_path() / fmt::format("bongsu-sigma-{}", ::getpid());
    fs::create_directories(folder_);
    for (const char* name : {"sigmahq-rules.tar.xz", "sigmahq-samples.tar.xz"}) {
      const std::string command =
          fmt::format("tar -xJf '{}' -C '{}'", fs::absolute(here / name).string(), folder_.string());
      ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT: a test's own paths
    }
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  fs::path folder_;
};

/// JSON objects that follow each other in one text.
std::vector<std::string> Objects(const std::string& text) {
  std::vector<std::string> out;
  int depth = 0;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else
        quoted = text[i] != '"';
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '{' && depth++ == 0) {
      begin = i;
    } else if (text[i] == '}' && --depth == 0) {
      out.push_back(text.substr(begin, i + 1 - begin));
    }
  }
  return out;
}

TEST_F(PublicRules, LoadOrSayWhyAndFitTheirRecordedSamples) {
  auto loaded = RuleSet::Load({(folder_ / "rules").string(), (folder_ / "rules-emerging-threats").string(),
                               (folder_ / "rules-threat-hunting").string()},
                              {});
  const std::size_t files = loaded.files;
  auto built = RuleSet::Build(std::move(loaded.rules));
  EXPECT_GT(files, 3000U);
  EXPECT_EQ(built.set->rules().size() + loaded.complaints.size() + built.complaints.size(), files);
  for (const Complaint& complaint : loaded.complaints)
    EXPECT_EQ(complaint.code, "rules.no_variable") << complaint.message;
  EXPECT_TRUE(built.complaints.empty());

  const NoContext context;
  Detector detector{built.set, context};
  EventLineReader reader;
  EventView view;
  std::size_t samples = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "regression_data")) {
    if (entry.path().extension() != ".json") continue;
    const std::string info = ReadText(entry.path().parent_path() / "info.yml");
    const std::size_t at = info.find("- id: ", info.find("rule_metadata:")) + 6;
    const std::string wanted = info.substr(at, info.find('\n', at) - at);
    std::set<std::string> found;
    for (const std::string& object : Objects(ReadText(entry.path()))) {
      const auto read = reader.Read(object, built.set->names(), view);
      ASSERT_TRUE(read) << read.error().message;
      std::vector<ProbeHit> hits;
      detector.MatchView(view, read->log_source, read->unrouted, hits);
      for (const ProbeHit& hit : hits) found.insert(built.set->rules()[hit.rule]->id);
    }
    ++samples;
    EXPECT_TRUE(found.contains(wanted)) << entry.path();
  }
  EXPECT_GT(samples, 90U);
}

}  // namespace
}  // namespace bongsu::rules
