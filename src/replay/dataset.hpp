// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Recorded files as messages: which file is which by its name and header, what one row becomes on which protocol.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sense/ingest/zone.hpp"

namespace bongsu::replay {

enum class Transport : std::uint8_t { kHttp, kSyslog, kSafetyNet };

/// One data line of a file.
struct Row {
  TimePoint at{};        ///< Its own time, UTC, before shifting; that of the row before it when it cannot be read.
  bool readable = true;  ///< Its time could be read.
  std::size_t number = 0;
  std::string identity;  ///< Rows with the same one are duplicates for the server.
};

/// A file that can be played.
struct Dataset {
  std::string name;
  std::string file;
  std::string tenant;
  std::string source;
  Transport transport = Transport::kHttp;
  bool one_by_one = false;  ///< Each row is a request of its own (a row holds many readings).
  TimePoint from{};         ///< Default window.
  Duration window{};
  std::shared_ptr<const ingest::Zone> zone;  ///< Of the file's local times.
  std::vector<Row> rows;                     ///< In order of time; rows of one time as in the file.
  /// The row as bytes, its times moved to `at`.
  std::function<std::string(const Row& row, TimePoint at)> render;
};

/// Names of everything that can be played.
std::vector<std::string> DatasetNames();
/// Finds the files below `folder` by name pattern and reads them. `only` empty: all.
/// @errors kInvalidArgument replay.bad_file, replay.bad_header
Result<std::vector<Dataset>> FindDatasets(const std::string& folder, const std::vector<std::string>& only);

/// Local time of `at` as text: %Y %m %d %H %M %S, %b (English), %e (day, blank-padded).
std::string FormatLocal(TimePoint at, const ingest::Zone& zone, std::string_view format);

}  // namespace bongsu::replay
