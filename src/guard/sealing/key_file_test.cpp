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
  KeyFile Open() { return OpenAs({}); }
  KeyFile OpenAs(const std::string& installation) {
    auto opened = KeyFile::Open(folder_, *crypto_, installation);
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

  {
    KeyFile file = Open();
    EXPECT_EQ(file.keys().size(), 2U);
    ASSERT_TRUE(file.Make(1));  // goes behind what was torn
    ASSERT_TRUE(file.Destroy({1}));
  }
  std::ofstream(folder_ + "/erased.ndjson", std::ios::app) << R"({"id":2,"o)";
  ASSERT_TRUE(Open().Destroy({3}));

  EXPECT_EQ(Open().keys().size(), 1U);
}

TEST_F(KeyFileTest, AListFromElsewhereDestroysWhatThisFolderDidNotKnowOf) {
  KeyFile newer = OpenAs("one");
  ASSERT_TRUE(newer.Make(3));
  ASSERT_TRUE(newer.Assign(2, 4, "case:ABC"));
  fs::copy(folder_, folder_ + ".old", fs::copy_options::recursive);
  ASSERT_TRUE(newer.Destroy({2}));
  const std::string list = Bytes("erased.ndjson");
  fs::remove_all(folder_);
  fs::rename(folder_ + ".old", folder_);

  KeyFile older = OpenAs("one");
  ASSERT_TRUE(older.keys().contains(2));
  EXPECT_EQ(older.Take(ReadErasedList(list, "one").value()).value(), 1U);
  EXPECT_EQ(older.Take(ReadErasedList(list, "one").value()).value(), 0U);

  const KeyFile again = OpenAs("one");
  EXPECT_FALSE(again.keys().contains(2));
  EXPECT_EQ(again.erased().at(2).tenant, 4);
  EXPECT_EQ(again.erased().at(2).scope, "case:ABC");
  EXPECT_EQ(ReadErasedList(list, "other").error().reason, "erased.other_installation");
}

TEST_F(KeyFileTest, NoNumberOfAnErasedKeyIsUsedAgain) {
  KeyFile file = Open();
  ASSERT_TRUE(file.Make(1));
  ASSERT_TRUE(file.Take({{7, {}}}));  // was made after this copy of the folder

  EXPECT_EQ(Open().Make(1)->front(), 8U);
}

TEST(ErasedList, IsReadBackAndRefusedWhereItIsNone) {
  const ErasedKeys keys{{3, {}}, {9, {2, "person:XYZ"}}};
  std::string text;
  for (const auto& [id, key] : keys) text += LineOf(id, key, "one");

  const auto read = ReadErasedList(text, "one");

  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(9).scope, "person:XYZ");
  EXPECT_EQ(read->at(9).tenant, 2);
  EXPECT_EQ(ReadErasedList(R"({"id":1})"
                           "\n",
                           "one")
                ->size(),
            1U);  // of an earlier version
  for (const auto* bad : {"{}\n", "x\n", "{\"id\":0}\n", "{\"id\":4294967296}\n", "{\"id\":1,\"tenant\":70000}\n"})
    EXPECT_EQ(ReadErasedList(bad, "one").error().reason, "erased.bad_list") << bad;
}

}  // namespace
}  // namespace bongsu::sealing
