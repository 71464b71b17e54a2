// SPDX-License-Identifier: Apache-2.0
#include "model/finding.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::model {
namespace {

constexpr std::array<std::string_view, 4> kStatusNames{"provisional", "corrected", "final", "withdrawn"};

std::string_view OrdinalBytes(std::uint16_t tenant, std::array<char, 2>& buffer) {
  buffer = {static_cast<char>(tenant & 0xFFU), static_cast<char>(tenant >> 8U)};
  return {buffer.data(), buffer.size()};
}

json::Value PositionsToJson(const std::vector<Position>& positions) {
  json::Array items;
  for (const Position& position : positions) items.emplace_back(fmt::format("{}/{}", position.partition, position.seq));
  return items;
}

std::vector<Position> PositionsFromJson(const json::Value& value) {
  std::vector<Position> positions;
  for (const json::Value& item : value.AsArray()) {
    const std::string_view text = item.AsString();
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) continue;
    Position position;
    std::from_chars(text.data(), text.data() + slash, position.partition);
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), position.seq);
    positions.push_back(position);
  }
  return positions;
}

}  // namespace

std::string_view StatusName(FindingStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::string RoutingKey(std::string_view rule, std::string_view key) { return fmt::format("{}\n{}", rule, key); }

Hash128 FindingId(std::uint16_t tenant, std::string_view rule, std::string_view key, TimePoint window_start) {
  std::array<char, 2> ordinal{};
  return HashParts({OrdinalBytes(tenant, ordinal), rule, key, std::to_string(ToMicros(window_start))});
}

Hash128 AlarmIdOf(std::uint16_t tenant, std::string_view rule, std::string_view key) {
  std::array<char, 2> ordinal{};
  return HashParts({OrdinalBytes(tenant, ordinal), rule, key});
}

Record ToRecord(const Finding& finding, std::uint16_t partitions) {
  json::Value payload;
  payload.Set("id", ToText(finding.id));
  payload.Set("revision", static_cast<std::int64_t>(finding.revision));
  payload.Set("status", StatusName(finding.status));
  if (finding.clears) payload.Set("clears", true);
  payload.Set("rule", finding.rule);
  payload.Set("rule_version", finding.rule_version);
  payload.Set("key", finding.key);
  payload.Set("window_start", FormatUtc(finding.window_start));
  payload.Set("first_at", FormatUtc(finding.first_at));
  payload.Set("last_at", FormatUtc(finding.last_at));
  payload.Set("received_at", FormatUtc(finding.received_at));
  payload.Set("count", finding.count);
  payload.Set("severity", finding.severity);
  payload.Set("title", ToJson(finding.title));
  payload.Set("service", finding.service);
  payload.Set("position", finding.position);
  payload.Set("procedure", finding.procedure);
  if (finding.place) payload.Set("place", ToJson(*finding.place));
  payload.Set("entity", finding.entity);
  payload.Set("sources", json::Array(finding.sources.begin(), finding.sources.end()));
  if (finding.confidence) payload.Set("confidence", *finding.confidence);
  if (!finding.parent_key.empty()) payload.Set("parent_key", finding.parent_key);
  payload.Set("evidence", finding.evidence);
  payload.Set("events", PositionsToJson(finding.events));
  payload.Set("explanation", finding.explanation);

  Record record;
  record.kind = Kind::kFinding;
  record.tenant = finding.tenant;
  record.position.partition = PartitionOf(finding.tenant, RoutingKey(finding.rule, finding.key), partitions);
  record.event_time = finding.last_at;
  record.source = "rules";
  record.subject = ToText(finding.id);
  if (!finding.events.empty()) record.cause = finding.events.back();
  record.payload = json::ToString(payload);
  return record;
}

Result<Finding> FindingFromRecord(const Record& record) {
  const auto bad = [&] {
    return Fail(Code::kCorrupt, "finding.bad_payload", "record {}/{}: payload is no finding", record.position.partition,
                record.position.seq);
  };
  auto parsed = json::Parse(record.payload);
  if (!parsed || !parsed->IsObject()) return bad();
  const json::Value& payload = *parsed;
  const auto id = HashFromText(payload["id"].AsString());
  const auto status = std::ranges::find(kStatusNames, payload["status"].AsString());
  if (!id || status == kStatusNames.end()) return bad();
  const auto time = [&](std::string_view name) { return ParseTime(payload[name].AsString()).value_or(TimePoint{}); };
  Finding finding;
  finding.id = *id;
  finding.revision = static_cast<std::uint32_t>(payload["revision"].AsInt(1));
  finding.status = static_cast<FindingStatus>(status - kStatusNames.begin());
  finding.clears = payload["clears"].AsBool();
  finding.tenant = record.tenant;
  finding.rule = payload["rule"].AsString();
  finding.rule_version = payload["rule_version"].AsString();
  finding.key = payload["key"].AsString();
  finding.window_start = time("window_start");
  finding.first_at = time("first_at");
  finding.last_at = time("last_at");
  finding.received_at = time("received_at");
  finding.count = static_cast<std::uint64_t>(payload["count"].AsInt(1));
  finding.severity = static_cast<int>(payload["severity"].AsInt(3));
  finding.title = LTextFromJson(payload["title"]);
  finding.service = payload["service"].AsString();
  finding.position = payload["position"].AsString();
  finding.procedure = payload["procedure"].AsString();
  finding.place = PlaceFromJson(payload["place"]);
  finding.entity = payload["entity"].AsString();
  for (const json::Value& source : payload["sources"].AsArray()) finding.sources.emplace_back(source.AsString());
  if (payload["confidence"].IsNumber()) finding.confidence = payload["confidence"].AsDouble();
  finding.parent_key = payload["parent_key"].AsString();
  finding.evidence = payload["evidence"].AsString("none");
  finding.events = PositionsFromJson(payload["events"]);
  finding.explanation = payload["explanation"];
  finding.record = record.position;
  return finding;
}

}  // namespace bongsu::model
