// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How a facility is, as one word: read the same way by the equipment screen, the map and the console's footer.

#include <array>
#include <string_view>

#include "know/context/replica.hpp"

namespace bongsu::context {

/// AssetState of api/openapi.yaml.
inline constexpr std::array<std::string_view, 7> kAssetStates{"online", "degraded",    "frozen",          "silent",
                                                              "faulty", "maintenance", "not_commissioned"};

/// A word of kAssetStates. From the attribute `status`; an unknown word counts as online: it must not hide an asset.
/// A camera whose picture is not to be trusted (status fault, or streaming false) is frozen.
std::string_view AssetStateOf(const ReplicaEntity& entity);

}  // namespace bongsu::context
