// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a linked system said, after its mapping: something happened (Happening) or a value was so (Observation).
/// One noun for both, because rules read both the same way.

#include <optional>
#include <string>

#include "model/place.hpp"
#include "model/record.hpp"

namespace bongsu::model {

enum class EventClass : std::uint8_t { kHappening, kObservation };

/// Admission class of architecture D19.
enum class Admission : std::uint8_t { kUrgent = 0, kEvent = 1, kObservation = 2, kHistory = 3 };

/// Sigma's log source: a rule sees only events of its own.
struct LogSource {
  std::string category;
  std::string product;
  std::string service;
};

struct Event {
  std::uint16_t tenant = 0;
  std::string source;  ///< Linked system.
  std::string id;      ///< The source's own name of the message; empty: hash of the content.
  EventClass event_class = EventClass::kHappening;
  Admission admission = Admission::kEvent;
  std::string type;  ///< "bell.press", "119UC001", "air.reading".
  LogSource log_source;
  TimePoint at{};              ///< Event time.
  TimePoint received_at{};     ///< Ingest time, from the envelope.
  bool clock_suspect = false;  ///< Event time lay more than 60 s ahead and was replaced by ingest time.
  std::string entity;          ///< Entity it speaks about; empty for none.
  std::optional<Place> place;
  json::Object fields;  ///< What rules read: flat, names as the mapping gives them.
  Position position;    ///< Where it lies in the journal; seq 0 before commit.
};

/// Record of kind kEvent; partition by (tenant, source), dedupe by (tenant, source, id).
Record ToRecord(const Event& event, std::uint16_t partitions);
/// @errors kCorrupt event.bad_payload
Result<Event> EventFromRecord(const Record& record);

}  // namespace bongsu::model
