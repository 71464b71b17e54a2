// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HTTP routes of linking: connectors, quarantine, ingest, and the safety-net peers' own paths.

#include "sense/senses.hpp"
#include "serve/api/router.hpp"

namespace bongsu::connectors {

api::Routes ConnectorRoutes(sense::Senses& senses);

}  // namespace bongsu::connectors
