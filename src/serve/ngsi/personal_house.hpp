// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Personal attributes at the door of the context (docs/formats/sealing.md section 7): sealed in every direct write;
/// found again by == and != of q by who may see them, with a record of what was looked for before the answer leaves.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/principal.hpp"
#include "guard/sealing/attributes.hpp"
#include "know/context/entity.hpp"
#include "know/context/selection.hpp"

namespace bongsu::ngsi {

struct PersonalHouse {
  sealing::PersonalAttributes attributes;
  /// On a shard. @errors those of Keyring::Seal
  std::function<Result<std::string>(std::uint16_t tenant, sealing::DataClass, const sealing::Belongs&,
                                    std::string_view value)>
      seal;
  /// Any thread.
  std::function<std::string(std::uint16_t tenant, sealing::DataClass, std::string_view value)> surrogate;
  /// Writes "personal.search" into the audit trail; `done` once it is on disk.
  std::function<void(const guard::Principal& caller, const std::string& address, std::vector<std::string> surrogates,
                     std::function<void(Result<void>)> done)>
      record_search;
};

/// Seals what is personal in a change. @param entity  as it is; null when there is none
Result<void> SealPatch(const PersonalHouse& house, std::uint16_t tenant, const context::Entity* entity,
                       model::EntityPatch& patch);

/// A subscription's text is kept as it was given: it must not hold a personal value.
/// @errors kInvalidArgument ngsi.BadRequestData
Result<void> CheckSubscription(const PersonalHouse& house, const context::Query& query);

/// How a sealed value of attribute `iri` that equals `text` begins; empty when that attribute is not personal, or only
/// of some types and the caller may not see it.
/// @errors kPermissionDenied personal.not_allowed   kInvalidArgument ngsi.BadRequestData for other comparisons
Result<std::string> SealedStart(const PersonalHouse& house, const guard::Principal& caller, std::string_view iri,
                                std::string_view text, bool equality);

}  // namespace bongsu::ngsi
