// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/subscription_book.hpp"

#include "model/payload.hpp"
#include "model/subscription_record.hpp"

namespace bongsu::notifications {

std::string ShownAddress(std::string_view uri) {
  const auto scheme = uri.find("://");
  const auto at = uri.substr(0, uri.find('/', scheme + 3)).rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos) return std::string(uri);
  return std::string(uri.substr(0, scheme + 3)) + std::string(uri.substr(at + 1));
}

TimePoint Subscription::expires() const {
  const json::Value* text = body.Find("expiresAt");
  return text == nullptr ? kNever : ParseTime(text->AsString()).value_or(kNever);
}

std::string_view Subscription::StatusAt(TimePoint now) const {
  if (expires() <= now) return "expired";
  return active() ? "active" : "paused";
}

Result<void> SubscriptionBook::Put(const Subscription& subscription, bool wakes, desk::DeskBatch& batch) {
  const bool fresh = !subscriptions_.contains(subscription.id);
  if (fresh && subscriptions_.size() >= kMaxSubscriptions) {
    return Fail(Code::kOverloaded, "subscription.too_many", "there are {} subscriptions, at most {}",
                subscriptions_.size(), kMaxSubscriptions);
  }
  json::Writer out;
  out.Object().Key("op").String("put").Key("body").Put(subscription.body);
  out.Key("context").Put(subscription.context).Key("link").String(subscription.link);
  if (!subscription.tenant_header.empty()) out.Key("tenantHeader").String(subscription.tenant_header);
  if (wakes) out.Key("wakes").Bool(true);
  out.End();
  batch.Add(model::kSubscription, subscription.id, out.Take());
  batch.Audit(
      fresh ? "subscription.create" : "subscription.change", subscription.id,
      json::Object{{"endpoint", ShownAddress(subscription.body["notification"]["endpoint"]["uri"].AsString())}});
  return {};
}

void SubscriptionBook::Delete(const std::string& id, desk::DeskBatch& batch) {
  batch.Add(model::kSubscription, id, R"({"op":"delete"})");
  batch.Audit("subscription.delete", id, json::Object{});
}

void SubscriptionBook::Fold(const model::Record& record) {
  if (record.kind != model::kSubscription && record.kind != model::kSubscriptionState) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (record.kind == model::kSubscriptionState) {
    return FoldStatistics(*payload, [this](const std::string& id, Statistics statistics) {
      const auto found = subscriptions_.find(id);
      if (found != subscriptions_.end()) found->second.statistics = statistics;
    });
  }
  if ((*payload)["op"].AsString() == "delete") {
    subscriptions_.erase(record.subject);
    return;
  }
  Subscription& subscription = subscriptions_[record.subject];
  if (subscription.id.empty()) {
    subscription.id = record.subject;
    subscription.created = record.ingest_time;
  }
  subscription.body = (*payload)["body"];
  subscription.context = (*payload)["context"];
  subscription.link = (*payload)["link"].AsString();
  subscription.tenant_header = (*payload)["tenantHeader"].AsString();
  subscription.modified = record.ingest_time;
  if ((*payload)["wakes"].AsBool()) subscription.active_since = record.ingest_time;
}

void SubscriptionBook::Save(const PutRow& put) const {
  for (const auto& [id, subscription] : subscriptions_) {
    put(json::ToString(json::Object{{"id", id},
                                    {"body", subscription.body},
                                    {"context", subscription.context},
                                    {"link", subscription.link},
                                    {"tenantHeader", subscription.tenant_header},
                                    {"created", ToMicros(subscription.created)},
                                    {"modified", ToMicros(subscription.modified)},
                                    {"activeSince", ToMicros(subscription.active_since)},
                                    {"statistics", subscription.statistics.ToJson()}}));
  }
}

Result<void> SubscriptionBook::Load(const json::Value& row) {
  const std::string id{row["id"].AsString()};
  if (id.empty()) return Fail(Code::kCorrupt, "subscription.bad_row", "a subscription without an id");
  Subscription& subscription = subscriptions_[id];
  subscription.id = id;
  subscription.body = row["body"];
  subscription.context = row["context"];
  subscription.link = row["link"].AsString();
  subscription.tenant_header = row["tenantHeader"].AsString();
  subscription.created = FromMicros(row["created"].AsInt());
  subscription.modified = FromMicros(row["modified"].AsInt());
  subscription.active_since = FromMicros(row["activeSince"].AsInt());
  subscription.statistics = Statistics::FromJson(row["statistics"]);
  return {};
}

const Subscription* SubscriptionBook::Find(std::string_view id) const {
  const auto found = subscriptions_.find(id);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

void FoldStatistics(const json::Value& payload, const std::function<void(const std::string&, Statistics)>& take) {
  for (const auto& [id, values] : payload["statistics"].AsObject()) take(id, Statistics::FromJson(values));
}

}  // namespace bongsu::notifications
