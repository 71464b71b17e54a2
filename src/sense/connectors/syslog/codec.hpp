// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Syslog messages as documents, and messages out of a TCP stream. Pure.
/// Source: RFC 5424, RFC 3164, RFC 6587 (framing), ArcSight Common Event Format 25.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "sense/ingest/zone.hpp"

namespace bongsu::syslog {

inline constexpr std::size_t kMaxMessageBytes = 64U << 10U;

/// {facility, severity, priority, time?, host?, app?, pid?, msgid?, sd?: {id: {name: value}}, msg, cef?}; time is RFC
/// 3339 UTC. RFC 3164 has neither year nor zone: the year is the one that brings the time nearest to `arrived`, the
/// zone is the source's.
/// @errors kInvalidArgument syslog.empty, syslog.bad_priority, syslog.bad_header, syslog.bad_data, decode.not_utf8
Result<json::Value> Decode(std::string_view bytes, TimePoint arrived, const ingest::Zone& zone);

/// The CEF part of a text: {vendor, product, version, signature, name, severity, ext: {key: value}}; nothing when it is
/// none.
std::optional<json::Value> DecodeCef(std::string_view text);

/// Messages out of a stream: octet-counted ("123 <34>1 …") or one a line, told apart message by message.
class Framer {
 public:
  void Feed(std::string_view bytes) { buffer_.append(bytes); }
  /// The next whole message; nothing when it is not all there.
  /// @errors kTooLarge syslog.too_large, kInvalidArgument syslog.bad_frame: the stream cannot go on
  Result<std::optional<std::string>> Next();
  /// What is left when the peer closes: a last line without its end.
  std::optional<std::string> Last();

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace bongsu::syslog
