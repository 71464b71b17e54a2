// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace bongsu::json {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMostReserved = 1024;  // beyond it a container grows as it is filled
const Value kNull;
const Array kNoItems;
const Object kNoMembers;

/// Fills `out` in place; false when `element` is nested too deep.
bool Convert(const simdjson::dom::element& element, int depth, Value& out) {
  if (depth > kMaxDepth) return false;
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::NULL_VALUE:
      break;
    case element_type::BOOL:
      out = Value{bool{element.get_bool()}};
      break;
    case element_type::INT64:
      out = Value{std::int64_t{element.get_int64()}};
      break;
    case element_type::UINT64:
      out = Value{static_cast<double>(std::uint64_t{element.get_uint64()})};
      break;
    case element_type::DOUBLE:
      out = Value{double{element.get_double()}};
      break;
    case element_type::STRING:
      out = Value{std::string_view{element.get_string()}};
      break;
    case element_type::ARRAY: {
      const simdjson::dom::array given = element.get_array();
      Array& items = out.MutableArray();
      items.reserve(std::min(given.size(), kMostReserved));
      for (const auto item : given) {
        if (!Convert(item, depth + 1, items.emplace_back())) return false;
      }
      break;
    }
    case element_type::OBJECT: {
      const simdjson::dom::object given = element.get_object();
      Object& members = out.MutableObject();
      members.reserve(std::min(given.size(), kMostReserved));
      for (const auto [name, item] : given) {
        auto same = std::find_if(members.begin(), members.end(),
                                 [&, wanted = name](const Member& m) { return m.first == wanted; });
        if (same == members.end()) {
          same = members.emplace(same, std::string(name), Value{});
        } else {
          same->second = Value{};
        }
        if (!Convert(item, depth + 1, same->second)) return false;
      }
      break;
    }
  }
  return true;
}

}  // namespace

bool Value::AsBool(bool otherwise) const {
  const auto* value = std::get_if<bool>(&data_);
  return value != nullptr ? *value : otherwise;
}

std::int64_t Value::AsInt(std::int64_t otherwise) const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  if (const auto* value = std::get_if<double>(&data_); value != nullptr && std::abs(*value) < 9.2e18) {
    return static_cast<std::int64_t>(*value);
  }
  return otherwise;
}

double Value::AsDouble(double otherwise) const {
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  return otherwise;
}

std::string_view Value::AsString(std::string_view otherwise) const {
  const auto* value = std::get_if<std::string>(&data_);
  return value != nullptr ? std::string_view{*value} : otherwise;
}

const Array& Value::AsArray() const {
  const auto* value = std::get_if<Array>(&data_);
  return value != nullptr ? *value : kNoItems;
}

const Object& Value::AsObject() const {
  const auto* value = std::get_if<Object>(&data_);
  return value != nullptr ? *value : kNoMembers;
}

Array& Value::MutableArray() {
  if (!IsArray()) data_ = Array{};
  return std::get<Array>(data_);
}

Object& Value::MutableObject() {
  if (!IsObject()) data_ = Object{};
  return std::get<Object>(data_);
}

const Value* Value::Find(std::string_view name) const {
  for (const Member& member : AsObject()) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

Value* Value::Find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).Find(name)); }  // NOLINT

const Value& Value::operator[](std::string_view name) const {
  const Value* found = Find(name);
  return found != nullptr ? *found : kNull;
}

Value& Value::Set(std::string_view name, Value value) {
  if (Value* found = Find(name)) {
    *found = std::move(value);
    return *found;
  }
  return MutableObject().emplace_back(std::string(name), std::move(value)).second;
}

bool Value::Erase(std::string_view name) {
  return IsObject() && std::erase_if(MutableObject(), [&](const Member& member) { return member.first == name; }) > 0;
}

const Value* Value::At(std::string_view pointer) const {
  const Value* value = this;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string name{pointer.substr(0, end)};
    pointer.remove_prefix(end);
    for (std::size_t at = 0; (at = name.find('~', at)) != std::string::npos; ++at) {
      if (at + 1 < name.size()) name.replace(at, 2, name[at + 1] == '1' ? "/" : "~");
    }
    if (value->IsArray()) {
      std::size_t index = 0;
      const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), index);
      if (error != std::errc{} || rest != name.data() + name.size() || index >= value->AsArray().size()) return nullptr;
      value = &value->AsArray()[index];
    } else {
      value = value->Find(name);
      if (value == nullptr) return nullptr;
    }
  }
  return value;
}

bool operator==(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber() && a.IsInt() != b.IsInt()) return a.AsDouble() == b.AsDouble();
  if (!a.IsObject() || !b.IsObject()) return a.data_ == b.data_;
  if (a.AsObject().size() != b.AsObject().size()) return false;
  return std::ranges::all_of(a.AsObject(), [&](const Member& member) {
    const Value* other = b.Find(member.first);
    return other != nullptr && member.second == *other;
  });
}

std::string ToPlainText(const Value& value) {
  return value.IsString() ? std::string(value.AsString()) : ToString(value);
}

Result<Value> Parse(std::string_view text) {
  // One parser a thread keeps its buffers; simdjson needs no more than that to be reused.
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return Fail(Code::kInvalidArgument, "json.bad", "not JSON: {} (starts with '{}')", simdjson::error_message(error),
                text.substr(0, 40));
  }
  Value value;
  if (!Convert(root, 0, value))
    return Fail(Code::kInvalidArgument, "json.bad", "JSON is nested deeper than {} levels", kMaxDepth);
  return value;
}

namespace {

/// True when no byte must be escaped: eight at a time, as most texts are plain.
bool IsPlain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
  std::uint64_t found = 0;
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    found |= ((word - 0x20 * kOnes) & ~word & kHigh) | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'));
    text.remove_prefix(8);
  }
  return found == 0 && std::ranges::none_of(
                           text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
}

}  // namespace

void AppendString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  if (IsPlain(text)) {
    out += text;
    out += '"';
    return;
  }
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    }
  }
  out.append(text, plain);
  out += '"';
}

void AppendNumber(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";  // JSON has no such number
    return;
  }
  if (number == 0 && std::signbit(number)) {
    out += "-0.0";  // "-0" reads back as a whole number, which has no sign
    return;
  }
  std::array<char, 32> buffer{};
  // Beyond 64 bits a number without an exponent is one that parsers refuse as an integer.
  const bool large = std::abs(number) >= 9.2e18;
  const auto end =
      large ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific).ptr
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

namespace {

void AppendInt(std::string& out, std::int64_t number) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

}  // namespace

void AppendTo(std::string& out, const Value& value) {
  if (value.IsNull()) {
    out += "null";
  } else if (value.IsBool()) {
    out += value.AsBool() ? "true" : "false";
  } else if (value.IsInt()) {
    AppendInt(out, value.AsInt());
  } else if (value.IsNumber()) {
    AppendNumber(out, value.AsDouble());
  } else if (value.IsString()) {
    AppendString(out, value.AsString());
  } else if (value.IsArray()) {
    out += '[';
    for (const Value& item : value.AsArray()) {
      if (&item != value.AsArray().data()) out += ',';
      AppendTo(out, item);
    }
    out += ']';
  } else {
    out += '{';
    for (const Member& member : value.AsObject()) {
      if (&member != value.AsObject().data()) out += ',';
      AppendString(out, member.first);
      out += ':';
      AppendTo(out, member.second);
    }
    out += '}';
  }
}

std::string ToString(const Value& value) {
  std::string out;
  AppendTo(out, value);
  return out;
}

void Writer::Separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Writer& Writer::Open(char bracket) {
  Separate();
  out_ += bracket;
  open_ += bracket == '{' ? '}' : ']';
  comma_ = false;
  return *this;
}

Writer& Writer::End() {
  BONGSU_ASSERT(!open_.empty());
  out_ += open_.back();
  open_.pop_back();
  comma_ = true;
  return *this;
}

Writer& Writer::Key(std::string_view name) {
  Separate();
  AppendString(out_, name);
  out_ += ':';
  comma_ = false;
  return *this;
}

Writer& Writer::String(std::string_view text) {
  Separate();
  AppendString(out_, text);
  return *this;
}

Writer& Writer::Int(std::int64_t number) {
  Separate();
  AppendInt(out_, number);
  return *this;
}

Writer& Writer::Double(double number) {
  Separate();
  AppendNumber(out_, number);
  return *this;
}

Writer& Writer::Bool(bool value) {
  Separate();
  out_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::Null() { return Raw("null"); }

Writer& Writer::Raw(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

Writer& Writer::Put(const Value& value) {
  Separate();
  AppendTo(out_, value);
  return *this;
}

}  // namespace bongsu::json
