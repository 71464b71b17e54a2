// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A run of samples of one series as bytes: a head that answers sums without the rest, then one column each for times,
/// identities, values and what hangs on them. Exact: what is read is what was put. Bytes: docs/formats/history.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "know/history/sample.hpp"

namespace bongsu::history {

inline constexpr std::size_t kMaxSamples = 4096;   ///< Of a chunk that is read.
inline constexpr std::size_t kRollupSamples = 64;  ///< From so many on the head has a rollup.

/// Sums over the numbers of a run.
struct Rollup {
  std::uint64_t count = 0;
  double min = 0;
  double max = 0;
  double sum = 0;
  double sum_of_squares = 0;
  double first = 0;
  double last = 0;

  void Add(double number);
  void Add(const Rollup& later);
  friend bool operator==(const Rollup&, const Rollup&) = default;
};

struct Head {
  std::size_t count = 0;
  bool summed = false;  ///< `rollup` and the times below are there.
  bool plain = false;   ///< Every sample is a number with an observedAt.
  TimePoint first{};    ///< at() of the first and of the last sample.
  TimePoint last{};
  TimePoint recorded_from{};
  TimePoint recorded_to{};
  Rollup rollup;  ///< Over the samples that are numbers.
};

/// @param samples  in order (Before), 1 to kMaxSamples
std::string EncodeChunk(std::span<const Sample> samples);
/// @errors kCorrupt history.bad_chunk
Result<std::vector<Sample>> DecodeChunk(std::string_view bytes);
/// Times and numbers of a plain chunk; nothing when it is none, or when not all its numbers are kept as numbers.
struct Points {
  std::vector<std::int64_t> at;  ///< µs
  std::vector<double> numbers;
};
/// @errors kCorrupt history.bad_chunk
Result<std::optional<Points>> DecodePoints(std::string_view bytes);
/// Only the head. @errors kCorrupt history.bad_chunk
Result<Head> DecodeHead(std::string_view bytes);

}  // namespace bongsu::history
