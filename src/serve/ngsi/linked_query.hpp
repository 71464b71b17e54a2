// SPDX-License-Identifier: Apache-2.0
#pragma once

/// q over linked entities: finds, on every shard, which entities the braces of a query mean, before the query runs.
/// Source: GS CIM 009 V1.9.1 clause 4.9, examples 13 and 14.

#include <functional>

#include "serve/ngsi/context_service.hpp"
#include "serve/ngsi/join.hpp"

namespace bongsu::ngsi {

/// Most entities that may be meant by one pair of braces.
inline constexpr std::size_t kMaxLinkTargets = 100'000;

/// Braces need a join that reaches as deep. @errors kInvalidArgument ngsi.BadRequestData
Result<void> CheckReach(const context::Query& query, const Join& join);

/// Finds the entities of every link of `query` and then calls `done`, on some shard.
/// @errors kTooLarge ngsi.TooComplexQuery
void FindLinked(ContextService& service, const context::Query& query, const std::function<void(Result<void>)>& done);

}  // namespace bongsu::ngsi
