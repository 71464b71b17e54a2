// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Runs a scenario and says which expectations failed.

#include <functional>
#include <string>
#include <vector>

#include "scenario/player.hpp"

namespace bongsu::scenario {

/// @param look  sees the stage when the scenario is over; may be empty
/// @errors kInvalidArgument of the packs
Result<Report> RunScript(const Script& script, const std::string& packs, const std::function<void(Stage&)>& look = {});

/// `bongsu scenario FILE.city... [--packs DIR] [--json]`
/// @param args  what follows `scenario`
/// @returns     exit code: 0 ok, 1 an expectation failed, 2 usage
int RunScenarioCommand(const std::vector<std::string>& args);

}  // namespace bongsu::scenario
