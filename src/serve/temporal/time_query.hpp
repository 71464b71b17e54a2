// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a temporal request asks for besides entities and attributes: a span of time, a form, sums.
/// Source: GS CIM 009 V1.9.1 clauses 4.11, 4.5.6 to 4.5.9, 4.5.19, 5.2.21, 6.3.10; section 12 of our checklist.

#include <optional>
#include <vector>

#include "know/history/aggregate.hpp"
#include "serve/ngsi/exchange.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::temporal {

enum class TimeProperty : std::uint8_t { kObserved, kCreated, kModified, kDeleted };

struct TimeQuery {
  TimeProperty property = TimeProperty::kObserved;
  bool named = false;             ///< timeproperty or timerel was given: instances without that time do not count.
  std::optional<TimePoint> from;  ///< Inclusive.
  std::optional<TimePoint> to;    ///< Exclusive.
  std::size_t last = 0;           ///< lastN; 0: all, oldest first.
  bool given() const { return from || to; }
};

enum class Form : std::uint8_t { kNormalized, kConcise, kValues, kAggregated };

struct TemporalRequest {
  TimeQuery time;
  Form form = Form::kNormalized;
  std::vector<history::Method> methods;
  history::Period period;
  ngsi::Representation as;
};

/// Parameters of GET /temporal/entities and GET /temporal/entities/{id}.
const ngsi::NameSet& QueryParameters();
const ngsi::NameSet& RetrieveParameters();
/// Parameters beside the body of POST /temporal/entityOperations/query.
const ngsi::NameSet& BodyQueryParameters();

/// @param body  a Query with temporalQ and aggrParams, which are taken out of it; null for GET
/// @errors kInvalidArgument ngsi.BadRequestData, ngsi.InvalidRequest
Result<TemporalRequest> ReadTemporalRequest(const ngsi::Exchange& exchange, json::Value* body, TimePoint now);

/// The time of a sample by that property; nothing when it has none.
std::optional<TimePoint> TimeOf(const history::Sample& sample, TimeProperty property);
/// Whether the query speaks of the sample.
bool Wants(const TimeQuery& query, const history::Sample& sample);

}  // namespace bongsu::temporal
