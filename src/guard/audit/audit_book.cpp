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

TimePoint AuditBook::NextDue() const { return first_unsealed_ == kNever ? kNever : first_unsealed_ + kSealEvery; }

void AuditBook::Tick(desk::DeskBatch& batch) {
  if (batch.now() < NextDue()) return;
  batch.CausedBy({});
  batch.Add(model::Kind::kSeal, {}, ToText(MakeSeal(crypto_, key_, batch.tenant(), head_, batch.now())));
}

}  // namespace bongsu::audit
