// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The city this centre serves: its name, middle, boundary, districts and base map. Read from a folder with city.json
/// and optionally a .mbtiles file (docs/formats/demo-city.md).

#include <memory>
#include <string>

#include "base/json.hpp"
#include "serve/api/router.hpp"
#include "serve/map/tiles.hpp"

namespace bongsu::map {

struct City {
  json::Value description;       ///< As GET /api/v1/city gives it.
  std::string tile_set;          ///< Name in /tiles/{set}; empty for no map.
  std::shared_ptr<Tiles> tiles;  ///< Null when there is no map.
};

/// A city without a folder: no boundary, no map.
City EmptyCity();
/// @errors kNotFound city.no_file   kInvalidArgument city.bad_file   and those of Tiles::Open
Result<City> LoadCity(const std::string& folder);

/// GET /api/v1/city and GET /tiles/{set}/{z}/{x}/{y}.
api::Routes CityRoutes(std::shared_ptr<const City> city);

}  // namespace bongsu::map
