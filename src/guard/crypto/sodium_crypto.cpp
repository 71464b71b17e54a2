// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>

#include "guard/crypto/bytes_text.hpp"
#include "guard/crypto/crypto_port.hpp"

namespace bongsu::crypto {
namespace {

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}  // NOLINT
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }  // NOLINT

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

class SodiumCrypto final : public CryptoPort {
 public:
  std::string RandomBytes(std::size_t count) const override {
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
  }

  Result<std::string> PasswordHash(std::string_view password, PasswordCost cost) const override {
    std::string text(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
      return Fail(Code::kOverloaded, "crypto.no_memory", "no {} bytes of memory for one password hash; try again later",
                  cost.memory_bytes);
    }
    text.resize(text.find('\0'));
    return text;
  }

  bool PasswordVerify(const std::string& hash, std::string_view password) const override {
    if (hash.size() >= crypto_pwhash_STRBYTES) return false;
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  }

  std::string Hash(std::string_view bytes) const override {
    std::string hash(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(Out(hash), In(bytes), bytes.size());
    return hash;
  }

  std::string KeyedHash(std::string_view key, std::string_view bytes) const override {
    std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, In(key), key.size());
    crypto_auth_hmacsha256_update(&state, In(bytes), bytes.size());
    crypto_auth_hmacsha256_final(&state, Out(hash));
    return hash;
  }

  std::string SealBytes(std::string_view key, std::string_view bytes, std::string_view context) const override {
    BONGSU_ASSERT(key.size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
    std::string sealed = RandomBytes(kNonce);
    sealed.resize(kNonce + bytes.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(Out(sealed) + kNonce, nullptr, In(bytes), bytes.size(), In(context),
                                               context.size(), nullptr, In(sealed), In(key));
    return sealed;
  }

  std::optional<std::string> OpenBytes(std::string_view key, std::string_view sealed,
                                       std::string_view context) const override {
    constexpr std::size_t kLess = kNonce + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (key.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES || sealed.size() < kLess) return std::nullopt;
    std::string bytes(sealed.size() - kLess, '\0');
    const std::string_view body = sealed.substr(kNonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(Out(bytes), nullptr, nullptr, In(body), body.size(), In(context),
                                                   context.size(), In(sealed), In(key)) != 0)
      return std::nullopt;
    return bytes;
  }

  SigningKey MakeSigningKey() const override {
    SigningKey key{std::string(crypto_sign_SECRETKEYBYTES, '\0'), std::string(crypto_sign_PUBLICKEYBYTES, '\0')};
    crypto_sign_keypair(Out(key.open), Out(key.secret));
    return key;
  }

  std::string Sign(const SigningKey& key, std::string_view bytes) const override {
    BONGSU_ASSERT(key.secret.size() == crypto_sign_SECRETKEYBYTES);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(Out(signature), nullptr, In(bytes), bytes.size(), In(key.secret));
    return signature;
  }

  bool VerifySignature(std::string_view open_key, std::string_view bytes, std::string_view signature) const override {
    if (open_key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != crypto_sign_BYTES) return false;
    return crypto_sign_verify_detached(In(signature), In(bytes), bytes.size(), In(open_key)) == 0;
  }

  bool SameBytes(std::string_view a, std::string_view b) const override {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
  }
};

}  // namespace

Result<std::unique_ptr<CryptoPort>> MakeSodiumCrypto() {
  if (sodium_init() < 0) return Fail(Code::kInternal, "crypto.init", "libsodium could not be initialised");
  return std::make_unique<SodiumCrypto>();
}

std::string MakeSecret(const CryptoPort& crypto) { return ToBase64Url(crypto.RandomBytes(kSecretBytes)); }

}  // namespace bongsu::crypto
