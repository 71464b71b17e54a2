// SPDX-License-Identifier: Apache-2.0
#include "model/event.hpp"

#include <array>

namespace bongsu::model {

Record ToRecord(const Event& event, std::uint16_t partitions) {
  json::Value payload;
  payload.Set("id", event.id);
  payload.Set("class", event.event_class == EventClass::kObservation ? "observation" : "happening");
  payload.Set("admission", static_cast<int>(event.admission));
  payload.Set("type", event.type);
  json::Value log_source;
  if (!event.log_source.category.empty()) log_source.Set("category", event.log_source.category);
  if (!event.log_source.product.empty()) log_source.Set("product", event.log_source.product);
  if (!event.log_source.service.empty()) log_source.Set("service", event.log_source.service);
  if (!log_source.IsNull()) payload.Set("logsource", std::move(log_source));
  if (event.clock_suspect) payload.Set("clock_suspect", true);
  if (!event.entity.empty()) payload.Set("entity", event.entity);
  if (event.place) payload.Set("place", ToJson(*event.place));
  payload.Set("fields", json::Value{event.fields});

  Record record;
  record.kind = Kind::kEvent;
  record.tenant = event.tenant;
  record.position.partition = PartitionOf(event.tenant, event.source, partitions);
  record.event_time = event.at;
  record.source = event.source;
  record.subject = event.entity;
  record.payload = json::ToString(payload);
  const std::array<char, 2> ordinal{static_cast<char>(event.tenant & 0xFFU), static_cast<char>(event.tenant >> 8U)};
  if (!event.id.empty()) record.dedupe = HashParts({{ordinal.data(), ordinal.size()}, event.source, event.id});
  return record;
}

Result<Event> EventFromRecord(const Record& record) {
  auto payload = json::Parse(record.payload);
  if (!payload || !payload->IsObject()) {
    return Fail(Code::kCorrupt, "event.bad_payload", "record {}/{}: payload is no event", record.position.partition,
                record.position.seq);
  }
  Event event;
  event.tenant = record.tenant;
  event.source = record.source;
  event.id = (*payload)["id"].AsString();
  event.event_class =
      (*payload)["class"].AsString() == "observation" ? EventClass::kObservation : EventClass::kHappening;
  event.admission = static_cast<Admission>((*payload)["admission"].AsInt(1));
  event.type = (*payload)["type"].AsString();
  const json::Value& log_source = (*payload)["logsource"];
  event.log_source = {std::string(log_source["category"].AsString()), std::string(log_source["product"].AsString()),
                      std::string(log_source["service"].AsString())};
  event.at = record.event_time;
  event.received_at = record.ingest_time;
  event.clock_suspect = (*payload)["clock_suspect"].AsBool();
  event.entity = (*payload)["entity"].AsString();
  event.place = PlaceFromJson((*payload)["place"]);
  if (json::Value* fields = payload->Find("fields"); fields != nullptr && fields->IsObject()) {
    event.fields = std::move(fields->MutableObject());
  }
  event.position = record.position;
  return event;
}

}  // namespace bongsu::model
