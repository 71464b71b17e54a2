// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON: a value that owns itself (Value), the one parser (simdjson behind it) and the one writer.
/// Hot paths write straight into one buffer with Writer; Value is for what is looked at more than once.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace bongsu::json {

class Value;
using Array = std::vector<Value>;
/// Members in the order they were written; a name that repeats keeps its last value.
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                                                 // NOLINT(google-explicit-constructor)
  Value(bool value) : data_{value} {}                                      // NOLINT(google-explicit-constructor)
  Value(int value) : data_{static_cast<std::int64_t>(value)} {}            // NOLINT(google-explicit-constructor)
  Value(std::int64_t value) : data_{value} {}                              // NOLINT(google-explicit-constructor)
  Value(std::uint64_t value) : data_{static_cast<std::int64_t>(value)} {}  // NOLINT(google-explicit-constructor)
  Value(double value) : data_{value} {}                                    // NOLINT(google-explicit-constructor)
  Value(std::string value) : data_{std::move(value)} {}                    // NOLINT(google-explicit-constructor)
  Value(std::string_view value) : data_{std::string(value)} {}             // NOLINT(google-explicit-constructor)
  Value(const char* value) : data_{std::string(value)} {}                  // NOLINT(google-explicit-constructor)
  Value(Array value) : data_{std::move(value)} {}                          // NOLINT(google-explicit-constructor)
  Value(Object value) : data_{std::move(value)} {}                         // NOLINT(google-explicit-constructor)

  bool IsNull() const { return std::holds_alternative<std::monostate>(data_); }
  bool IsBool() const { return std::holds_alternative<bool>(data_); }
  bool IsInt() const { return std::holds_alternative<std::int64_t>(data_); }
  bool IsNumber() const { return IsInt() || std::holds_alternative<double>(data_); }
  bool IsString() const { return std::holds_alternative<std::string>(data_); }
  bool IsArray() const { return std::holds_alternative<Array>(data_); }
  bool IsObject() const { return std::holds_alternative<Object>(data_); }

  /// The value as that type, or a stated stand-in when it is another type.
  bool AsBool(bool otherwise = false) const;
  std::int64_t AsInt(std::int64_t otherwise = 0) const;
  double AsDouble(double otherwise = 0) const;
  std::string_view AsString(std::string_view otherwise = {}) const;
  const Array& AsArray() const;    ///< Empty when it is no array.
  const Object& AsObject() const;  ///< Empty when it is no object.
  Array& MutableArray();           ///< Becomes an empty array when it was none.
  Object& MutableObject();         ///< Becomes an empty object when it was none.

  /// The member `name` of an object; nullptr when there is none.
  const Value* Find(std::string_view name) const;
  Value* Find(std::string_view name);
  /// The member `name`, or a shared null.
  const Value& operator[](std::string_view name) const;
  /// Sets or replaces a member; becomes an object when it was none.
  Value& Set(std::string_view name, Value value);
  bool Erase(std::string_view name);
  /// JSON pointer (RFC 6901), "" is the value itself; nullptr when nothing is there.
  const Value* At(std::string_view pointer) const;

  /// Same type and content; 1 and 1.0 are equal; members in any order.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

/// Text of a scalar as a person would write it (strings without quotes, 21.5, true); JSON for the rest.
std::string ToPlainText(const Value& value);

/// @param text  UTF-8, one JSON value; at most 64 levels deep
/// @errors kInvalidArgument json.bad (says what and near which byte)
Result<Value> Parse(std::string_view text);

std::string ToString(const Value& value);
void AppendTo(std::string& out, const Value& value);
/// A JSON string with quotes; only what must be escaped is escaped.
void AppendString(std::string& out, std::string_view text);
/// The shortest text that reads back as the same number.
void AppendNumber(std::string& out, double number);

/// Writes JSON into one buffer; commas are its business.
///   Writer w; w.Object(); w.Key("id").String(id); w.Key("n").Int(3); w.End();
class Writer {
 public:
  Writer() = default;
  /// @param expected  bytes to make room for
  explicit Writer(std::size_t expected) { out_.reserve(expected); }
  Writer& Object() { return Open('{'); }
  Writer& Array() { return Open('['); }
  Writer& End();
  Writer& Key(std::string_view name);
  Writer& String(std::string_view text);
  Writer& Int(std::int64_t number);
  Writer& Double(double number);
  Writer& Bool(bool value);
  Writer& Null();
  /// Puts text that already is one JSON value.
  Writer& Raw(std::string_view json);
  Writer& Put(const Value& value);

  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  Writer& Open(char bracket);
  void Separate();

  std::string out_;
  std::string open_;  // closing brackets still owed
  bool comma_ = false;
};

}  // namespace bongsu::json
