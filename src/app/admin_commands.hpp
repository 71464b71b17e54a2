// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What `bongsu user|token|tenant|routes|outbox|erase|hold`, `bongsu rules reload` and `bongsu backup` ask of the
/// running server, as JSON values. The words of the command line are in admin_client.
///
///   request  {"verb":"user.add","name":"kim","role":"operator","tenant"?:"default",…}
///   answer   {"ok":true,"value":…} | {"ok":false,"reason","message"}

#include <functional>
#include <string>

#include "guard/account_office.hpp"

namespace bongsu::app {

struct AdminHouse {
  guard::AccountOffice& office;
  guard::Directory& directory;
  const Clock& clock;  ///< Platform time, from which a token's lifetime counts.
  std::function<void(const guard::Who& who, guard::AccountOffice::Answer answer)> reload_rules;
  std::function<json::Value()> list_routes;  ///< Every operation of the HTTP interface with the permission it needs.
  std::function<void(const guard::Who& who, const std::string& to, guard::AccountOffice::Answer answer)> start_backup{};
  std::function<json::Value()> backup_status{};
  std::function<void(const guard::Who& who, std::uint16_t tenant, guard::AccountOffice::Answer answer)>
      release_outbox{};
  std::function<void(std::uint16_t tenant, guard::AccountOffice::Answer answer)> outbox_status{};
  /// @param body  as that of POST /api/v1/erasures
  std::function<void(const guard::Who& who, std::uint16_t tenant, const json::Value& body,
                     const guard::AccountOffice::Answer& answer)>
      erase{};
  /// Legal holds. @param body  as that of POST /api/v1/holds
  std::function<void(const guard::Who& who, std::uint16_t tenant, const json::Value& body,
                     const guard::AccountOffice::Answer& answer)>
      place_hold{};
  std::function<void(const guard::Who& who, std::uint16_t tenant, const std::string& id, const std::string& reason,
                     const guard::AccountOffice::Answer& answer)>
      lift_hold{};
  std::function<void(std::uint16_t tenant, const guard::AccountOffice::Answer& answer)> list_holds{};
};

/// On any shard; answers there.
/// @param from  who asks, for the audit record: "host uid=0"
void RunAdminCommand(const AdminHouse& house, const json::Value& request, const std::string& from,
                     const guard::AccountOffice::Answer& answer);

/// The answer's line.
json::Value AdminAnswer(const Result<json::Value>& result);

}  // namespace bongsu::app
