// SPDX-License-Identifier: Apache-2.0
#pragma once

/// References into a message and texts with references in braces: how a mapping says where a value stands.
/// Grammar: docs/formats/mapping.md section 4.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/yaml.hpp"
#include "sense/ingest/zone.hpp"

namespace bongsu::ingest {

using Groups = std::vector<std::pair<std::string, std::string>>;  ///< Named groups of a pattern.

/// All that a reference can see.
struct Scope {
  const json::Value* message = nullptr;  ///< The document, or one element of it when the mapping has `each`.
  const json::Value* root = nullptr;     ///< The whole document.
  std::string_view topic;
  const Groups* groups = nullptr;
  std::string_view source;
  std::string_view tenant;
  TimePoint arrived{};
  const Zone* zone = nullptr;  ///< For times without one.
};

class Reference {
 public:
  /// @errors kInvalidArgument mapping.bad_reference
  static Result<Reference> Parse(std::string_view text);
  static bool LooksLikeOne(std::string_view text);

  /// The value; nothing when it is absent or null.
  std::optional<json::Value> Get(const Scope& scope) const;

 private:
  enum class Kind : std::uint8_t { kMessage, kRoot, kTopic, kTopicLevel, kGroup, kSource, kTenant, kArrival };
  Kind kind_ = Kind::kMessage;
  std::string text_;  ///< Pointer or name of a group.
  std::size_t level_ = 0;
};

/// A text with references in braces; "{{" stands for a brace.
class Template {
 public:
  static Result<Template> Parse(std::string_view text);
  /// Nothing when one of its references is absent.
  std::optional<std::string> Get(const Scope& scope) const;

 private:
  struct Part {
    std::string literal;
    std::optional<Reference> reference;
  };
  std::vector<Part> parts_;
};

/// Nothing, or a complaint about a key of `map` that is not in `allowed`.
Result<void> CheckKeys(std::string_view file, const yaml::Node& map, std::initializer_list<std::string_view> allowed);

}  // namespace bongsu::ingest
