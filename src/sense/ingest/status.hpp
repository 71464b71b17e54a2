// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How one link is doing, as people see it (schema Connector of api/openapi.yaml).

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::ingest {

/// Messages of the last minute of platform time.
class Rate {
 public:
  void Add(TimePoint now, std::uint64_t count);
  double PerMinute(TimePoint now) const;

 private:
  struct Bucket {
    std::int64_t second = -1;
    std::uint64_t count = 0;
  };
  std::array<Bucket, 60> buckets_{};
};

struct LinkError {
  TimePoint at{};
  std::string reason;
  std::string message;
};

struct Counts {
  std::uint64_t rows_in = 0, accepted = 0, refused = 0, duplicate = 0, quarantined = 0;
  std::uint64_t dropped = 0;  ///< Datagrams nobody could be told about.
};

struct ConnectorStatus {
  std::string id, kind, source, tenant;
  json::Value name;
  std::string state = "listening";  ///< connected, connecting, listening, silent, error, off
  std::optional<TimePoint> last_message_at;
  double rate_per_min = 0;
  Counts counts;
  std::deque<LinkError> errors;  ///< Newest first, at most 20.
  double silence_after_s = 0;
  std::string address;
  json::Value config_redacted;
};

json::Value ToJson(const ConnectorStatus& status);

}  // namespace bongsu::ingest
