// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Evolutions as clients see them. Source: GS CIM 009 V1.9.1 clauses 4.5.6 to 4.5.9, 4.5.19, 6.3.10.

#include <optional>
#include <string>
#include <vector>

#include "serve/temporal/evolution_reader.hpp"

namespace bongsu::temporal {

/// One entity. @errors kInvalidArgument ngsi.InvalidRequest: a method does not suit an attribute
Result<std::string> EvolutionText(const EvolutionAnswer& answer, const TemporalRequest& request,
                                  std::uint16_t partition);

/// Keeps at most `cap` samples of all entities together, cut at one time so that no attribute has a gap inside of what
/// is left. Gives the Content-Range when something had to go.
std::optional<std::string> CutToCap(std::vector<EvolutionAnswer>& entities, const TimeQuery& time, std::size_t cap);

}  // namespace bongsu::temporal
