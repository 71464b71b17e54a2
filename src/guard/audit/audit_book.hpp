// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The desk's book of its audit chain: gives each kAudit record its link and signs the head every minute in which one came.
///
///   desk ── Audit(act, subject, details) ──▶ unsealed record ──▶ AuditBook::Link ──▶ payload with n, prev, hash ──▶ Fold

#include <functional>
#include <string>

#include "guard/audit/chain.hpp"
#include "know/desk/port.hpp"

namespace bongsu::audit {

/// What the desk calls for each audit record: `unsealed` has every envelope field but seq and ingest time, and the body
/// (BodyOf) as payload. Gives the payload to append.
using LinkRecord = std::function<std::string(const model::Record& unsealed)>;

inline constexpr Duration kSealEvery = 60s;

class AuditBook final : public desk::Book {
 public:
  /// @param key  signs the seals; lies in the keys folder
  AuditBook(const crypto::CryptoPort& crypto, crypto::SigningKey key) : crypto_{crypto}, key_{std::move(key)} {}

  std::string Link(const model::Record& unsealed) const { return Chain(crypto_, head_, unsealed); }

  void Clear() override;
  void Fold(const model::Record& record) override;
  TimePoint NextDue() const override;
  void Tick(desk::DeskBatch& batch) override;

  const Head& head() const { return head_; }

 private:
  const crypto::CryptoPort& crypto_;
  crypto::SigningKey key_;
  Head head_;
  std::uint64_t sealed_ = 0;           ///< n of the newest seal.
  TimePoint first_unsealed_ = kNever;  ///< Time of the oldest record no seal covers yet.
};

}  // namespace bongsu::audit
