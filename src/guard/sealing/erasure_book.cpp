// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/erasure_book.hpp"

#include <algorithm>
#include <iterator>

#include "base/id.hpp"

namespace bongsu::sealing {
namespace {

/// 26 characters that name the place of a record of this desk.
std::string IdAt(model::Position position) { return ToText(Hash128{position.partition, position.seq}); }

/// @returns id of the erasure
std::string Record(desk::DeskBatch& batch, const std::string& scope, const std::set<KeyId>& keys,
                   const std::string& reason) {
  json::Array ids;
  for (const KeyId id : keys) ids.emplace_back(static_cast<std::int64_t>(id));
  json::Value payload;
  payload.Set("scope", scope);
  payload.Set("keys", ids);
  payload.Set("reason", reason);
  std::string id = IdAt(batch.Add(model::Kind::kErased, scope, json::ToString(payload)).position);
  batch.Audit("personal.erase", scope,
              json::Object{{"erasure", id}, {"keys", static_cast<std::int64_t>(keys.size())}, {"reason", reason}});
  return id;
}

}  // namespace

json::Value ToJson(const Erasure& erasure) {
  json::Value value;
  value.Set("id", erasure.id);
  value.Set("scope", erasure.scope);
  value.Set("keys", static_cast<std::int64_t>(erasure.keys.size()));
  value.Set("reason", erasure.reason);
  value.Set("by", erasure.by);
  value.Set("at", FormatUtc(erasure.at));
  return value;
}

json::Value ToJson(const Hold& hold) {
  json::Value value;
  value.Set("id", hold.id);
  value.Set("scope", hold.scope);
  value.Set("reason", hold.reason);
  value.Set("by", hold.by);
  value.Set("at", FormatUtc(hold.at));
  return value;
}

void ErasureBook::Clear() {
  erasures_.clear();
  holds_.clear();
}

void ErasureBook::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kErased) return;
  const auto payload = json::Parse(record.payload);
  if (!payload) return;
  const std::string reason{(*payload)["reason"].AsString()};
  if (payload->Find("hold") == nullptr) {
    Erasure erasure{IdAt(record.position), record.subject, {}, reason, record.actor, record.event_time};
    for (const json::Value& key : (*payload)["keys"].AsArray()) erasure.keys.insert(static_cast<KeyId>(key.AsInt()));
    erasures_.push_back(std::move(erasure));
  } else if ((*payload)["hold"].AsString() == "placed") {
    const std::string id = IdAt(record.position);
    holds_[id] = Hold{id, record.subject, reason, record.actor, record.event_time};
  } else {
    holds_.erase(std::string((*payload)["id"].AsString()));
  }
}

void ErasureBook::Save(const PutRow& put) const {
  for (const Erasure& erasure : erasures_) {
    json::Value row = ToJson(erasure);
    json::Array keys;
    for (const KeyId id : erasure.keys) keys.emplace_back(static_cast<std::int64_t>(id));
    row.Set("keys", std::move(keys));
    put(json::ToString(row));
  }
  for (const auto& [id, hold] : holds_) {
    json::Value row = ToJson(hold);
    row.Set("hold", true);
    put(json::ToString(row));
  }
}

Result<void> ErasureBook::Load(const json::Value& row) {
  const auto text = [&](std::string_view name) { return std::string(row[name].AsString()); };
  const auto at = ParseTime(row["at"].AsString());
  if (!at || text("id").empty()) return Fail(Code::kCorrupt, "erasure.bad_row", "no erasure and no legal hold");
  if (row["hold"].AsBool()) {
    holds_[text("id")] = Hold{text("id"), text("scope"), text("reason"), text("by"), *at};
    return {};
  }
  Erasure erasure{text("id"), text("scope"), {}, text("reason"), text("by"), *at};
  for (const json::Value& key : row["keys"].AsArray()) erasure.keys.insert(static_cast<KeyId>(key.AsInt()));
  erasures_.push_back(std::move(erasure));
  return {};
}

const Hold* ErasureBook::HeldBy(std::string_view scope) const {
  const auto found = std::ranges::find_if(holds_, [&](const auto& hold) { return hold.second.scope == scope; });
  return found == holds_.end() ? nullptr : &found->second;
}

std::set<KeyId> ErasureBook::Keys() const {
  std::set<KeyId> keys;
  for (const Erasure& erasure : erasures_) keys.insert(erasure.keys.begin(), erasure.keys.end());
  return keys;
}

Result<json::Value> ErasureBook::Erase(desk::DeskBatch& batch, const std::string& scope, const std::set<KeyId>& keys,
                                       const std::string& reason) const {
  if (const Hold* hold = HeldBy(scope)) {
    return Fail(Code::kConflict, "erasure.held", "legal hold {} keeps {}: {}; erase it once the hold is released",
                hold->id, scope, hold->reason);
  }
  if (keys.empty()) return Fail(Code::kNotFound, "erasure.nothing", "no personal value lies under this name");
  return ToJson(Erasure{Record(batch, scope, keys, reason), scope, keys, reason, batch.actor(), batch.now()});
}

void ErasureBook::EraseAgain(desk::DeskBatch& batch, const std::string& scope, const std::set<KeyId>& keys) const {
  std::set<KeyId> fresh;
  std::ranges::set_difference(keys, Keys(), std::inserter(fresh, fresh.end()));
  if (!fresh.empty()) Record(batch, scope, fresh, "on the list of erasures; this copy is older than it");
}

Result<json::Value> ErasureBook::Place(desk::DeskBatch& batch, const std::string& scope,
                                       const std::string& reason) const {
  if (const Hold* hold = HeldBy(scope))
    return Fail(Code::kConflict, "hold.exists", "legal hold {} keeps {} already: {}; release it to place another",
                hold->id, scope, hold->reason);
  if (holds_.size() >= kMaxHolds)
    return Fail(Code::kTooLarge, "hold.too_many",
                "there are {} legal holds, at most {} are allowed; release one that is over", holds_.size(), kMaxHolds);
  const json::Value payload = json::Object{{"scope", scope}, {"hold", "placed"}, {"reason", reason}};
  const std::string id = IdAt(batch.Add(model::Kind::kErased, scope, json::ToString(payload)).position);
  batch.Audit("hold.place", scope, json::Object{{"hold", id}, {"reason", reason}});
  return ToJson(Hold{id, scope, reason, batch.actor(), batch.now()});
}

Result<json::Value> ErasureBook::Lift(desk::DeskBatch& batch, const std::string& id, const std::string& reason) const {
  const auto hold = holds_.find(id);
  if (hold == holds_.end())
    return Fail(Code::kNotFound, "hold.none", "there is no legal hold '{}'; list those in force", id);
  const std::string scope = hold->second.scope;
  batch.Add(model::Kind::kErased, scope,
            json::ToString(json::Object{{"id", id}, {"scope", scope}, {"hold", "lifted"}, {"reason", reason}}));
  batch.Audit("hold.lift", scope, json::Object{{"hold", id}, {"reason", reason}});
  return json::Value{nullptr};
}

}  // namespace bongsu::sealing
