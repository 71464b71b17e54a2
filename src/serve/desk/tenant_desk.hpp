// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How the handlers of alarms, incidents and notices reach a tenant's desk, and what they have in common.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "act/dispatch/outbox_book.hpp"
#include "act/incidents/incident_book.hpp"
#include "act/sop/procedure_book.hpp"
#include "decide/alarms/alarm_book.hpp"
#include "know/context/replica.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

/// One tenant's desk; everything in it is of the desk's shard.
struct TenantDesk {
  desk::DeskPort* desk = nullptr;
  alarms::AlarmBook* alarms = nullptr;
  incidents::IncidentBook* incidents = nullptr;
  sop::ProcedureBook* procedures = nullptr;
  dispatch::OutboxBook* outbox = nullptr;
  const context::Replica* city = nullptr;         ///< The replica of the desk's shard.
  const journal::JournalPort* journal = nullptr;  ///< Explanations read their events from it.
  /// Runs work on the desk's shard.
  std::function<void(std::function<void()>)> post;
  /// Runs work that waits for the disk elsewhere; false when too much of it is waiting already.
  std::function<bool(std::function<void()>)> blocking;
};

/// The desk of the tenant a request is for; nullptr when there is none. Any shard.
using FindDesk = std::function<std::shared_ptr<TenantDesk>(const guard::Principal&)>;

/// The JSON body of a request; an empty body is an empty object.
/// @errors kInvalidArgument http.bad_body
Result<json::Value> BodyOf(const http::Request& request);

/// What a signed-in caller asks of `subject`.
model::DeskAct ActOf(const Call& call, std::string verb, std::string subject, json::Value arguments);

/// Answers a failure; `alarm.already_owned` names the owner.
http::Response Refuse(const Error& error, const std::optional<model::Person>& owner = {});

/// Does `propose` on the caller's desk and answers its value with `status`.
/// @param owner  who has the thing, for a refusal; may be empty
void DoOnDesk(const FindDesk& find, const Call& call, http::Respond respond, int status,
              std::function<Result<json::Value>(TenantDesk&, desk::DeskBatch&)> propose,
              std::function<std::optional<model::Person>(const TenantDesk&)> owner = {});

/// Looks at the caller's desk when all that was proposed is on disk.
void LookAtDesk(const FindDesk& find, const Call& call, http::Respond respond,
                std::function<http::Response(TenantDesk&)> look);

/// Part of a list: `?limit` (1 to 1000, 100) rows after the one `?cursor` names.
/// @errors kInvalidArgument list.bad_limit, list.bad_cursor, list.bad_filter
class Page {
 public:
  static Result<Page> Of(const http::Request& request);
  /// True while there is room; `id` names the row. Rows up to the cursor's are passed over.
  bool Take(const std::string& id);
  bool full() const { return full_; }
  /// {items, next?}
  json::Value Answer(json::Array items) const;
  /// False when the cursor's row was not met: the list changed under the reader.
  bool met() const { return cursor_.empty(); }

 private:
  std::size_t left_ = 100;
  std::string cursor_;
  std::string last_;
  bool full_ = false;
};

/// A time in the query. @errors kInvalidArgument list.bad_filter
Result<std::optional<TimePoint>> TimeQuery(const http::Request& request, std::string_view name);

}  // namespace bongsu::api
