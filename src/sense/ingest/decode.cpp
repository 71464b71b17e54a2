// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/decode.hpp"

#include <algorithm>
#include <array>

#include "runtime/http_message.hpp"

namespace bongsu::ingest {
namespace {

std::string_view TrimLine(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

Result<json::Value> DecodeForm(std::string_view bytes) {
  const auto pairs = http::ParseQuery(TrimLine(bytes));
  if (!pairs) return Fail(Code::kInvalidArgument, "decode.bad_form", "{}", pairs.error().message);
  json::Value value{json::Object{}};
  for (const auto& [name, text] : *pairs) value.Set(name, text);
  return value;
}

Result<json::Value> DecodeCsv(const FormatSpec& format, std::string_view bytes) {
  BONGSU_TRY(std::vector<std::string> cells, SplitCsv(TrimLine(bytes), format.separator));
  if (cells.size() != format.columns.size()) {
    return Fail(Code::kInvalidArgument, "decode.bad_csv", "the line has {} cells, the mapping {} columns", cells.size(),
                format.columns.size());
  }
  json::Object members;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty()) members.emplace_back(format.columns[i], std::move(cells[i]));
  }
  return json::Value{std::move(members)};
}

Result<json::Value> DecodeText(const FormatSpec& format, std::string_view bytes) {
  Groups groups;
  if (!SearchPattern(format.pattern, bytes, &groups))
    return Fail(Code::kInvalidArgument, "decode.no_match", "the text does not match the mapping's pattern");
  json::Object members;
  for (auto& [name, text] : groups) members.emplace_back(std::move(name), std::move(text));
  return json::Value{std::move(members)};
}

Result<std::vector<Row>> SplitLines(std::string_view body) {
  std::vector<Row> rows;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = TrimLine(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.empty()) continue;
    if (rows.size() == kMaxRows)
      return Fail(Code::kTooLarge, "ingest.too_many_rows", "more than {} messages in one request", kMaxRows);
    rows.push_back({std::string(line), std::nullopt});
  }
  return rows;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80               ? 0
                             : (lead & 0xE0U) == 0xC0U ? 1
                             : (lead & 0xF0U) == 0xE0U ? 2
                             : (lead & 0xF8U) == 0xF0U ? 3
                                                       : 9;
    if (more == 9 || i + more >= text.size()) return false;
    std::uint32_t point = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = (point << 6U) | (next & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 4> kLeast{0, 0x80, 0x800, 0x10000};
    if (point < kLeast[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += more + 1;
  }
  return true;
}

Result<json::Value> Decode(const FormatSpec& format, std::string_view bytes) {
  if (!IsUtf8(bytes)) return Fail(Code::kInvalidArgument, "decode.not_utf8", "the message is no UTF-8 text");
  switch (format.format) {
    case Format::kForm:
      return DecodeForm(bytes);
    case Format::kCsvLine:
      return DecodeCsv(format, bytes);
    case Format::kText:
      return DecodeText(format, bytes);
    case Format::kJson:
      return json::Parse(bytes);
    case Format::kConnector:
      break;
  }
  return Fail(Code::kInvalidArgument, "decode.other_protocol", "a message of format {} comes over its own protocol",
              format.word);
}

Result<json::Value> Decode(const Decoders& decoders, const FormatSpec& format, std::string_view bytes,
                           TimePoint arrived, const Zone& zone) {
  const auto decoder = format.format == Format::kConnector ? decoders.find(format.word) : decoders.end();
  return decoder != decoders.end() ? decoder->second(bytes, arrived, zone) : Decode(format, bytes);
}

Result<std::vector<std::string>> SplitCsv(std::string_view line, char separator) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == separator) {
      cells.emplace_back();
    } else if (line[i] != '"' || !cells.back().empty()) {
      cells.back() += line[i];
    } else {  // a quoted cell
      for (++i;; ++i) {
        if (i >= line.size()) return Fail(Code::kInvalidArgument, "decode.bad_csv", "a quote is not closed");
        if (line[i] != '"') {
          cells.back() += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          cells.back() += line[i++];
        } else {
          break;
        }
      }
      if (i + 1 < line.size() && line[i + 1] != separator)
        return Fail(Code::kInvalidArgument, "decode.bad_csv", "letters follow a closing quote");
    }
  }
  return cells;
}

Result<std::vector<Row>> SplitBody(std::string_view content_type, std::string body) {
  const std::string_view media = TrimLine(content_type.substr(0, content_type.find(';')));
  std::vector<Row> rows;
  if (media == "application/x-ndjson" || media == "application/ndjson" || media == "text/csv") return SplitLines(body);
  if (media.empty() || media == "application/json" || media.ends_with("+json")) {
    auto document = json::Parse(body);
    if (document && document->IsArray()) {
      json::Array& items = document->MutableArray();
      if (items.size() > kMaxRows)
        return Fail(Code::kTooLarge, "ingest.too_many_rows", "{} messages in one request; at most {}", items.size(),
                    kMaxRows);
      for (json::Value& item : items) rows.push_back({{}, std::move(item)});
      return rows;
    }
    if (document) {
      rows.push_back({std::move(body), *std::move(document)});
      return rows;
    }
  }
  if (body.size() > kMaxMessageBytes)
    return Fail(Code::kTooLarge, "ingest.too_large", "{} bytes in one message; at most {}", body.size(),
                kMaxMessageBytes);
  rows.push_back({std::move(body), std::nullopt});
  return rows;
}

std::string ToBase64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      word = (word << 8U) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kLetters[(word >> (18 - 6 * k)) & 63U] : '=';
  }
  return out;
}

Result<std::string> FromBase64(std::string_view text) {
  const auto bad = [] { return Fail(Code::kInvalidArgument, "decode.bad_base64", "not base 64"); };
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t word = 0;
  unsigned bits = 0;
  for (const char letter : text) {
    const int value = letter >= 'A' && letter <= 'Z'   ? letter - 'A'
                      : letter >= 'a' && letter <= 'z' ? letter - 'a' + 26
                      : letter >= '0' && letter <= '9' ? letter - '0' + 52
                      : letter == '+'                  ? 62
                      : letter == '/'                  ? 63
                                                       : -1;
    if (value < 0) return bad();
    word = (word << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((word >> bits) & 0xFFU);
    }
  }
  return out;
}

}  // namespace bongsu::ingest
