// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/audit_book.hpp"

namespace bongsu::audit {

std::string AuditBook::Link(const model::Record& unsealed) const {
  const auto payload = json::Parse(unsealed.payload);
  BONGSU_ASSERT(payload.has_value());  // the desk wrote it a moment ago
  model::Record record = unsealed;
  record.payload = BodyOf((*payload)["action"].AsString(), (*payload)["from"].AsString(), (*payload)["details"]);
  return Chain(crypto_, head_, record);
}

void AuditBook::Clear() {
  head_ = {};
  sealed_ = 0;
  first_unsealed_ = kNever;
}

void AuditBook::Fold(const model::Record& record) {
  if (record.kind == model::Kind::kAudit) {
    auto link = ReadLink(record.payload);
    if (!link) return;  // verification names it; the chain goes on from the last good link
    head_ = {link->n, std::move(link->hash)};
    if (first_unsealed_ == kNever) first_unsealed_ = record.event_time;
  } else if (record.kind == model::Kind::kSeal) {
    const auto seal = SealFromText(record.payload);
    if (!seal) return;
    sealed_ = seal->head.n;
    if (sealed_ == head_.n) first_unsealed_ = kNever;
  }
}

void AuditBook::Save(const PutRow& put) const {
  json::Value row = json::Object{{"n", head_.n}, {"hash", head_.hash}, {"sealed", sealed_}};
  if (first_unsealed_ != kNever) row.Set("first_unsealed", ToMicros(first_unsealed_));
  put(json::ToString(row));
}

Result<void> AuditBook::Load(const json::Value& row) {
  head_ = {static_cast<std::uint64_t>(row["n"].AsInt()), std::string(row["hash"].AsString())};
  sealed_ = static_cast<std::uint64_t>(row["sealed"].AsInt());
  const json::Value* unsealed = row.Find("first_unsealed");
  first_unsealed_ = unsealed == nullptr ? kNever : FromMicros(unsealed->AsInt());
  return {};
}

TimePoint AuditBook::NextDue() const { return first_unsealed_ == kNever ? kNever : first_unsealed_ + kSealEvery; }

void AuditBook::Tick(desk::DeskBatch& batch) {
  if (batch.now() < NextDue()) return;
  batch.CausedBy({});
  batch.Add(model::Kind::kSeal, {}, ToText(MakeSeal(crypto_, key_, batch.tenant(), head_, batch.now())));
}

}  // namespace bongsu::audit
