// SPDX-License-Identifier: Apache-2.0
#include "model/entity_patch.hpp"

#include <algorithm>
#include <array>

namespace bongsu::model {
namespace {

// In the order of PatchOp.
constexpr std::array<std::string_view, 17> kNames{"create",
                                                  "replace",
                                                  "merge",
                                                  "upsert",
                                                  "append",
                                                  "append_no_overwrite",
                                                  "update",
                                                  "partial",
                                                  "replace_attribute",
                                                  "delete_attribute",
                                                  "delete",
                                                  "temporal_upsert",
                                                  "temporal_append",
                                                  "temporal_delete",
                                                  "temporal_delete_attribute",
                                                  "temporal_replace_instance",
                                                  "temporal_delete_instance"};

constexpr std::size_t kUsualPayload = 1024;  // bytes

}  // namespace

std::string_view PatchOpName(PatchOp op) { return kNames[static_cast<std::size_t>(op)]; }

Record ToRecord(const EntityPatch& patch, std::uint16_t tenant, TimePoint event_time, std::string_view source,
                std::uint16_t partitions) {
  json::Writer payload{kUsualPayload};
  payload.Object().Key("op").String(PatchOpName(patch.op)).Key("id").String(patch.id).Key("body").Put(patch.body).End();
  Record record;
  record.kind = Kind::kEntity;
  record.tenant = tenant;
  record.position.partition = PartitionOf(tenant, patch.id, partitions);
  record.event_time = event_time;
  record.source = source;
  record.subject = patch.id;
  record.payload = payload.Take();
  return record;
}

Record ToRecord(std::shared_ptr<const EntityPatch> patch, std::uint16_t tenant, TimePoint event_time,
                std::string_view source, std::uint16_t partitions) {
  Record record = ToRecord(*patch, tenant, event_time, source, partitions);
  record.patch = std::move(patch);
  return record;
}

Result<std::shared_ptr<const EntityPatch>> PatchOf(const Record& record) {
  if (record.patch) return record.patch;
  BONGSU_TRY(EntityPatch patch, EntityPatchFromRecord(record));
  return std::make_shared<const EntityPatch>(std::move(patch));
}

Result<EntityPatch> EntityPatchFromRecord(const Record& record) {
  auto payload = json::Parse(record.payload);
  const auto bad = [&] {
    return Fail(Code::kCorrupt, "entity.bad_payload", "record {}/{}: payload is no entity change",
                record.position.partition, record.position.seq);
  };
  if (!payload || !payload->IsObject()) return bad();
  const auto name = std::ranges::find(kNames, (*payload)["op"].AsString());
  if (name == kNames.end()) return bad();
  EntityPatch patch;
  patch.op = static_cast<PatchOp>(name - kNames.begin());
  patch.id = (*payload)["id"].AsString();
  if (json::Value* body = payload->Find("body")) patch.body = std::move(*body);
  return patch;
}

}  // namespace bongsu::model
