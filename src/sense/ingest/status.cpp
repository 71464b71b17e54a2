// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/status.hpp"

namespace bongsu::ingest {
namespace {

std::int64_t SecondOf(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

void Rate::Add(TimePoint now, std::uint64_t count) {
  const std::int64_t second = SecondOf(now);
  Bucket& bucket = buckets_[static_cast<std::size_t>(second % 60 + 60) % 60];
  if (bucket.second != second) bucket = {second, 0};
  bucket.count += count;
}

double Rate::PerMinute(TimePoint now) const {
  const std::int64_t second = SecondOf(now);
  std::uint64_t sum = 0;
  for (const Bucket& bucket : buckets_) {
    if (bucket.second > second - 60 && bucket.second <= second) sum += bucket.count;
  }
  return static_cast<double>(sum);
}

json::Value ToJson(const ConnectorStatus& status) {
  json::Value value;
  value.Set("id", status.id);
  value.Set("kind", status.kind);
  value.Set("source", status.source);
  value.Set("tenant", status.tenant);
  if (status.name.IsObject() || status.name.IsString()) {
    value.Set("name", status.name.IsString() ? json::Value{json::Object{{"ko", status.name}}} : status.name);
  }
  value.Set("state", status.state);
  value.Set("last_message_at",
            status.last_message_at ? json::Value{FormatUtc(*status.last_message_at)} : json::Value{});
  value.Set("rate_per_min", status.rate_per_min);
  value.Set("accepted", status.counts.accepted);
  value.Set("refused", status.counts.refused);
  value.Set("duplicate", status.counts.duplicate);
  value.Set("quarantined", status.counts.quarantined);
  value.Set("dropped", status.counts.dropped);
  json::Array errors;
  for (const LinkError& error : status.errors) {
    json::Value item;
    item.Set("at", FormatUtc(error.at));
    item.Set("reason", error.reason);
    item.Set("message", error.message);
    errors.push_back(std::move(item));
  }
  value.Set("errors", std::move(errors));
  value.Set("silence_after_s", status.silence_after_s);
  value.Set("address", status.address);
  value.Set("config_redacted", status.config_redacted);
  return value;
}

}  // namespace bongsu::ingest
