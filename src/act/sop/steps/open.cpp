// SPDX-License-Identifier: Apache-2.0
// open: brings something up on the operator's own screen; peer names what.
#include <algorithm>
#include <array>

#include "act/sop/steps/action.hpp"

namespace bongsu::sop::steps {
namespace {

constexpr std::array<std::string_view, 5> kTargets{"cameras", "map", "asset", "connectors", "subscriptions"};

Result<void> Check(const yaml::Node& action, std::string_view file) {
  const std::string target = action.Text("peer");
  if (std::ranges::find(kTargets, target) == kTargets.end()) {
    return FailAt(file, action, "procedure.bad_action",
                  "open needs 'peer': cameras, map, asset, connectors or subscriptions, not '{}'", target);
  }
  if (!action.Text("channel").empty()) return FailAt(file, action, "procedure.bad_action", "open has no 'channel'");
  return {};
}

}  // namespace

const ActionKind kOpen{"open", &Check};

}  // namespace bongsu::sop::steps
