// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Names and contents of dropped files. Pure: text in, numbers and messages out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sense/ingest/decode.hpp"

namespace bongsu::file_drop {

inline constexpr std::size_t kMaxFileBytes = 16U << 20U;

/// A file name in which one * stands for the sequence number.
class NamePattern {
 public:
  /// @errors kInvalidArgument file_drop.bad_pattern
  static Result<NamePattern> Parse(std::string_view text);
  /// The number in `name`; nothing when it is another file (also more than 18 digits).
  std::optional<std::uint64_t> NumberOf(std::string_view name) const;
  /// "text/csv", "application/x-ndjson" or "application/json", by the ending.
  std::string_view content_type() const;

 private:
  std::string before_, after_;
};

/// Messages of a file. @errors kTooLarge ingest.too_many_rows, ingest.too_large
Result<std::vector<ingest::Row>> Rows(std::string_view content_type, bool header, std::string body);

}  // namespace bongsu::file_drop
