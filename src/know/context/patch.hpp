// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a committed change does to an entity. A pure function of the entity before, the patch and the record's ingest
/// time, so a fold gives the same entity today and after a restart. It never fails: what cannot be applied changes
/// nothing (the writer validated before the append). Source: GS CIM 009 V1.9.1 clauses 5.5.8, 5.5.12 and 5.6.

#include <memory>
#include <string_view>

#include "know/context/entity.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::context {

/// The NGSI-LD Null: deletes what it stands in for.
inline constexpr std::string_view kNull = "urn:ngsi-ld:null";

/// True for the NGSI-LD Null in any of its forms: the string, an array holding only it, {"@none": it}.
bool IsNgsiNull(const json::Value& value);

/// True when the instance as a whole is deleted: its value member is the NGSI-LD Null.
bool IsDeletion(const json::Value& instance);

/// Members of an entity that are no attributes: id, type, scope, expiresAt and the system times.
bool IsEntityMember(std::string_view name);
/// The scope in the body of a change of history: instances in time, instead of what it is from now on.
bool IsScopeInstances(const json::Value& scope);

enum class Change : std::uint8_t { kNothing, kCreated, kChanged, kDeleted };

/// @param entity  the entity as it is, null when there is none; holds the result
/// @param at      ingest time of the record
Change ApplyPatch(std::unique_ptr<Entity>& entity, const model::EntityPatch& patch, TimePoint at, Names& names);

}  // namespace bongsu::context
