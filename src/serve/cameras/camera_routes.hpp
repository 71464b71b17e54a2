// SPDX-License-Identifier: Apache-2.0
#pragma once

/// /api/v1/cameras: cameras of the city, and those chosen for a place.

#include "know/context/replica.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

/// The replica of the shard the caller runs on; nullptr on a thread that has none.
using CityHere = std::function<const context::Replica*()>;

Routes CameraRoutes(const CityHere& city);

}  // namespace bongsu::api
