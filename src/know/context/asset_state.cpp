// SPDX-License-Identifier: Apache-2.0
#include "know/context/asset_state.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::context {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOtherWords{{{"ok", "online"},
                                                                                    {"fault", "faulty"},
                                                                                    {"failed", "faulty"},
                                                                                    {"offline", "silent"},
                                                                                    {"planned", "not_commissioned"}}};

std::string_view StateIn(std::string_view status) {
  const auto state = std::ranges::find(kAssetStates, status);
  if (state != kAssetStates.end()) return *state;
  const auto word = std::ranges::find(kOtherWords, status, &std::pair<std::string_view, std::string_view>::first);
  return word != kOtherWords.end() ? word->second : kAssetStates.front();
}

}  // namespace

std::string_view AssetStateOf(const ReplicaEntity& entity) {
  const std::string_view state = StateIn(entity.attributes["status"].AsString());
  if (entity.type != "Camera") return state;
  const bool dark = state == "faulty" || !entity.attributes["streaming"].AsBool(true);
  return dark && (state == "online" || state == "degraded" || state == "faulty") ? "frozen" : state;
}

}  // namespace bongsu::context
