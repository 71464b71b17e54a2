// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One change of one entity of the context, as the journal keeps it.

#include <memory>
#include <string>

#include "base/json.hpp"
#include "model/record.hpp"

namespace bongsu::model {

/// What the change does; semantics of GS CIM 009 V1.9.1 clause 5.6, applied by know/context.
enum class PatchOp : std::uint8_t {
  kCreate,             ///< The entity is new (checked before the append).
  kReplace,            ///< PUT entity: everything but createdAt is replaced.
  kMerge,              ///< PATCH entity: deep merge.
  kUpsert,             ///< Creates the entity or sets the given attributes whole: what a connector's observation does.
  kAppend,             ///< POST attrs.
  kAppendNoOverwrite,  ///< POST attrs?options=noOverwrite.
  kUpdate,             ///< PATCH attrs.
  kPartial,            ///< PATCH attrs/{attr}: body has that one attribute's members.
  kReplaceAttribute,   ///< PUT attrs/{attr}
  kDeleteAttribute,    ///< body: {"attribute": IRI, "datasetId"?: URI, "deleteAll"?: true}
  kDelete,             ///< body: null
  // Of the history (clause 5.6.11 to 5.6.16). The first two also move the entity when they bring something newer.
  kTemporalUpsert,           ///< Instances of attributes; creates the entity.
  kTemporalAppend,           ///< Instances of attributes.
  kTemporalDelete,           ///< All history of the entity. body: null
  kTemporalDeleteAttribute,  ///< body as kDeleteAttribute
  kTemporalReplaceInstance,  ///< body: {"attribute": IRI, "datasetId"?, "instanceId": URN, "instance": {...}}
  kTemporalDeleteInstance,   ///< body: {"attribute": IRI, "datasetId"?, "instanceId": URN}
};

struct EntityPatch {
  PatchOp op = PatchOp::kUpsert;
  std::string id;    ///< Entity id (a URI).
  json::Value body;  ///< NGSI-LD normalized form with types and attribute names as full IRIs (expanded), no @context.
};

std::string_view PatchOpName(PatchOp op);
/// True when the change is about what was, not about what is.
constexpr bool IsTemporal(PatchOp op) { return op >= PatchOp::kTemporalUpsert; }

/// Record of kind kEntity; partition by (tenant, entity id), subject = entity id.
/// Payload: {"op","id","body"}.
Record ToRecord(const EntityPatch& patch, std::uint16_t tenant, TimePoint event_time, std::string_view source,
                std::uint16_t partitions);
/// The same, and the record carries the patch along for the folds.
Record ToRecord(std::shared_ptr<const EntityPatch> patch, std::uint16_t tenant, TimePoint event_time,
                std::string_view source, std::uint16_t partitions);
/// @errors kCorrupt entity.bad_payload
Result<EntityPatch> EntityPatchFromRecord(const Record& record);
/// The patch that the record carries along, else read from its payload. What folds call.
/// @errors kCorrupt entity.bad_payload
Result<std::shared_ptr<const EntityPatch>> PatchOf(const Record& record);

/// The IRI that a short name gets without a user @context.
inline constexpr std::string_view kDefaultVocab = "https://uri.etsi.org/ngsi-ld/default-context/";

}  // namespace bongsu::model
