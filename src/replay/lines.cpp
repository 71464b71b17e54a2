// SPDX-License-Identifier: Apache-2.0
#include "replay/lines.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "sense/ingest/decode.hpp"

namespace bongsu::replay {

Result<void> ReadLines(const std::string& path, const std::function<void(std::string line)>& visit) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file{gzopen(path.c_str(), "rb"), &gzclose};
  if (!file) return Fail(Code::kInvalidArgument, "replay.bad_file", "cannot read {}", path);
  std::array<char, 64U << 10U> buffer{};
  std::string line;
  for (;;) {
    const int count = gzread(file.get(), buffer.data(), buffer.size());
    if (count < 0) return Fail(Code::kInvalidArgument, "replay.bad_file", "{} is damaged", path);
    if (count == 0) break;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(count));
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      line += rest.substr(0, end);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
      if (line.ends_with('\r')) line.pop_back();
      visit(std::exchange(line, {}));
    }
  }
  if (!line.empty()) visit(std::move(line));
  return {};
}

std::size_t Table::Column(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
}

const std::string& Table::Cell(std::size_t row, std::size_t column) const {
  static const std::string kNone;
  return column < rows[row].size() ? rows[row][column] : kNone;
}

Result<Table> ReadTable(const std::string& path) {
  Table table;
  Result<void> problem;
  const auto read = ReadLines(path, [&](std::string line) {
    if (line.empty() || !problem) return;
    if (table.header.empty() && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    auto cells = ingest::SplitCsv(line, ',');
    if (!cells) {
      if (table.header.empty()) problem = tl::unexpected<Error>(cells.error());
      cells = std::vector<std::string>{};  // a broken line is a row that its mapping refuses
    }
    if (table.header.empty()) {
      table.header = *std::move(cells);
    } else {
      table.rows.push_back(*std::move(cells));
      table.lines.push_back(std::move(line));
    }
  });
  BONGSU_CHECK(read);
  BONGSU_CHECK(problem);
  return table;
}

}  // namespace bongsu::replay
