// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/key_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace bongsu::sealing {
namespace {

namespace fs = std::filesystem;

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() : folder_{::testing::TempDir() + "/sealing" + std::to_string(::getpid())} { fs::remove_all(folder_); }
  ~KeyFileTest() override { fs::remove_all(folder_); }
  KeyFile Open() {
    auto opened = KeyFile::Open(folder_, *crypto_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  std::string Bytes(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  std::unique_ptr<crypto::CryptoPort> crypto_ = std::move(*crypto::MakeSodiumCrypto());
};

TEST_F(KeyFileTest, KeysAndWhatTheySealForAreThereAfterARestart) {
  std::string bytes;
  {
    KeyFile file = Open();
    ASSERT_EQ(file.Make(3)->size(), 3U);
    ASSERT_TRUE(file.Assign(2, 5, "case:ABC"));
    bytes = file.keys().at(2).bytes;
  }

  const KeyFile again = Open();

  ASSERT_EQ(again.keys().size(), 3U);
  EXPECT_EQ(again.keys().at(2).bytes, bytes);
  EXPECT_EQ(again.keys().at(2).tenant, 5);
  EXPECT_EQ(again.keys().at(2).scope, "case:ABC");
  EXPECT_EQ(again.keys().at(1).scope, "");
  EXPECT_EQ(Bytes("keys.ndjson").find(bytes), std::string::npos) << "keys lie wrapped";
}

TEST_F(KeyFileTest, ADestroyedKeyIsGoneAndAnOldCopyOfTheFileIsOfNoUse) {
  KeyFile file = Open();
  ASSERT_TRUE(file.Make(3));
  const std::string old_keys = Bytes("keys.ndjson");
  const std::string kept = file.keys().at(1).bytes;

  ASSERT_TRUE(file.Destroy({2}));

  EXPECT_FALSE(file.keys().contains(2));
  KeyFile again = Open();
  EXPECT_EQ(again.keys().at(1).bytes, kept);
  EXPECT_FALSE(again.keys().contains(2));
  EXPECT_TRUE(again.erased().contains(2));
  EXPECT_EQ(again.Make(1)->front(), 4U) << "a number is not used again";
  std::ofstream(folder_ + "/keys.ndjson") << old_keys;
  EXPECT_FALSE(KeyFile::Open(folder_, *crypto_)) << "its master is gone";
}

TEST_F(KeyFileTest, AKeyThatWasErasedElsewhereIsDestroyedAtTheStart) {
  ASSERT_TRUE(Open().Make(3));
  std::ofstream(folder_ + "/erased.ndjson") << "{\"id\":3}\n";

  const KeyFile again = Open();

  EXPECT_FALSE(again.keys().contains(3));
  EXPECT_EQ(again.keys().size(), 2U);
}

TEST_F(KeyFileTest, ARotationThatWasStoppedInBetweenIsFinishedAtTheStart) {
  {
    KeyFile file = Open();
    ASSERT_TRUE(file.Make(2));
    ASSERT_TRUE(file.Rotate());
  }
  // As it is between the two renames: the newest master has no name yet.
  fs::rename(folder_ + "/master.2", folder_ + "/next-master");
  EXPECT_EQ(Open().keys().size(), 2U);

  // As it is before the first one: what was staged is thrown away.
  std::ofstream(folder_ + "/next-master") << std::string(64, 'a') << "\n";
  EXPECT_EQ(Open().keys().size(), 2U);
  EXPECT_FALSE(fs::exists(folder_ + "/next-master"));
}

TEST_F(KeyFileTest, ATornLastLineIsNoKey) {
  ASSERT_TRUE(Open().Make(2));
  std::ofstream(folder_ + "/keys.ndjson", std::ios::app) << R"({"id":3,"master":1,"wra)";

  EXPECT_EQ(Open().keys().size(), 2U);
}

}  // namespace
}  // namespace bongsu::sealing
