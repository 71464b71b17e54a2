// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the live socket shows of desk records, and the snapshot a client begins with (api/events.schema.json).

#include "act/incidents/incident_book.hpp"
#include "decide/alarms/alarm_book.hpp"
#include "serve/live/live_hub.hpp"

namespace bongsu::api {

/// The frame of a committed desk record; empty when it is not for the screen. Depends on the record alone, so a
/// replayed frame is the one that was shown.
std::optional<live::Frame> LiveFrame(const model::Record& record);

/// {"alarms": every open one in board order, "incidents": every open one, newest first}
json::Value DeskSnapshot(const alarms::AlarmBook& alarms, const incidents::IncidentBook& incidents);

}  // namespace bongsu::api
