// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Whether a write may be done on an entity as it is now, and what the answer says it did. Pure; the record is
/// appended only afterwards. Source: GS CIM 009 V1.9.1 clause 5.6 (table of section 10 of our checklist).

#include <string>
#include <utility>
#include <vector>

#include "know/context/patch.hpp"

namespace bongsu::context {

struct WriteOutcome {
  bool created = false;                                          ///< The entity was not there before.
  bool nothing_to_do = false;                                    ///< Right, but changes nothing: no record is needed.
  std::vector<std::string> updated;                              ///< Attribute IRIs.
  std::vector<std::pair<std::string, std::string>> not_updated;  ///< Attribute IRI and why.
};

/// @param entity  null when there is none (or it expired)
/// @errors kConflict ngsi.AlreadyExists   kNotFound ngsi.ResourceNotFound   kInvalidArgument ngsi.BadRequestData
Result<WriteOutcome> CheckWrite(const Entity* entity, const model::EntityPatch& patch);

}  // namespace bongsu::context
