// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The column of values: numbers scaled to whole ones or XORed with their predecessor, whichever is smaller; every
/// other value is JSON in a dictionary. Source of the XOR form: Pelkonen et al., Gorilla, VLDB 2015, section 4.1.2.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "know/history/sample.hpp"

namespace bongsu::history {

void PutValues(std::string& out, std::span<const Sample> samples);
/// Fills class, number and text of every sample; a fault shows in `in`.
void GetValues(Reader& in, std::span<Sample> samples);

/// Only the numbers; nothing when a value is anything else. A fault shows in `in`.
std::optional<std::vector<double>> GetDoubles(Reader& in, std::size_t count);

/// A dictionary of the texts and, for each text, its place in it.
void PutTexts(std::string& out, std::span<const std::string_view> texts);
struct Texts {
  std::vector<std::string_view> words;
  std::vector<std::int64_t> places;  ///< Each inside of `words`.
};
Texts GetTexts(Reader& in, std::size_t count);
void SkipTexts(Reader& in, std::size_t count);

}  // namespace bongsu::history
