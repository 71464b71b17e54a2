// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Runs a writer until it dies, and keeps what it printed.

#include <random>
#include <string>
#include <vector>

namespace bongsu::crash {

struct Life {
  std::string lines;  ///< Whole ones; one cut in the middle was not handed over.
  std::string wrong;  ///< It did not die as it was to; empty when it did.
};

/// @param command         program and words
/// @param cuts_its_power  it ends by itself with exit code 137; else it is killed (SIGKILL) at a random moment, at most
///                        `longest_ms` after the first it printed
Life RunUntilDead(const std::vector<std::string>& command, bool cuts_its_power, std::uint64_t longest_ms,
                  std::mt19937_64& random);

}  // namespace bongsu::crash
