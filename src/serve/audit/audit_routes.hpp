// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GET /api/v1/audit: who, when, from where, about what, what was done; newest first, with the state of the chain.
///
/// The journal is read backwards in windows on the blocking pool. One request reads at most 50,000 desk records; when
/// its filter has not filled the page by then, it answers what it has and a cursor to go on from.

#include <functional>
#include <memory>

#include "guard/audit/chain_watch.hpp"
#include "guard/directory.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

struct AuditHouse {
  runtime::Shards& shards;
  runtime::BlockingPool& pool;
  const journal::JournalPort& journal;
  guard::Directory& directory;
  /// Watch of a tenant's chain; nullptr when there is none.
  std::function<std::shared_ptr<audit::ChainWatch>(std::uint16_t tenant)> watch;
};

/// What `house` refers to outlives the routes.
Routes AuditRoutes(AuditHouse house);

}  // namespace bongsu::api
