// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu rules check PATH... [--json]` and `bongsu rules run --rules PATH --events FILE.ndjson[.gz] [--json]`.

#include <string>
#include <vector>

namespace bongsu::rules {

/// @param args  what follows `rules`
/// @returns     exit code: 0 ok, 1 a rule or a line was refused, 2 usage
int RunRulesCommand(const std::vector<std::string>& args);

}  // namespace bongsu::rules
