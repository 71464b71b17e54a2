// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Lines of a file, packed with gzip or plain.

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace bongsu::replay {

/// Calls `visit` with each line, without its end. @errors kInvalidArgument replay.bad_file
Result<void> ReadLines(const std::string& path, const std::function<void(std::string line)>& visit);

/// A CSV file with a header line.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> lines;  ///< As they stand in the file.
  /// Column of that name; header.size() when there is none.
  std::size_t Column(std::string_view name) const;
  /// A cell; empty when the row is shorter or there is no such column.
  const std::string& Cell(std::size_t row, std::size_t column) const;
};
/// @errors kInvalidArgument replay.bad_file, decode.bad_csv
Result<Table> ReadTable(const std::string& path);

}  // namespace bongsu::replay
