// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A direct NGSI-LD write, seen as an event: log source {category: entity, service: <short type>}, type
/// "entity.<operation>", fields = the attributes it sets, under their short names.

#include <optional>

#include "model/entity_patch.hpp"
#include "model/event.hpp"

namespace bongsu::rules {

/// Empty for a record that is no entity change, or that follows from another record (then that one was the event).
/// @param known_type  short type when the patch does not say it (from the context); may be empty
std::optional<model::Event> EventFromEntityRecord(const model::Record& record, std::string_view known_type);
model::Event EventFromPatch(const model::EntityPatch& patch, const model::Record& record, std::string_view known_type);

}  // namespace bongsu::rules
