// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A time zone: local clock time to UTC, read from the system's zone files (TZif, RFC 8536).

#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace bongsu::ingest {

class Zone {
 public:
  /// @param name  "Asia/Seoul" or an offset such as "+09:00"; "UTC"
  /// @errors kInvalidArgument zone.unknown
  static Result<Zone> Load(std::string_view name);
  /// Reads the bytes of a TZif file. @errors kInvalidArgument zone.bad_file
  static Result<Zone> FromTzif(std::string_view bytes);

  /// UTC of a local clock time; the first of two where the clock was set back.
  TimePoint ToUtc(TimePoint local) const;
  std::chrono::seconds OffsetAt(TimePoint utc) const;

 private:
  struct Change {
    TimePoint from;  ///< UTC
    std::chrono::seconds offset;
  };
  std::chrono::seconds first_{0};  ///< Before the first change.
  std::vector<Change> changes_;
};

}  // namespace bongsu::ingest
