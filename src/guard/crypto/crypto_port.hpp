// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The crypto port (architecture D13): everything secret-related the house needs, so that a nationally validated module
/// can replace the default. Bytes travel as std::string. Every function may be called from any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::crypto {

inline constexpr std::size_t kHashBytes = 32;
inline constexpr std::size_t kSecretBytes = 32;  ///< Session ids, tokens, keys: 256 bit.

/// What one password hash costs; the cost is written into the hash, so it may change at any time.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 64UL << 20U;
};

struct SigningKey {
  std::string secret;  ///< 64 bytes
  std::string open;    ///< 32 bytes: the public half
};

class CryptoPort {
 public:
  virtual ~CryptoPort() = default;

  virtual std::string RandomBytes(std::size_t count) const = 0;
  /// argon2id (RFC 9106) with its own salt, as text "$argon2id$…". Takes tens of milliseconds and `cost.memory_bytes`:
  /// run it on a BlockingPool. @errors kOverloaded crypto.no_memory
  virtual Result<std::string> PasswordHash(std::string_view password, PasswordCost cost) const = 0;
  /// Costs what the hash says. False for a hash that is none.
  virtual bool PasswordVerify(const std::string& hash, std::string_view password) const = 0;
  /// SHA-256 (FIPS 180-4), 32 bytes.
  virtual std::string Hash(std::string_view bytes) const = 0;
  /// HMAC-SHA-256 (RFC 2104), 32 bytes; the surrogate of a personal value is this under the surrogate key.
  virtual std::string KeyedHash(std::string_view key, std::string_view bytes) const = 0;
  /// Seals `bytes` under a key of 32 bytes, bound to `context`: XChaCha20-Poly1305 with a random nonce in front, 40
  /// bytes longer than what is in it.
  virtual std::string SealBytes(std::string_view key, std::string_view bytes, std::string_view context) const = 0;
  /// Empty when a byte, the key or the context is another than it was.
  virtual std::optional<std::string> OpenBytes(std::string_view key, std::string_view sealed,
                                               std::string_view context) const = 0;
  /// Ed25519 (RFC 8032).
  virtual SigningKey MakeSigningKey() const = 0;
  virtual std::string Sign(const SigningKey& key, std::string_view bytes) const = 0;
  virtual bool VerifySignature(std::string_view open_key, std::string_view bytes, std::string_view signature) const = 0;
  /// Compares in a time that depends on the lengths alone.
  virtual bool SameBytes(std::string_view a, std::string_view b) const = 0;
};

/// The port over libsodium. @errors kInternal crypto.init
Result<std::unique_ptr<CryptoPort>> MakeSodiumCrypto();

/// 43 characters of base64url: a fresh secret of 256 bit.
std::string MakeSecret(const CryptoPort& crypto);

}  // namespace bongsu::crypto
