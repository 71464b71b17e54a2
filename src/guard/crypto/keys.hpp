// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The keys folder: outside the data directory and its backups, mode 0700, made at the first start.
///
///   audit.key      secret half of the key that signs the audit chain's seals, hex, mode 0600
///   audit.pub      its public half, hex: all that `bongsu audit verify` needs
///   surrogate.key  key under which personal values get their surrogates, hex, mode 0600
///
/// Layout: docs/formats/audit.md.

#include <string>

#include "guard/crypto/crypto_port.hpp"

namespace bongsu::crypto {

struct Keys {
  SigningKey audit;
  std::string surrogate;  ///< 32 bytes
};

/// Opens the keys folder; makes it and what is missing in it when `data` is still new.
/// @errors kPermissionDenied keys.too_open       others may read it
///         kUnavailable      keys.io             it cannot be read or written
///         kCorrupt          keys.bad            a file does not hold a key
Result<Keys> OpenKeys(const std::string& folder, const CryptoPort& crypto);

/// The public half alone, for verification. @errors as OpenKeys
Result<std::string> ReadAuditPublicKey(const std::string& folder);

/// Surrogate of a personal value: 26 characters; the same value gives the same surrogate under one key.
/// @param kind  what the value is, so that equal texts of different kinds do not meet: "phone", "plate"
std::string SurrogateOf(const CryptoPort& crypto, const Keys& keys, std::string_view kind, std::string_view value);

}  // namespace bongsu::crypto
