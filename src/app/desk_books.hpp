// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The books of a tenant's desk in the order in which they fold and react. The desk has one set; whoever makes or
/// verifies a checkpoint folds into a set of its own.

#include <vector>

#include "act/dispatch/outbox_book.hpp"
#include "act/incidents/incident_book.hpp"
#include "act/notifications/subscription_book.hpp"
#include "act/sop/procedure_book.hpp"
#include "app/rule_book.hpp"
#include "decide/alarms/alarm_book.hpp"
#include "guard/accounts.hpp"
#include "guard/audit/audit_book.hpp"
#include "guard/sealing/erasure_book.hpp"
#include "guard/tenants.hpp"
#include "serve/ngsi/ld_context_book.hpp"

namespace bongsu::app {

struct DeskBooks {
  DeskBooks(const crypto::CryptoPort& crypto, const crypto::SigningKey& audit_key, incidents::StartProcedure start,
            const dispatch::Peers& peers)
      : audit{crypto, audit_key}, incidents{std::move(start)}, outbox{peers} {}

  audit::AuditBook audit;
  guard::AccountBook accounts;
  guard::TenantBook tenants;  ///< Folded on the platform's desk alone, as the rule book.
  RuleBook rules;
  alarms::AlarmBook alarms;
  incidents::IncidentBook incidents;
  sop::ProcedureBook procedures;
  dispatch::OutboxBook outbox;
  sealing::ErasureBook erasures;
  notifications::SubscriptionBook subscriptions;
  ngsi::LdContextBook ld_contexts;

  std::vector<desk::Book*> Of(std::uint16_t tenant) {
    std::vector<desk::Book*> books{&audit, &accounts};
    if (tenant == guard::kPlatformTenant) books.insert(books.end(), {&tenants, &rules});
    books.insert(books.end(), {&alarms, &incidents, &procedures, &outbox, &erasures, &subscriptions, &ld_contexts});
    return books;
  }
};

}  // namespace bongsu::app
