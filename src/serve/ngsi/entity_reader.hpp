// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Client JSON in, model::EntityPatch bodies out: checks an entity or fragment against the data model and expands
/// names. Accepts normalized, concise and simplified input alike. Source: GS CIM 009 V1.9.1
/// clauses 4.5, 4.6, 4.7, 5.2.4 and 5.5.4; section 5 of our checklist.

#include <string>

#include "base/json.hpp"
#include "serve/ngsi/ld_context.hpp"

namespace bongsu::ngsi {

/// What is read, and so what may be missing and where the NGSI-LD Null may stand.
enum class ReadMode : std::uint8_t {
  kEntity,    ///< Whole: id and type are needed, no Null.
  kReplace,   ///< Whole, id and type may be left to the address.
  kAppend,    ///< Fragment, no Null.
  kUpdate,    ///< Fragment; a Null deletes an attribute.
  kMerge,     ///< Fragment; a Null deletes anything; attributes may be incomplete.
  kPartial,   ///< One attribute's members; may be incomplete.
  kTemporal,  ///< Fragment; an attribute has instances in time, so several may have one datasetId; a Null as value is a
              ///< deletion of then.
};

struct ReadEntity {
  std::string id;    ///< Empty when the body has none.
  json::Value body;  ///< Normalized and expanded: {"type":[IRI…], "scope"?, "expiresAt"?, IRI: instance or [instances]}
};

/// Values move from `body` into the result, nothing is copied.
/// @errors kInvalidArgument ngsi.BadRequestData (names the member)
Result<ReadEntity> ReadEntityBody(json::Value body, const LdContext& context, ReadMode mode);

/// One attribute, or an array of its instances. @param name  IRI, for messages
Result<json::Value> ReadAttribute(std::string_view name, json::Value value, const LdContext& context, ReadMode mode);

/// A name in an address or a list. @errors kInvalidArgument ngsi.BadRequestData
Result<std::string> ReadName(std::string_view name, const LdContext& context);

}  // namespace bongsu::ngsi
