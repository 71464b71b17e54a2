// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A series on disk, and what changes make of it.
///
///   sealed chunks, by time          tail: what came since, a row a save
///   ├── c 09:00 ──┼── c 12:24 ──┤   t 14:01  t 14:02  t 14:03 …
///                                    └── about every 256th sample: Rewrite takes the tail into the chunks
///
/// When to seal is drawn from the sample itself, so no count of the tail is kept and a fold after a crash ends the
/// same.

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "know/history/change.hpp"
#include "know/history/chunk.hpp"

namespace bongsu::history {

enum class RowKind : char { kChunk = 'c', kTail = 't' };

/// Place of a row in its series.
struct RowKey {
  RowKind kind = RowKind::kChunk;
  TimePoint at{};  ///< at() of the first sample of a chunk, ingest time of the first sample of a tail.
  InstanceId id;   ///< Of the first sample.
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

struct Row {
  RowKey key;
  std::string bytes;                 ///< A chunk, or of a tail the instances as the journal has them.
  std::vector<Sample> samples = {};  ///< The same, where it was read already.
};

struct Rewritten {
  std::vector<RowKey> gone;
  std::vector<Row> rows;
};

inline constexpr std::size_t kChunkSamples = 1024;

/// True when the tail is to be taken into the chunks with this sample.
bool Seals(const SeriesKey& key, const InstanceId& id);

/// The tail row of kAdd changes that came in one save, in the order of the journal.
Row TailOf(std::span<const Change* const> changes);
/// Samples of a row of either kind, in order. @errors kCorrupt history.bad_chunk
Result<std::vector<Sample>> DecodeRow(std::string_view bytes);

/// What of the series the changes need: from this time on; nothing: all of it.
std::optional<TimePoint> NeededFrom(std::span<const Change* const> changes);

/// Takes the tail and the changes into chunks. @param rows  chunks in order, then the tail
/// @errors kCorrupt history.bad_chunk
Result<Rewritten> Rewrite(std::vector<Row> rows, std::span<const Change* const> changes);

}  // namespace bongsu::history
