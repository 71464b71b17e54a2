// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Bytes to documents, for the formats that are no protocol of their own.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sense/ingest/mapping.hpp"
#include "sense/ingest/zone.hpp"

namespace bongsu::ingest {

inline constexpr std::size_t kMaxMessageBytes = 256U << 10U;  ///< One message; a batch of many may be larger.
inline constexpr std::size_t kMaxRows = 10'000;               ///< Messages in one batch.

/// @errors kInvalidArgument json.bad, decode.bad_form, decode.bad_csv, decode.no_match, decode.not_utf8
Result<json::Value> Decode(const FormatSpec& format, std::string_view bytes);

/// Reads bytes of a connector's protocol: when they come, and again when a held message is replayed.
using Decoder = std::function<Result<json::Value>(std::string_view bytes, TimePoint arrived, const Zone& zone)>;
using Decoders = std::map<std::string, Decoder, std::less<>>;  ///< By the word mappings write as `format`.

/// The same for every format. @errors kInvalidArgument as above, those of the connector, decode.other_protocol
Result<json::Value> Decode(const Decoders& decoders, const FormatSpec& format, std::string_view bytes,
                           TimePoint arrived, const Zone& zone);

/// One message out of a batch: its document when that is known already, else its bytes.
struct Row {
  std::string bytes;
  std::optional<json::Value> document;
};

/// Splits an HTTP body: a JSON array is many messages, NDJSON a message a line, CSV a message a line, all else one
/// message. A line that is no JSON stays bytes: its mapping refuses it, not the whole batch.
/// @errors kTooLarge ingest.too_many_rows, ingest.too_large
Result<std::vector<Row>> SplitBody(std::string_view content_type, std::string body);

/// Cells of one CSV line (RFC 4180 quotes). @errors kInvalidArgument decode.bad_csv
Result<std::vector<std::string>> SplitCsv(std::string_view line, char separator);

bool IsUtf8(std::string_view text);

std::string ToBase64(std::string_view bytes);
/// @errors kInvalidArgument decode.bad_base64
Result<std::string> FromBase64(std::string_view text);

}  // namespace bongsu::ingest
