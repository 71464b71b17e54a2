// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One value of a mapping: where it comes from and what is done to it (docs/formats/mapping.md section 4).

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sense/ingest/condition.hpp"

namespace bongsu::ingest {

/// Code -> word; the words keep their YAML type.
using Table = std::map<std::string, json::Value, std::less<>>;
using Tables = std::map<std::string, std::shared_ptr<const Table>, std::less<>>;

/// What reading one mapping needs to know.
struct LoadContext {
  std::string_view file;
  Tables tables;
};

class ValueSpec {
 public:
  /// Reads a reference, a template or a map. `extra`: keys of the map that the caller reads itself.
  static Result<ValueSpec> Load(const LoadContext& context, const yaml::Node& node,
                                std::initializer_list<std::string_view> extra = {});
  /// Reads {from, format, zone} or a plain reference as a time.
  static Result<ValueSpec> LoadTime(const LoadContext& context, const yaml::Node& node);
  static ValueSpec Constant(json::Value value);

  /// Nothing when it is absent, null or blank.
  /// @errors kInvalidArgument mapping.bad_value (there, but not what `type` says)   mapping.missing (required)
  Result<std::optional<json::Value>> Get(const Scope& scope) const;
  /// The same as a text; a number becomes its plain text.
  Result<std::optional<std::string>> GetText(const Scope& scope) const;
  /// The value of a spec made by LoadTime.
  /// @errors kInvalidArgument mapping.bad_time
  Result<std::optional<TimePoint>> GetTime(const Scope& scope) const;

 private:
  enum class Type : std::uint8_t { kAny, kNumber, kInteger, kString, kBoolean, kTime };
  enum class Unknown : std::uint8_t { kKeep, kOmit, kRefuse };
  struct Case {
    Conditions conditions;
    std::shared_ptr<const ValueSpec> then;
  };

  static Result<ValueSpec> LoadCases(const LoadContext& context, const yaml::Node& node);
  Result<void> LoadOptions(const LoadContext& context, const yaml::Node& node);
  Result<void> LoadSource(std::string_view file, const yaml::Node& node);
  Result<std::optional<json::Value>> Chosen(const Scope& scope) const;
  std::optional<json::Value> Raw(const Scope& scope) const;
  Result<std::optional<json::Value>> Shape(json::Value value, const Scope& scope) const;
  Result<TimePoint> ReadTime(const json::Value& value, const Scope& scope) const;

  std::string name_;  ///< As written, for complaints.
  std::optional<Reference> reference_;
  std::optional<Template> template_;
  std::optional<json::Value> constant_;
  std::vector<Case> cases_;
  std::shared_ptr<const ValueSpec> otherwise_;
  Type type_ = Type::kAny;
  double scale_ = 1;
  double offset_ = 0;
  std::shared_ptr<const Table> table_;
  Unknown unknown_ = Unknown::kKeep;
  std::optional<json::Value> default_;
  bool required_ = false;
  bool lower_ = false;
  std::string format_ = "rfc3339";
  std::shared_ptr<const Zone> zone_;
};

}  // namespace bongsu::ingest
