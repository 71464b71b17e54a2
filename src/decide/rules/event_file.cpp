// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/event_file.hpp"

#include <simdjson.h>
#include <zlib.h>

#include <array>
#include <cstring>

#include "decide/rules/host_log_source.hpp"

namespace bongsu::rules {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxLine = 16U << 20U;
constexpr int kMaxDepth = 16;
constexpr std::array<std::string_view, 7> kTimeFields{"@timestamp",  "timestamp", "UtcTime", "SystemTime",
                                                      "TimeCreated", "EventTime", "time"};

bool IsTimeField(std::string_view name) {
  for (const std::string_view known : kTimeFields) {
    if (known == name) return true;
  }
  return false;
}

/// Wrappers of the XML shape; what is inside of them is flat.
bool IsWrapper(std::string_view name) {
  return name == "Event" || name == "System" || name == "EventData" || name == "UserData" || name == "#attributes" ||
         name == "fields";
}

std::string_view TextOf(const dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

TimePoint TimeOf(std::string_view text) {
  if (auto time = ParseTime(text)) return *time;
  std::string zoned(text);
  if (zoned.size() > 10 && zoned[10] == ' ') zoned[10] = 'T';
  return ParseTime(zoned + "Z").value_or(TimePoint{});
}

}  // namespace

struct EventLineReader::State {
  dom::parser parser;
  std::string padded;
  std::string prefix;
  HostEvent host;
  TimePoint at{};
  model::LogSource given;
  bool has_given = false;

  void Add(std::string_view name, const dom::element& value, const FieldNames& names, EventView& view, int depth);
  void AddScalar(FieldId field, const dom::element& value, EventView& view);
  void Notice(std::string_view name, const dom::element& value);
};

void EventLineReader::State::Notice(std::string_view name, const dom::element& value) {
  if (name == "Channel") host.channel = TextOf(value);
  if (name == "EventType") host.event_type = TextOf(value);
  if (name == "EventID") {
    std::int64_t id = 0;
    if (value.get(id) == simdjson::SUCCESS)
      host.event_id = id;
    else
      host.event_id = std::atoll(std::string(TextOf(value)).c_str());
  }
  if (at == TimePoint{} && IsTimeField(name)) at = TimeOf(TextOf(value));
}

void EventLineReader::State::AddScalar(FieldId field, const dom::element& value, EventView& view) {
  switch (value.type()) {
    case dom::element_type::STRING:
      view.AddText(field, TextOf(value));
      break;
    case dom::element_type::INT64:
      view.AddInt(field, std::int64_t{value.get_int64()});
      break;
    case dom::element_type::UINT64:
      view.AddDouble(field, static_cast<double>(std::uint64_t{value.get_uint64()}));
      break;
    case dom::element_type::DOUBLE:
      view.AddDouble(field, double{value.get_double()});
      break;
    case dom::element_type::BOOL:
      view.AddBool(field, bool{value.get_bool()});
      break;
    case dom::element_type::ARRAY:
      for (const dom::element item : dom::array{value.get_array()}) {
        if (!item.is_object() && !item.is_array()) AddScalar(field, item, view);
      }
      break;
    default:
      view.AddNull(field);
      break;
  }
}

void EventLineReader::State::Add(std::string_view name, const dom::element& value, const FieldNames& names,
                                 EventView& view, int depth) {
  if (!value.is_object()) {
    const std::size_t dot = name.rfind('.');
    Notice(dot == std::string_view::npos ? name : name.substr(dot + 1), value);
    AddScalar(names.Find(name), value, view);
    return;
  }
  if (depth > kMaxDepth) return;
  const dom::object object{value.get_object()};
  if (name == "logsource") {
    has_given = true;
    for (const auto [key, part] : object) {
      if (key == "category") given.category = TextOf(part);
      if (key == "product") given.product = TextOf(part);
      if (key == "service") given.service = TextOf(part);
    }
    return;
  }
  if (name == "Provider") {
    for (const auto [key, attributes] : object) {
      dom::element provider;
      if (attributes.is_object() && attributes["Name"].get(provider) == simdjson::SUCCESS)
        AddScalar(names.Find("Provider_Name"), provider, view);
    }
    return;
  }
  for (const auto [key, inner] : object) {
    if (name == "UserData" && inner.is_object()) {  // one element, named after the provider's template
      for (const auto [deep, value_of] : dom::object{inner.get_object()}) Add(deep, value_of, names, view, depth + 2);
    } else if (IsWrapper(name)) {
      Add(key, inner, names, view, depth + 1);
    } else if (IsWrapper(key)) {
      if (inner.is_object()) {
        for (const auto [deep, value_of] : dom::object{inner.get_object()})
          Add(std::string(name) + "_" + std::string(deep), value_of, names, view, depth + 2);
      }
    } else {
      Add(std::string(name) + "." + std::string(key), inner, names, view, depth + 1);
    }
  }
}

EventLineReader::EventLineReader() : state_{std::make_unique<State>()} {}
EventLineReader::~EventLineReader() = default;

Result<ReadEvent> EventLineReader::Read(std::string_view line, const FieldNames& names, EventView& view) {
  State& state = *state_;
  state.host = {};
  state.at = {};
  state.has_given = false;
  if (state.padded.size() < line.size() + simdjson::SIMDJSON_PADDING)
    state.padded.resize(2 * line.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(state.padded.data(), line.data(), line.size());
  std::memset(state.padded.data() + line.size(), 0, simdjson::SIMDJSON_PADDING);
  dom::element root;
  const auto error = state.parser.parse(state.padded.data(), line.size(), false).get(root);
  if (error != simdjson::SUCCESS || !root.is_object()) {
    return Fail(Code::kInvalidArgument, "rules.bad_event", "a line is no JSON object: {}",
                simdjson::error_message(error));
  }
  view.Reset(names.size());
  for (const auto [key, value] : dom::object{root.get_object()}) state.Add(key, value, names, view, 0);
  ReadEvent read;
  read.log_source = state.has_given ? state.given : LogSourceOf(state.host);
  const model::LogSource& source = read.log_source;
  read.unrouted = source.category.empty() && source.product.empty() && source.service.empty();
  read.at = state.at;
  read.line = line;
  return read;
}

Result<model::Event> EventLineReader::ToEvent(const ReadEvent& read) {
  BONGSU_TRY(const json::Value value, json::Parse(read.line));
  model::Event event;
  event.source = value["source"].AsString("file");
  event.type = value["type"].AsString();
  event.entity = value["entity"].AsString();
  event.log_source = read.log_source;
  event.at = read.at;
  event.received_at = read.at;
  event.place = model::PlaceFromJson(value["place"]);
  const json::Value* fields = value.Find("fields");
  event.fields = fields != nullptr && fields->IsObject() ? fields->AsObject() : value.AsObject();
  return event;
}

Result<void> ForEachLine(const std::string& path, const std::function<void(std::string_view)>& visit) {
  gzFile file = gzopen(path.c_str(), "rb");  // reads plain files too
  if (file == nullptr) return Fail(Code::kNotFound, "rules.no_file", "{} cannot be read", path);
  gzbuffer(file, 1U << 18U);
  std::string rest;
  std::vector<char> block(1U << 20U);
  int got = 0;
  const auto line = [&](std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!text.empty()) visit(text);
  };
  while ((got = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0) {
    std::string_view piece{block.data(), static_cast<std::size_t>(got)};
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      if (rest.empty()) {
        line(piece.substr(0, end));
      } else {
        rest.append(piece.substr(0, end));
        line(rest);
        rest.clear();
      }
      piece.remove_prefix(end + 1);
    }
    rest.append(piece);
    if (rest.size() > kMaxLine) break;
  }
  const bool broken = got < 0;
  gzclose(file);
  if (rest.size() > kMaxLine)
    return Fail(Code::kTooLarge, "rules.line_too_long", "{}: a line is longer than {} bytes", path, kMaxLine);
  if (broken) return Fail(Code::kCorrupt, "rules.bad_gzip", "{}: the compressed data is broken", path);
  if (!rest.empty()) line(rest);
  return {};
}

}  // namespace bongsu::rules
