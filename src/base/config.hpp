// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Configuration: one YAML file, one tree of structs. A struct lists its fields once in
///   template <class Visitor> void Describe(Visitor& v, MqttConfig& c) { v.Field("url", c.url, "Broker to connect
///   to."); }
/// and Load, Print and Document all walk that list. An unknown key is an error with line and column.

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/yaml.hpp"

namespace bongsu {

/// A value that no log and no print shows.
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_{std::move(value)} {}
  const T& Reveal() const { return value_; }
  bool IsEmpty() const { return value_ == T{}; }

 private:
  T value_{};
};

namespace config {

Result<void> Read(const yaml::Node& node, std::string_view file, std::string& into);
Result<void> Read(const yaml::Node& node, std::string_view file, bool& into);
Result<void> Read(const yaml::Node& node, std::string_view file, std::int64_t& into);
Result<void> Read(const yaml::Node& node, std::string_view file, double& into);
Result<void> Read(const yaml::Node& node, std::string_view file, Duration& into);
Result<void> Read(const yaml::Node& node, std::string_view file, json::Value& into);
Result<void> Read(const yaml::Node& node, std::string_view file, yaml::Node& into);  ///< For a part that reads itself.

template <class T>
Result<void> Load(const yaml::Node& node, std::string_view file, T& into);

template <class T>
Result<void> Read(const yaml::Node& node, std::string_view file, Secret<T>& into) {
  T value;
  BONGSU_CHECK(Read(node, file, value));
  into = Secret<T>(std::move(value));
  return {};
}

template <class T>
Result<void> Read(const yaml::Node& node, std::string_view file, std::vector<T>& into);

class Loader;
template <class T>
  requires requires(Loader& loader, T& value) { Describe(loader, value); }
Result<void> Read(const yaml::Node& node, std::string_view file, T& into) {
  return Load(node, file, into);
}

template <class T>
Result<void> Read(const yaml::Node& node, std::string_view file, std::vector<T>& into) {
  if (!node.IsSequence()) return yaml::FailAt(file, node, "config.bad_value", "a list is expected here");
  into.clear();
  for (const yaml::Node& item : node.items) {
    T value{};
    BONGSU_CHECK(Read(item, file, value));
    into.push_back(std::move(value));
  }
  return {};
}

/// Visitor that fills a struct from a map.
class Loader {
 public:
  Loader(const yaml::Node& node, std::string_view file) : node_{node}, file_{file} {}

  template <class T>
  void Field(std::string_view name, T& field, std::string_view /*doc*/) {
    known_.push_back(name);
    const yaml::Node* value = node_.Find(name);
    if (value == nullptr || value->IsNull() || !result_) return;
    result_ = Read(*value, file_, field);
  }

  /// The first complaint: a bad value, else a key nobody listed.
  Result<void> Finish() const;

 private:
  const yaml::Node& node_;
  std::string_view file_;
  std::vector<std::string_view> known_;
  Result<void> result_;
};

/// Fills `into` from a map; what the map leaves out keeps its default.
/// @errors kInvalidArgument config.bad_value, config.unknown_key (FILE:LINE:COLUMN)
template <class T>
Result<void> Load(const yaml::Node& node, std::string_view file, T& into) {
  if (!node.IsMap() && !node.IsNull())
    return yaml::FailAt(file, node, "config.bad_value", "a map of keys is expected here");
  Loader loader{node, file};
  Describe(loader, into);
  return loader.Finish();
}

/// Visitor that prints a struct as JSON; secrets as "***".
class Printer {
 public:
  template <class T>
  void Field(std::string_view name, T& field, std::string_view /*doc*/) {
    value_.Set(name, ToJson(field));
  }
  json::Value Take() { return std::move(value_); }

 private:
  static json::Value ToJson(const std::string& value) { return value; }
  static json::Value ToJson(bool value) { return value; }
  static json::Value ToJson(std::int64_t value) { return value; }
  static json::Value ToJson(double value) { return value; }
  static json::Value ToJson(Duration value) { return FormatDuration(value); }
  static json::Value ToJson(const json::Value& value) { return value; }
  static json::Value ToJson(const yaml::Node& value) { return value.IsNull() ? json::Value{} : json::Value{"…"}; }
  template <class T>
  static json::Value ToJson(const Secret<T>& value) {
    return value.IsEmpty() ? "" : "***";
  }
  template <class T>
  static json::Value ToJson(std::vector<T>& values) {
    json::Array items;
    for (T& value : values) items.push_back(ToJson(value));
    return items;
  }
  template <class T>
    requires requires(Printer& printer, T& value) { Describe(printer, value); }
  static json::Value ToJson(T& value) {
    Printer inner;
    Describe(inner, value);
    return inner.Take();
  }

  json::Value value_;
};

/// The configuration as it stands, secrets hidden.
template <class T>
json::Value Redacted(T& value) {
  Printer printer;
  Describe(printer, value);
  return printer.Take();
}

/// One field as a manifest or a form names it.
struct FieldDoc {
  std::string name;
  std::string type;   ///< string, secret, boolean, integer, number, duration, list or map
  json::Value value;  ///< Default.
  std::string doc;
};

/// Visitor that lists the fields.
class Lister {
 public:
  template <class T>
  void Field(std::string_view name, T& field, std::string_view doc) {
    Printer printer;
    printer.Field("value", field, "");
    fields_.push_back({std::string(name), TypeOf(field), printer.Take()["value"], std::string(doc)});
  }
  std::vector<FieldDoc> Take() { return std::move(fields_); }

 private:
  static std::string TypeOf(const std::string&) { return "string"; }
  static std::string TypeOf(bool) { return "boolean"; }
  static std::string TypeOf(std::int64_t) { return "integer"; }
  static std::string TypeOf(double) { return "number"; }
  static std::string TypeOf(Duration) { return "duration"; }
  static std::string TypeOf(const json::Value&) { return "map"; }
  template <class T>
  static std::string TypeOf(const Secret<T>&) {
    return "secret";
  }
  template <class T>
  static std::string TypeOf(const std::vector<T>&) {
    return "list";
  }

  std::vector<FieldDoc> fields_;
};

/// What a struct can be told, with its defaults.
template <class T>
std::vector<FieldDoc> FieldsOf() {
  T value{};
  Lister lister;
  Describe(lister, value);
  return lister.Take();
}

/// Visitor that writes a Markdown table row a field.
class Documenter {
 public:
  template <class T>
  void Field(std::string_view name, T& field, std::string_view doc) {
    Printer printer;
    printer.Field("value", field, "");
    const json::Value printed = printer.Take();
    text_ += fmt::format("| `{}` | {} | {} |\n", name, json::ToString(printed["value"]), doc);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "| key | default | meaning |\n|---|---|---|\n";
};

}  // namespace config
}  // namespace bongsu
