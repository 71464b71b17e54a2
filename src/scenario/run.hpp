// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Runs a scenario and says which expectations failed.

#include <string>
#include <vector>

#include "scenario/script.hpp"

namespace bongsu::scenario {

struct Report {
  std::size_t steps = 0;
  std::vector<std::string> failed;  ///< "LINE: what was expected and what came"
  bool ok() const { return failed.empty(); }
};

/// @errors kInvalidArgument of the packs
Result<Report> RunScript(const Script& script, const std::string& packs);

/// `bongsu scenario FILE.city... [--packs DIR] [--json]`
/// @param args  what follows `scenario`
/// @returns     exit code: 0 ok, 1 an expectation failed, 2 usage
int RunScenarioCommand(const std::vector<std::string>& args);

}  // namespace bongsu::scenario
