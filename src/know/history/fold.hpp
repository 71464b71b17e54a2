// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The sealed part of a series on disk, and what changes make of it.
///
///   sealed chunks of a series, by time      tail of the entity: what came since of all its attributes, a row a save
///   ├── c 09:00 ──┼── c 12:24 ──┤           14:01  14:02  14:03 …
///                                           └── with about every 256th record: Rewrite takes it into the chunks

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "know/history/change.hpp"
#include "know/history/chunk.hpp"

namespace bongsu::history {

/// Place of a chunk in its series: that of its first sample.
struct RowKey {
  TimePoint at{};
  InstanceId id;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

struct Row {
  RowKey key;
  std::string bytes;
};

struct Rewritten {
  std::vector<RowKey> gone;
  std::vector<Row> rows;
};

inline constexpr std::size_t kChunkSamples = 1024;

/// A change and the sample it says, read once.
struct Edit {
  explicit Edit(const Change& change);
  Change::Kind kind;
  InstanceId id;
  Sample sample;  ///< Of kAdd, kPut and kReplace.
};

/// From which time on the series is needed to make the changes; nothing: all of it.
std::optional<TimePoint> NeededFrom(std::span<const Edit> edits);

/// Takes the changes into chunks. @param rows  chunks in order
/// @errors kCorrupt history.bad_chunk
Result<Rewritten> Rewrite(const std::vector<Row>& rows, std::vector<Edit> edits);

}  // namespace bongsu::history
