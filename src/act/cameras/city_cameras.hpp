// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Cameras as the context knows them: entities of type Camera with azimuth, fieldOfView, range, ptz, status, streaming,
/// refSwitch, ptzHolder, viewableBy (docs/formats/demo-city.md section 2).

#include "act/cameras/nearest.hpp"
#include "know/context/replica.hpp"

namespace bongsu::cameras {

/// Attributes a replica must keep for the choice; give them to ReplicaConfig.by_type["Camera"].
inline const std::vector<std::string> kCameraAttributes{
    "azimuth", "fieldOfView", "range", "ptz", "status", "streaming", "health", "refSwitch", "ptzHolder", "viewableBy"};

/// As one who has `role` ("operator", ...) may use it. Empty when the entity has no place.
std::optional<Camera> CameraOf(const context::ReplicaEntity& entity, std::string_view role);
/// Cameras among what Replica::Near(tenant, point, Options::wide_radius_m, "Camera") gave.
std::vector<Camera> CamerasOf(const std::vector<context::Replica::Hit>& hits, std::string_view role);

}  // namespace bongsu::cameras
