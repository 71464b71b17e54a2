// SPDX-License-Identifier: Apache-2.0
#include "guard/tenants.hpp"

#include <algorithm>

namespace bongsu::guard {
namespace {

bool IsTenantId(std::string_view id) {
  const auto plain = [](char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'); };
  return !id.empty() && id.size() <= 64 && plain(id.front()) &&
         std::ranges::all_of(id, [&](char letter) { return plain(letter) || letter == '_' || letter == '-'; });
}

}  // namespace

json::Value ToJson(const Tenant& tenant) {
  json::Value value;
  value.Set("id", tenant.id);
  value.Set("name", model::ToJson(tenant.name));
  value.Set("time_zone", tenant.time_zone);
  if (tenant.created_at != TimePoint{}) value.Set("created_at", FormatUtc(tenant.created_at));
  return value;
}

void TenantBook::Clear() {
  tenants_.clear();
  tenants_[kPlatformTenant] = Tenant{};
}

void TenantBook::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kTenant) return;
  const auto payload = json::Parse(record.payload);
  if (!payload) return;
  Tenant tenant;
  tenant.ordinal = static_cast<std::uint16_t>((*payload)["ordinal"].AsInt());
  tenant.id = (*payload)["id"].AsString();
  tenant.name = model::LTextFromJson((*payload)["name"]);
  tenant.time_zone = (*payload)["time_zone"].AsString("Asia/Seoul");
  tenant.created_at = record.event_time;
  tenants_[tenant.ordinal] = std::move(tenant);
}

void TenantBook::Save(const PutRow& put) const {
  for (const auto& [ordinal, tenant] : tenants_) {
    put(json::ToString(json::Object{{"ordinal", static_cast<int>(ordinal)},
                                    {"id", tenant.id},
                                    {"name", model::ToJson(tenant.name)},
                                    {"time_zone", tenant.time_zone},
                                    {"created_at", ToMicros(tenant.created_at)}}));
  }
}

Result<void> TenantBook::Load(const json::Value& row) {
  Tenant tenant;
  tenant.ordinal = static_cast<std::uint16_t>(row["ordinal"].AsInt());
  tenant.id = row["id"].AsString();
  tenant.name = model::LTextFromJson(row["name"]);
  tenant.time_zone = row["time_zone"].AsString("Asia/Seoul");
  tenant.created_at = FromMicros(row["created_at"].AsInt());
  tenants_[tenant.ordinal] = std::move(tenant);
  return {};
}

const Tenant* TenantBook::Find(std::string_view id) const {
  const auto found = std::ranges::find_if(tenants_, [&](const auto& entry) { return entry.second.id == id; });
  return found == tenants_.end() ? nullptr : &found->second;
}

Result<Tenant> TenantBook::Add(desk::DeskBatch& batch, Tenant tenant) {
  if (!IsTenantId(tenant.id)) {
    return Fail(Code::kInvalidArgument, "tenant.bad_id",
                "tenant id '{}': 1 to 64 of a-z, 0-9, '_', '-', beginning with a letter or a digit",
                tenant.id.substr(0, 80));
  }
  if (Find(tenant.id) != nullptr)
    return Fail(Code::kConflict, "tenant.exists", "there is a tenant '{}' already", tenant.id);
  if (tenants_.size() >= kMaxTenants) {
    return Fail(Code::kTooLarge, "tenant.too_many", "there are {} tenants, the most one installation can have",
                kMaxTenants);
  }
  if (tenant.name.ko.empty() && tenant.name.en.empty()) tenant.name.ko = tenant.id;
  tenant.ordinal = static_cast<std::uint16_t>(tenants_.rbegin()->first + 1);
  tenant.created_at = batch.now();
  json::Value payload;
  payload.Set("ordinal", static_cast<int>(tenant.ordinal));
  payload.Set("id", tenant.id);
  payload.Set("name", model::ToJson(tenant.name));
  payload.Set("time_zone", tenant.time_zone);
  batch.Add(model::Kind::kTenant, tenant.id, json::ToString(payload));
  json::Value details;
  details.Set("ordinal", static_cast<int>(tenant.ordinal));
  batch.Audit("tenant.create", tenant.id, details);
  return tenant;
}

}  // namespace bongsu::guard
