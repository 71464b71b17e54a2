// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu journal inspect`, `verify`, `export` and `bongsu recover`: offline work on a data directory.
/// Output and exit codes are a contract: 0 ok, 1 finding, 2 usage, 3 locked, 4 corrupt.

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "know/journal/port.hpp"

namespace bongsu::journal {

/// Exit code of a program that could not open its journal.
int ExitCodeOf(const Error& error);

/// What other owners of state add to the commands; app/ fills it, everything may stay empty.
struct StateInsight {
  struct Hashes {
    Hash128 state;  ///< Of the state as it is kept beside the journal.
    Hash128 fold;   ///< Of the state as folded from the journal.
  };
  struct Applied {
    std::uint64_t checkpoint_seq = 0;
    std::uint64_t applied_seq = 0;
  };
  std::function<Result<Hashes>(const JournalPort& journal, const std::filesystem::path& data)> hashes;
  std::function<std::map<std::uint16_t, Applied>(const std::filesystem::path& data)> applied;
};

/// @param args  {"inspect"|"verify"|"export"|"recover", "--data", D, "--json"?, "--accept-loss"?, "--kind", K?,
/// "--source", S?}
/// @returns     exit code; errors go to standard error
int RunJournalCommand(std::span<const std::string> args, const StateInsight& insight = {}, std::FILE* out = stdout);

}  // namespace bongsu::journal
