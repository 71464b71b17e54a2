// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The chain of audit records of one tenant (architecture D11), byte by byte in docs/formats/audit.md.
///
///   payload of a kAudit record   {"n":7,"prev":"<hash of 6>","hash":"<hash of
///   7>","body":{"act","from"?,"what"?,"reason"?,"result"}} hash = SHA-256 of a JSON list: tag, prev, n, envelope
///   fields, SHA-256 of the body's bytes
///
/// The hash covers the hash of the body, not the body: once a body is sealed under a key, erasing that key keeps the
/// chain whole.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "guard/crypto/crypto_port.hpp"
#include "model/record.hpp"

namespace bongsu::audit {

/// Where a chain stands.
struct Head {
  std::uint64_t n = 0;  ///< Number of the newest record; 0: none yet.
  std::string hash = std::string(64, '0');
  friend bool operator==(const Head&, const Head&) = default;
};

/// One link, read from a payload.
struct Link {
  std::uint64_t n = 0;
  std::string prev;
  std::string hash;
  std::string_view body;  ///< Points into the payload.
};

/// Body of an audit record. A text "reason" in `details` is lifted out of it; acts that end in ".refuse" have the
/// result "refused", all others "done". `details` may hold what a request said and is not believed in anything else.
/// @param from  address the act came from; empty for none
std::string BodyOf(std::string_view act, std::string_view from, const json::Value& details);

/// Payload of `unsealed` (its payload is the body) as the record after `head`.
std::string Chain(const crypto::CryptoPort& crypto, const Head& head, const model::Record& unsealed);

/// @errors kCorrupt audit.bad_payload
Result<Link> ReadLink(std::string_view payload);

/// Hash that the link `link` of `record` must have.
std::string HashOf(const crypto::CryptoPort& crypto, const model::Record& record, const Link& link);

/// A signed statement: at `at` the chain of `tenant` stood at `head`.
struct Seal {
  std::uint16_t tenant = 0;
  Head head;
  TimePoint at{};
  std::string signature;  ///< Ed25519, 64 bytes
};

Seal MakeSeal(const crypto::CryptoPort& crypto, const crypto::SigningKey& key, std::uint16_t tenant, Head head,
              TimePoint at);
bool IsGenuine(const crypto::CryptoPort& crypto, std::string_view open_key, const Seal& seal);
/// One JSON object: {"tenant","n","head","at","signature"}; payload of kSeal records and line of a seal file.
std::string ToText(const Seal& seal);
/// @errors kInvalidArgument audit.bad_seal
Result<Seal> SealFromText(std::string_view text);

}  // namespace bongsu::audit
