// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/codec.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::file_drop {

Result<NamePattern> NamePattern::Parse(std::string_view text) {
  NamePattern pattern;
  const std::size_t star = text.find('*');
  const bool known = text.ends_with(".ndjson") || text.ends_with(".json") || text.ends_with(".csv");
  if (star == std::string_view::npos || text.find('*', star + 1) != std::string_view::npos ||
      text.find('/') != std::string_view::npos || !known) {
    return Fail(Code::kInvalidArgument, "file_drop.bad_pattern",
                "files '{}': a file name with one * for the number and the ending .ndjson, .json or .csv", text);
  }
  pattern.before_ = text.substr(0, star);
  pattern.after_ = text.substr(star + 1);
  return pattern;
}

std::optional<std::uint64_t> NamePattern::NumberOf(std::string_view name) const {
  if (name.size() <= before_.size() + after_.size() || !name.starts_with(before_) || !name.ends_with(after_))
    return std::nullopt;
  const std::string_view digits = name.substr(before_.size(), name.size() - before_.size() - after_.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.size() > 18 || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string_view NamePattern::content_type() const {
  if (after_.ends_with(".csv")) return "text/csv";
  return after_.ends_with(".ndjson") ? "application/x-ndjson" : "application/json";
}

Result<std::vector<ingest::Row>> Rows(std::string_view content_type, bool header, std::string body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.erase(0, 3);  // the mark that office programs put in front of UTF-8
  if (header && content_type == "text/csv") body.erase(0, std::min(body.find('\n'), body.size() - 1) + 1);
  return ingest::SplitBody(content_type, std::move(body));
}

}  // namespace bongsu::file_drop
