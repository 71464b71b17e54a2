// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "guard/crypto/bytes_text.hpp"
#include "guard/crypto/crypto_port.hpp"
#include "guard/crypto/keys.hpp"

namespace bongsu::crypto {
namespace {

constexpr PasswordCost kCheap{1, 8192};

std::unique_ptr<CryptoPort> Crypto() { return std::move(*MakeSodiumCrypto()); }

std::string FreshFolder(const char* name) {
  std::string path = std::string(::testing::TempDir()) + "/" + name + std::to_string(::getpid());
  std::filesystem::remove_all(path);
  return path;
}

TEST(Crypto, APasswordHashFitsItsPasswordAloneAndSaysArgon2id) {
  const auto crypto = Crypto();

  const auto hash = crypto->PasswordHash("correct horse", kCheap);

  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$")) << *hash;
  EXPECT_TRUE(crypto->PasswordVerify(*hash, "correct horse"));
  EXPECT_FALSE(crypto->PasswordVerify(*hash, "correct horsf"));
  EXPECT_FALSE(crypto->PasswordVerify("", "correct horse"));
  EXPECT_FALSE(crypto->PasswordVerify(std::string(4096, '$'), "correct horse"));
}

TEST(Crypto, TheSameMemoryLimitRefusesWhatItCannotHold) {
  const auto hash = Crypto()->PasswordHash("x", {1, std::size_t{1} << 62U});

  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().reason, "crypto.no_memory");
}

TEST(Crypto, HashesAreThePublishedOnes) {
  const auto crypto = Crypto();

  // FIPS 180-4 example, and RFC 4231 test case 2.
  EXPECT_EQ(ToHex(crypto->Hash("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(crypto->KeyedHash("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, ASignatureFitsItsBytesAndKeyAlone) {
  const auto crypto = Crypto();
  const SigningKey key = crypto->MakeSigningKey();
  const SigningKey other = crypto->MakeSigningKey();

  const std::string signature = crypto->Sign(key, "seal 7");

  EXPECT_TRUE(crypto->VerifySignature(key.open, "seal 7", signature));
  EXPECT_FALSE(crypto->VerifySignature(key.open, "seal 8", signature));
  EXPECT_FALSE(crypto->VerifySignature(other.open, "seal 7", signature));
  EXPECT_FALSE(crypto->VerifySignature(key.open, "seal 7", "short"));
}

TEST(Crypto, SecretsAre256BitOfTextThatNeedsNoEscape) {
  const auto crypto = Crypto();

  const std::string secret = MakeSecret(*crypto);

  EXPECT_EQ(secret.size(), 43U);
  EXPECT_NE(secret, MakeSecret(*crypto));
  EXPECT_EQ(secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(BytesText, HexReadsBackAndRefusesWhatIsNone) {
  const std::string bytes{"\x00\xff\x10", 3};

  EXPECT_EQ(FromHex(ToHex(bytes)), bytes);
  EXPECT_FALSE(FromHex("abc"));
  EXPECT_FALSE(FromHex("zz"));
  EXPECT_EQ(ToBase64Url("foob"), "Zm9vYg");
  EXPECT_EQ(FromBase64Url("Zm9vYg"), "foob");
  EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes);
  for (const char* bad : {"A", "Zm9vYh", "Zm9v!g", "Zm9vYg=="}) EXPECT_FALSE(FromBase64Url(bad)) << bad;
}

TEST(Crypto, WhatIsSealedOpensUnderItsKeyAndContextAlone) {
  const auto crypto = Crypto();
  const std::string key = crypto->RandomBytes(32);

  const std::string sealed = crypto->SealBytes(key, "010-1234-5678", "tenant 0");

  EXPECT_EQ(crypto->OpenBytes(key, sealed, "tenant 0"), "010-1234-5678");
  EXPECT_NE(sealed, crypto->SealBytes(key, "010-1234-5678", "tenant 0")) << "the same value does not look the same";
  EXPECT_FALSE(crypto->OpenBytes(key, sealed, "tenant 1"));
  EXPECT_FALSE(crypto->OpenBytes(crypto->RandomBytes(32), sealed, "tenant 0"));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string touched = sealed;
    touched[at] = static_cast<char>(touched[at] ^ 1);
    EXPECT_FALSE(crypto->OpenBytes(key, touched, "tenant 0")) << "byte " << at;
  }
  EXPECT_FALSE(crypto->OpenBytes(key, "short", "tenant 0"));
}

TEST(Keys, AreMadeOnceAndClosedToOthers) {
  const auto crypto = Crypto();
  const std::string folder = FreshFolder("keys");

  const auto made = OpenKeys(folder, *crypto);
  const auto again = OpenKeys(folder, *crypto);

  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(again);
  EXPECT_EQ(made->audit.secret, again->audit.secret);
  EXPECT_EQ(made->surrogate, again->surrogate);
  EXPECT_EQ(*ReadAuditPublicKey(folder), made->audit.open);
  EXPECT_TRUE(crypto->VerifySignature(made->audit.open, "x", crypto->Sign(made->audit, "x")));
  struct stat status{};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  std::filesystem::remove_all(folder);
}

TEST(Keys, RefuseAFolderThatOthersMayRead) {
  const std::string folder = FreshFolder("open_keys");
  std::filesystem::create_directory(folder);
  ::chmod(folder.c_str(), 0755);

  const auto keys = OpenKeys(folder, *Crypto());

  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().reason, "keys.too_open");
  std::filesystem::remove_all(folder);
}

TEST(Keys, ASurrogateIsStableAndTellsKindsApart) {
  const auto crypto = Crypto();
  const Keys keys{crypto->MakeSigningKey(), crypto->RandomBytes(32)};

  const std::string phone = SurrogateOf(*crypto, keys, "phone", "010-1234-5678");

  EXPECT_EQ(phone.size(), 26U);
  EXPECT_EQ(phone, SurrogateOf(*crypto, keys, "phone", "010-1234-5678"));
  EXPECT_NE(phone, SurrogateOf(*crypto, keys, "plate", "010-1234-5678"));
}

}  // namespace
}  // namespace bongsu::crypto
