// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/verify.hpp"

#include <algorithm>
#include <fstream>

namespace bongsu::audit {
namespace {

/// Fields that the desk leaves empty and the hash does not cover.
bool IsBare(const model::Record& record) { return record.watermark == TimePoint{} && record.dedupe.IsZero(); }

/// What a seal's envelope may say; only its payload is signed.
bool IsPlainSeal(const model::Record& record, const Seal& seal) {
  return IsBare(record) && record.schema == 1 && record.key_id == 0 && record.cause == model::Position{} &&
         record.source == "desk" && record.subject.empty() && record.actor.empty() && record.event_time == seal.at &&
         record.position.partition == model::DeskPartition(seal.tenant) && record.payload == ToText(seal);
}

/// The seal in a line: the whole of it, or what follows a collector's own words.
std::string_view SealIn(std::string_view line) {
  if (line.starts_with('{')) return line;
  const std::size_t at = line.find(R"({"tenant":)");
  return at == std::string_view::npos ? std::string_view{} : line.substr(at);
}

}  // namespace

ChainCheck::ChainCheck(const crypto::CryptoPort& crypto, std::string open_key, std::vector<Seal> outside)
    : crypto_{crypto}, open_key_{std::move(open_key)} {
  for (Seal& seal : outside) outside_.emplace(seal.head.n, std::move(seal.head.hash));
  report_.seals = outside_.size();
}

void ChainCheck::Complain(const model::Record& record, std::string reason) {
  if (!report_.first_bad) report_.first_bad = Bad{record.position, std::move(reason)};
}

void ChainCheck::Take(const model::Record& record) {
  if (record.position.seq == 1) {  // nothing was taken from the beginning: the chain begins with 1
    begun_ = true;
    first_n_ = 1;
  }
  if (record.kind == model::Kind::kAudit) TakeAudit(record);
  if (record.kind == model::Kind::kSeal) TakeSeal(record);
  last_seq_ = record.position.seq;
  last_ingest_ = record.ingest_time;
}

void ChainCheck::TakeAudit(const model::Record& record) {
  ++report_.records;
  auto link = ReadLink(record.payload);
  if (!link) return Complain(record, link.error().reason);
  // Retention may have taken the beginning: the oldest record that is left names a predecessor nobody has.
  if (begun_ || link->n == 1) {
    if (link->n != head_.n + 1)
      Complain(record, "audit.gap");
    else if (link->prev != head_.hash)
      Complain(record, "audit.wrong_prev");
  }
  if (!begun_) first_n_ = link->n;
  begun_ = true;
  if (HashOf(crypto_, record, *link) != link->hash) Complain(record, "audit.wrong_hash");
  if (!IsBare(record)) Complain(record, "audit.bad_envelope");
  head_ = {link->n, std::move(link->hash)};
  const auto sealed = outside_.find(head_.n);
  if (sealed != outside_.end() && sealed->second != head_.hash) Complain(record, "audit.not_as_sealed");
}

void ChainCheck::TakeSeal(const model::Record& record) {
  ++report_.seals;
  const auto seal = SealFromText(record.payload);
  if (!seal || seal->tenant != record.tenant || !IsGenuine(crypto_, open_key_, *seal))
    return Complain(record, "audit.bad_seal");
  // The desk's rule: the next place, and platform time unless the record before had it already.
  const bool follows = last_seq_ == 0 || (record.position.seq == last_seq_ + 1 &&
                                          record.ingest_time == std::max(seal->at, last_ingest_ + Duration{1}));
  if (!IsPlainSeal(record, *seal) || !follows) Complain(record, "audit.bad_envelope");
  outside_.erase(seal->head.n);
  // Before the first audit record that is left, a seal speaks of records that retention took.
  if (begun_ && seal->head != head_) Complain(record, "audit.not_as_sealed");
}

void ChainCheck::End() {
  // A seal goes out once its own record is on disk: what is outside and not here was taken away. Of the time before the
  // oldest record that is left retention took both.
  if (!outside_.empty() && outside_.rbegin()->first >= first_n_) report_.cut_tail = true;
}

Result<Report> VerifyTenant(const journal::JournalPort& journal, const crypto::CryptoPort& crypto,
                            const std::string& open_key, const std::vector<Seal>& outside, std::uint16_t tenant) {
  std::vector<Seal> mine;
  for (const Seal& seal : outside) {
    if (seal.tenant != tenant) continue;
    if (!IsGenuine(crypto, open_key, seal)) {
      return Fail(Code::kInvalidArgument, "audit.foreign_seal",
                  "seal {} of tenant {} was not signed with this key; give the keys folder it came from with --keys",
                  seal.head.n, tenant);
    }
    mine.push_back(seal);
  }
  ChainCheck check{crypto, open_key, std::move(mine)};
  const std::uint16_t partition = model::DeskPartition(tenant);
  std::uint64_t last = 0;
  const auto read = journal.Read(partition, journal.RangeOf(partition).first_seq, [&](const model::Record& record) {
    last = record.position.seq;
    check.Take(record);
    return !check.report().first_bad;
  });
  if (!read) {
    if (read.error().code != Code::kCorrupt) return tl::unexpected<Error>(read.error());
    Report report = check.report();
    report.first_bad = Bad{{partition, last + 1}, read.error().reason};
    return report;
  }
  if (!check.report().first_bad) check.End();
  return check.report();
}

Result<Report> Verify(const journal::JournalPort& journal, const crypto::CryptoPort& crypto,
                      const std::string& open_key, const std::vector<Seal>& outside) {
  std::vector<std::uint16_t> tenants;
  for (const std::uint16_t partition : journal.Partitions()) {
    if (partition >= model::kDeskBase) tenants.push_back(static_cast<std::uint16_t>(partition - model::kDeskBase));
  }
  for (const Seal& seal : outside) tenants.push_back(seal.tenant);  // a desk may be gone altogether
  std::ranges::sort(tenants);
  tenants.erase(std::unique(tenants.begin(), tenants.end()), tenants.end());
  Report all;
  for (const std::uint16_t tenant : tenants) {
    BONGSU_TRY(const Report one, VerifyTenant(journal, crypto, open_key, outside, tenant));
    all.records += one.records;
    all.seals += one.seals;
    all.cut_tail = all.cut_tail || one.cut_tail;
    if (!all.first_bad) all.first_bad = one.first_bad;
  }
  return all;
}

Result<std::vector<Seal>> ReadSealFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Fail(Code::kNotFound, "audit.no_seal_file", "seal file '{}' cannot be read", path);
  std::vector<Seal> seals;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    // The writer may have been stopped inside its last line; that line vouches for nothing.
    if (file.eof() && !line.ends_with('}')) break;
    const std::string_view text = SealIn(line);
    if (text.empty()) continue;  // another message of the collector
    BONGSU_TRY(Seal seal, SealFromText(text));
    seals.push_back(std::move(seal));
  }
  return seals;
}

json::Value ToJson(const Report& report) {
  json::Value value;
  value.Set("ok", report.IsOk());
  value.Set("records", report.records);
  json::Value bad;
  if (report.first_bad) {
    bad.Set("seq", report.first_bad->position.seq);
    bad.Set("reason", report.first_bad->reason);
    bad.Set("partition", static_cast<int>(report.first_bad->position.partition));
  }
  value.Set("first_bad", std::move(bad));
  value.Set("cut_tail", report.cut_tail);
  value.Set("seals", report.seals);
  return value;
}

}  // namespace bongsu::audit
