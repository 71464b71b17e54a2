// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The desk's book of its audit chain: gives each kAudit record its link and signs the head every minute in which one
/// came.
///
///   desk ── Audit(act, subject, details) ──▶ unsealed record ──▶ AuditBook::Link ──▶ payload with n, prev, hash ──▶
///   Fold
///
/// Wiring: desk.AddBook(book); desk.SetAuditSeal([&](const model::Record& unsealed) { return book.Link(unsealed); });

#include <string>

#include "guard/audit/chain.hpp"
#include "know/desk/port.hpp"

namespace bongsu::audit {

inline constexpr Duration kSealEvery = 60s;

class AuditBook final : public desk::Book {
 public:
  /// @param key  signs the seals; lies in the keys folder
  AuditBook(const crypto::CryptoPort& crypto, crypto::SigningKey key) : crypto_{crypto}, key_{std::move(key)} {}

  /// The desk's AuditSeal: takes a record as it will be stored, payload {"action","subject","actor","from"?,"details"},
  /// and gives the payload to store.
  std::string Link(const model::Record& unsealed) const;

  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "audit"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
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
