// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bongsu::file_drop {
namespace {

namespace fs = std::filesystem;

class FileDropFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    path = fs::temp_directory_path() / fmt::format("bongsu-folder-{}-{}", getpid(),
                                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(path);
    fs::create_directories(path);
  }
  void TearDown() override { fs::remove_all(path); }
  Folder Open() const { return Folder{path.string(), *NamePattern::Parse("f-*.ndjson")}; }
  void Write(const fs::path& name, std::string_view body = "x") const {
    std::ofstream(path / name, std::ios::binary) << body;
  }

  fs::path path;
};

TEST_F(FileDropFolder, ListsTheLowestNumbersWhenThereAreTooMany) {
  for (int number = 20; number > 0; --number) Write(fmt::format("f-{}.ndjson", number));

  const auto files = Open().List(3);

  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].number, 1U);
  EXPECT_EQ((*files)[2].number, 3U);
}

TEST_F(FileDropFolder, LeavesOutWhatIsNoPlainFileOfItsName) {
  Write("f-1.ndjson");
  Write("g-2.ndjson");
  fs::create_directories(path / "f-3.ndjson");
  fs::create_symlink(path / "f-1.ndjson", path / "f-4.ndjson");

  const auto files = Open().List();

  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ((*files)[0].name, "f-1.ndjson");
}

TEST_F(FileDropFolder, ReadsAWholeFileAndRefusesOneThatIsTooLarge) {
  Write("f-1.ndjson", "a\nb");
  Write("f-2.ndjson", "");
  Write("f-3.ndjson");
  fs::resize_file(path / "f-3.ndjson", kMaxFileBytes + 1);
  const Folder folder = Open();

  EXPECT_EQ(folder.Read("f-1.ndjson").value(), "a\nb");
  EXPECT_EQ(folder.Read("f-2.ndjson").value(), "");
  EXPECT_EQ(folder.Read("f-3.ndjson").error().reason, "file_drop.too_large");
  EXPECT_EQ(folder.Read("f-4.ndjson").error().reason, "file_drop.cannot_read");
}

TEST_F(FileDropFolder, KnowsTheHighestNumberThatWasSettled) {
  const Folder folder = Open();
  EXPECT_EQ(folder.Last().value(), std::nullopt);
  for (const char* const name : {"f-7.ndjson", "f-9.ndjson"}) Write(name);

  ASSERT_TRUE(folder.Move("f-7.ndjson", "done"));
  ASSERT_TRUE(folder.Move("f-9.ndjson", "refused"));

  EXPECT_EQ(folder.Last().value(), 9U);
  EXPECT_EQ(folder.Move("f-9.ndjson", "done").error().reason, "file_drop.cannot_move");
}

}  // namespace
}  // namespace bongsu::file_drop
