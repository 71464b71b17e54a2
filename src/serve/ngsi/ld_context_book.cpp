// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/ld_context_book.hpp"

#include "model/payload.hpp"
#include "model/subscription_record.hpp"

namespace bongsu::ngsi {

std::string_view ContextKindName(ContextKind kind) {
  return kind == ContextKind::kCached ? "Cached" : kind == ContextKind::kHosted ? "Hosted" : "ImplicitlyCreated";
}

Result<void> LdContextBook::Put(const std::string& id, ContextKind kind, const json::Value& document,
                                desk::DeskBatch& batch) {
  json::Writer out;
  out.Object().Key("op").String("put").Key("kind").String(ContextKindName(kind));
  out.Key("document").Put(document).End();
  if (out.text().size() > kMaxBytes)
    return Fail(Code::kTooLarge, "context.too_large", "an @context has at most {} bytes", kMaxBytes);
  if (contexts_.size() >= kMaxContexts && !contexts_.contains(id))
    return Fail(Code::kOverloaded, "context.too_many", "there are {} contexts, at most {}", contexts_.size(),
                kMaxContexts);
  batch.Add(model::kLdContext, id, out.Take());
  return {};
}

void LdContextBook::Delete(const std::string& id, desk::DeskBatch& batch) {
  batch.Add(model::kLdContext, id, R"({"op":"delete"})");
}

void LdContextBook::Fold(const model::Record& record) {
  if (record.kind != model::kLdContext) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if ((*payload)["op"].AsString() == "delete") {
    const auto found = contexts_.find(record.subject);
    if (found != contexts_.end()) found->second.deleted = true;
    return;
  }
  Hosted& hosted = contexts_[record.subject];
  hosted.kind = (*payload)["kind"].AsString() == "Hosted" ? ContextKind::kHosted : ContextKind::kImplicit;
  hosted.document = (*payload)["document"];
  hosted.created = record.ingest_time;
  hosted.deleted = false;
}

void LdContextBook::Save(const PutRow& put) const {
  for (const auto& [id, hosted] : contexts_) {
    put(json::ToString(json::Object{{"id", id},
                                    {"kind", ContextKindName(hosted.kind)},
                                    {"document", hosted.document},
                                    {"created", ToMicros(hosted.created)},
                                    {"deleted", hosted.deleted}}));
  }
}

Result<void> LdContextBook::Load(const json::Value& row) {
  const std::string id{row["id"].AsString()};
  if (id.empty()) return Fail(Code::kCorrupt, "context.bad_row", "a context without an id");
  Hosted& hosted = contexts_[id];
  hosted.kind = row["kind"].AsString() == "Hosted" ? ContextKind::kHosted : ContextKind::kImplicit;
  hosted.document = row["document"];
  hosted.created = FromMicros(row["created"].AsInt());
  hosted.deleted = row["deleted"].AsBool();
  return {};
}

const LdContextBook::Hosted* LdContextBook::Find(std::string_view id) const {
  const auto found = contexts_.find(id);
  return found == contexts_.end() || found->second.deleted ? nullptr : &found->second;
}

}  // namespace bongsu::ngsi
