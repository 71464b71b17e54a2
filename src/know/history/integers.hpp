// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A column of whole numbers: times, scaled values, places in a dictionary. Kept as they are, as differences or as
/// differences of differences, whichever is smallest, in blocks of 32 that each have as many bits as their largest
/// needs. Any 64-bit numbers come back as they were. Bytes: docs/formats/history.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace bongsu::history {

/// Appends the column; how many numbers there are is the reader's to know.
void PutIntegers(std::string& out, std::span<const std::int64_t> numbers);
/// Reads `count` numbers; a fault shows in `in`.
std::vector<std::int64_t> GetIntegers(Reader& in, std::size_t count);
/// Goes past a column. Gives its number when all of them are the same.
std::optional<std::int64_t> SkipIntegers(Reader& in, std::size_t count);

}  // namespace bongsu::history
