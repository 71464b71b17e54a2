// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The municipalities (or factory operators) this installation serves, folded from the kTenant records of the platform
/// tenant's desk. A tenant's ordinal names its partitions and keys and is never given out again, so no tenant is ever
/// removed.
///
///   kTenant  subject = tenant id  {"ordinal":1,"id":"busan","name":{"ko","en"},"time_zone":"Asia/Seoul"}

#include <map>
#include <optional>
#include <string>

#include "know/desk/port.hpp"
#include "model/place.hpp"

namespace bongsu::guard {

inline constexpr std::uint16_t kPlatformTenant = 0;
inline constexpr std::string_view kPlatformTenantName = "default";

struct Tenant {
  std::uint16_t ordinal = kPlatformTenant;
  std::string id{kPlatformTenantName};  ///< What NGSILD-Tenant names: ^[a-z0-9][a-z0-9_-]{0,63}$
  model::LText name{"기본", "Default"};
  std::string time_zone = "Asia/Seoul";
  TimePoint created_at{};
};

/// {"id","name","time_zone","created_at"?} as the contract shows it.
json::Value ToJson(const Tenant& tenant);

class TenantBook final : public desk::Book {
 public:
  static constexpr std::uint16_t kMaxTenants = 1'000;

  TenantBook() { Clear(); }
  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "tenants"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  /// The platform tenant first, then in order of ordinals.
  const std::map<std::uint16_t, Tenant>& tenants() const { return tenants_; }
  const Tenant* Find(std::string_view id) const;

  /// @param tenant  its ordinal and time are filled in
  /// @errors kInvalidArgument tenant.bad_id   kConflict tenant.exists   kTooLarge tenant.too_many
  Result<Tenant> Add(desk::DeskBatch& batch, Tenant tenant);

 private:
  std::map<std::uint16_t, Tenant> tenants_;
};

}  // namespace bongsu::guard
