// SPDX-License-Identifier: Apache-2.0
#pragma once

/// AlarmDetail of api/openapi.yaml: why it fired, which cameras, what is near, what was done.

#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {

/// What is ready on the desk's shard; the explanation's events are still to be read.
struct DetailDraft {
  json::Value detail;
  std::vector<model::Position> events;
};

/// @param city  may be null: no cameras, nothing near
/// @param caller  decides which cameras may be shown
DetailDraft DraftOf(const alarms::AlarmRow& row, const incidents::IncidentBook& incidents, const context::Replica* city,
                    const guard::Principal& caller);

/// Reads the events from the journal (waits for the disk) and completes the draft. An event the journal no longer keeps
/// is left out, and the explanation says how many.
json::Value Complete(DetailDraft draft, const journal::JournalPort& journal);

}  // namespace bongsu::api
