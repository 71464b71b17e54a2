// SPDX-License-Identifier: Apache-2.0
#pragma once

/// /api/v1/assets, /api/v1/search and /api/v1/context/entities.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "know/context/replica.hpp"
#include "know/store/live_context.hpp"
#include "serve/api/router.hpp"
#include "serve/assets/search_text.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::api {

/// The replica of the shard the caller runs on; nullptr on a thread that has none.
using ReplicaHere = std::function<const context::Replica*()>;

/// Facilities: list with filters and counts by kind and state, and one of them with its attributes.
/// @param service  lives longer than the routes
Routes AssetRoutes(const ReplicaHere& replica, ngsi::ContextService& service);

struct SearchHit {
  int score = 0;
  std::string kind;  ///< alarm, incident, camera, asset, address, place, rule
  std::string id;
  model::LText title;
  model::LText subtitle;
  std::optional<model::Place> place;
  std::optional<TimePoint> at;
};

/// Something that can be searched. Called on the shard that read the request; `done` once, on any shard.
using SearchDone = std::function<void(std::vector<SearchHit>)>;
using SearchSource =
    std::function<void(const guard::Principal& caller, const SearchText& text, std::size_t limit, SearchDone done)>;

/// Entities of the live context.
SearchSource EntitySource(ReplicaHere replica);
/// Places of city.json and, when `addresses` names a file, its addresses (one JSON object a line,
/// docs/formats/demo-city.md). At most 1,000,000 addresses are kept. @errors kInvalidArgument search.bad_address (names
/// the line)
Result<SearchSource> CitySource(const json::Value& city, const std::string& addresses);

/// GET /api/v1/search: all sources together, best first.
Routes SearchRoutes(std::vector<SearchSource> sources);

/// GET /api/v1/context/entities[/{id}]?asOf=: the context as it was, normalized.
/// @param live, service  live longer than the routes
Routes PastRoutes(store::LiveContext& live, ngsi::ContextService& service);

}  // namespace bongsu::api
