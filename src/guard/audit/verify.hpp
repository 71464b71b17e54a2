// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Checks audit chains against their hashes, their seals, and seals that left the house. Needs the public key alone, so
/// an auditor can run it without the server.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guard/audit/chain.hpp"
#include "know/journal/port.hpp"

namespace bongsu::audit {

struct Bad {
  model::Position position;
  std::string reason;  ///< audit.bad_payload, audit.wrong_hash, audit.wrong_prev, audit.gap, audit.bad_seal,
                       ///< audit.bad_envelope, audit.not_as_sealed, journal.*
};

struct Report {
  std::uint64_t records = 0;  ///< Audit records read.
  std::uint64_t seals = 0;    ///< Seals checked, in the journal and outside.
  std::optional<Bad> first_bad;
  bool cut_tail = false;  ///< A seal from outside is not in the journal, with what it vouches for or alone.
  bool IsOk() const { return !first_bad && !cut_tail; }
};

/// Checks one chain record by record; feed it every record of the desk partition in order.
class ChainCheck {
 public:
  /// @param outside  seals kept elsewhere, of this tenant
  ChainCheck(const crypto::CryptoPort& crypto, std::string open_key, std::vector<Seal> outside);

  void Take(const model::Record& record);
  /// The partition has ended.
  void End();
  const Report& report() const { return report_; }

 private:
  void TakeAudit(const model::Record& record);
  void TakeSeal(const model::Record& record);
  void Complain(const model::Record& record, std::string reason);

  const crypto::CryptoPort& crypto_;
  std::string open_key_;
  std::map<std::uint64_t, std::string> outside_;  ///< n -> head, of the seals not met yet.
  Head head_;
  bool begun_ = false;
  std::uint64_t first_n_ = 0;   ///< Of the oldest audit record that is left.
  std::uint64_t last_seq_ = 0;  ///< Of the record before; 0: none yet.
  TimePoint last_ingest_{};
  Report report_;
};

/// Verifies the chains of every tenant. A seal in `outside` whose signature is wrong is an error, not a finding.
/// @errors kInvalidArgument audit.foreign_seal
Result<Report> Verify(const journal::JournalPort& journal, const crypto::CryptoPort& crypto,
                      const std::string& open_key, const std::vector<Seal>& outside);
/// The same for one tenant.
Result<Report> VerifyTenant(const journal::JournalPort& journal, const crypto::CryptoPort& crypto,
                            const std::string& open_key, const std::vector<Seal>& outside, std::uint16_t tenant);

/// Seals of a file, one a line, also of a file that a syslog collector wrote. @errors kNotFound audit.no_seal_file,
/// kInvalidArgument audit.bad_seal
Result<std::vector<Seal>> ReadSealFile(const std::string& path);

/// {"ok","records","first_bad":{"seq","reason","partition"}|null,"cut_tail","seals"}
json::Value ToJson(const Report& report);

}  // namespace bongsu::audit
