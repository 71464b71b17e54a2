// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a desk record says in the story of its incident, in Korean and English. One table; no text elsewhere.

#include "base/json.hpp"
#include "model/record.hpp"

namespace bongsu::incidents {

/// TimelineEntry of api/openapi.yaml; null when the record is not worth a line (repeats, links, progress).
json::Value TimelineEntry(const model::Record& record, const json::Value& payload);

}  // namespace bongsu::incidents
