// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/keyring.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "guard/sealing/erased_list.hpp"

namespace bongsu::sealing {
namespace {

constexpr std::string_view kDay = "2026-11-22";
const Belongs kCase7{Belongs::To::kCase, "CASE-7"};

class KeyringTest : public ::testing::Test {
 protected:
  KeyringTest() : folder_{::testing::TempDir() + "/keyring" + std::to_string(::getpid())} {
    std::filesystem::remove_all(folder_);
    Start();
  }
  ~KeyringTest() override {
    Stop();
    std::filesystem::remove_all(folder_);
  }
  void Start() {
    shards_ = std::make_unique<runtime::Shards>(2);
    pool_ = std::make_unique<runtime::BlockingPool>(2, 100);
    auto file = KeyFile::Open(folder_, *crypto_);
    ASSERT_TRUE(file) << file.error().message;
    auto ring =
        Keyring::Make({*shards_, *pool_, *crypto_, surrogate_, metrics_, Log{Log::Level::kOff}}, std::move(*file));
    ASSERT_TRUE(ring) << ring.error().message;
    ring_ = std::move(*ring);
    shards_->Start();
  }
  void Stop() {
    shards_->Stop();
    pool_->Stop();
    ring_.reset();
  }
  template <class T>
  T On(std::size_t shard, const std::function<T()>& work) {
    std::promise<T> done;
    shards_->Post(shard, [&] { done.set_value(work()); });
    return done.get_future().get();
  }
  std::string Seal(std::size_t shard, std::uint16_t tenant, const Belongs& belongs, std::string_view value) {
    return *On<Result<std::string>>(shard,
                                    [&] { return ring_->Seal(tenant, DataClass::kContact, belongs, value, kDay); });
  }
  /// The value, or "-".
  std::string Open(std::size_t shard, std::uint16_t tenant, const std::string& text) {
    return On<std::string>(shard, [&] {
      return ReplaceTokens(text, [&](const Token& token) { return ring_->Open(tenant, token).value_or("-"); });
    });
  }
  std::size_t Erase(const Belongs& belongs) {
    std::promise<std::set<KeyId>> keys;
    ring_->Retire(0, ring_->ScopeOf(0, DataClass::kContact, belongs, kDay),
                  [&](std::set<KeyId> ids) { keys.set_value(std::move(ids)); });
    const std::set<KeyId> ids = keys.get_future().get();
    std::promise<void> done;
    ring_->Destroy(ids, [&](const Result<void>& result) {
      EXPECT_TRUE(result);
      done.set_value();
    });
    done.get_future().wait();
    return ids.size();
  }

  std::string folder_;
  std::unique_ptr<crypto::CryptoPort> crypto_ = std::move(*crypto::MakeSodiumCrypto());
  std::string surrogate_ = crypto_->RandomBytes(32);
  Metrics metrics_;
  std::unique_ptr<runtime::Shards> shards_;
  std::unique_ptr<runtime::BlockingPool> pool_;
  std::unique_ptr<Keyring> ring_;
};

TEST_F(KeyringTest, WhatOneShardSealsEveryShardOpensButNoOtherTenant) {
  const std::string text = Seal(0, 3, {}, "010-1234-5678");

  EXPECT_EQ(text.find("1234"), std::string::npos);
  EXPECT_EQ(Open(1, 3, text), "010-1234-5678");
  EXPECT_EQ(Open(1, 4, text), "-");
}

TEST_F(KeyringTest, EqualValuesHaveOneSurrogateWhateverTheirKeyAndSpelling) {
  const std::string one = Shortened(Seal(0, 3, {}, "010-1234-5678"));

  EXPECT_EQ(one, Shortened(Seal(1, 3, kCase7, "01012345678")));
  EXPECT_NE(one, Shortened(Seal(1, 4, {}, "010-1234-5678"))) << "tenants share no surrogate";
  EXPECT_NE(one, Shortened(Seal(0, 3, {}, "010-1234-5679")));
}

TEST_F(KeyringTest, ErasingACaseTakesItsKeysOfEveryShardAndNothingElse) {
  const std::string here = Seal(0, 0, kCase7, "a");
  const std::string there = Seal(1, 0, kCase7, "b");
  const std::string other = Seal(0, 0, {Belongs::To::kCase, "CASE-8"}, "c");

  EXPECT_EQ(Erase(kCase7), 2U);

  EXPECT_EQ(Open(0, 0, here + there + other), "--c");
  EXPECT_EQ(Open(1, 0, Seal(1, 0, kCase7, "later")), "later") << "what comes later has a new key";
  Stop();
  Start();
  EXPECT_EQ(Open(0, 0, here + there + other), "--c") << "after a restart, too";
}

TEST_F(KeyringTest, AScopeFindsItsKeyAgainAfterARestart) {
  const std::string text = Seal(0, 0, kCase7, "a");
  On<bool>(0, [] { return true; });
  std::promise<void> settled;  // jobs run in order: behind this one the assignment is on disk
  ring_->Destroy({}, [&](const Result<void>&) { settled.set_value(); });
  settled.get_future().wait();
  Stop();
  Start();

  EXPECT_EQ(Open(1, 0, text), "a");
  EXPECT_EQ(Erase(kCase7), 1U);
  EXPECT_EQ(Open(1, 0, text), "-");
}

TEST_F(KeyringTest, SpareKeysAreMadeAgainAndUntilThenSealingIsRefused) {
  std::size_t sealed = 0;
  const auto one = [&](std::size_t number) {
    return On<bool>(0, [&] {
      return ring_->Seal(0, DataClass::kCase, {Belongs::To::kCase, std::to_string(number)}, "x", kDay).has_value();
    });
  };
  for (std::size_t i = 0; i < 2'000; ++i) sealed += one(i) ? 1 : 0;

  EXPECT_GE(sealed, Keyring::kSpare);
  while (!one(5'000)) {
  }
}

TEST_F(KeyringTest, KeysThatAStartDestroysSealNothingAnyMore) {
  const std::string old = Seal(0, 0, kCase7, "010");
  std::set<KeyId> ids;
  ReplaceTokens(old, [&](const Token& token) {
    ids.insert(token.key);
    return std::string{};
  });
  // As after a stop between the act on record and the end of its keys: nobody retired them.
  std::promise<bool> done;
  shards_->Post(
      0, [&] { ring_->Ensure(ids, [&](const Result<void>& destroyed) { done.set_value(destroyed.has_value()); }); });
  ASSERT_TRUE(done.get_future().get());

  const std::string fresh = Seal(0, 0, kCase7, "010");

  EXPECT_EQ(Open(0, 0, old), "-");
  EXPECT_EQ(Open(0, 0, fresh), "010");
}

TEST(ErasedFile, OfANumberGivenOutTwiceDestroysNobodyElsesKey) {
  const std::string folder = ::testing::TempDir() + "/twice" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  const auto crypto = std::move(*crypto::MakeSodiumCrypto());
  auto file = std::move(KeyFile::Open(folder, *crypto)).value();
  const KeyId id = file.Make(1)->front();
  ASSERT_TRUE(file.Assign(id, 0, "case:A"));

  const auto taken = file.Take({{id, {0, "case:B"}}});

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, "erased.other_scope");
  EXPECT_EQ(file.Take({{id, {0, "case:A"}}}).value(), 1U);
  std::filesystem::remove_all(folder);
}

TEST(ErasedFile, NeverBecomesShorter) {
  const std::string path = ::testing::TempDir() + "/erased" + std::to_string(::getpid()) + ".ndjson";
  ASSERT_TRUE(MergeErasedFile(path, {{1, {0, "case:A"}}, {2, {0, "case:B"}}}, "here"));
  ASSERT_TRUE(MergeErasedFile(path, {{3, {0, "case:C"}}}, "here"));

  EXPECT_EQ(ReadErasedFile(path, "here")->size(), 3U);
  EXPECT_FALSE(MergeErasedFile(path, {{4, {}}}, "elsewhere")) << "another installation's list is left alone";
  EXPECT_EQ(ReadErasedFile(path, "here")->size(), 3U);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace bongsu::sealing
