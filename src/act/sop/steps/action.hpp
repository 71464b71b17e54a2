// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a procedure step can offer to do. One file a kind; the table is in action.cpp.
/// A kind that is not in the table is an error of the file, never a button that does nothing.

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/yaml.hpp"

namespace bongsu::sop::steps {

struct ActionKind {
  std::string_view name;
  /// Checks the members of `action:` that belong to this kind. @errors kInvalidArgument procedure.bad_action
  Result<void> (*check)(const yaml::Node& action, std::string_view file);
};

extern const ActionKind kNotify;
extern const ActionKind kCall;
extern const ActionKind kOpen;

/// The `action:` of a step as StepAction of api/openapi.yaml: {kind, label, channel?, peer?}.
/// @errors kInvalidArgument procedure.bad_action
Result<json::Value> ParseAction(const yaml::Node& action, std::string_view file);

/// Text in Korean (needed) and English. @errors kInvalidArgument procedure.bad_text
Result<json::Value> ParseText(const yaml::Node* text, const yaml::Node& owner, std::string_view name,
                              std::size_t most_characters, std::string_view file);

}  // namespace bongsu::sop::steps
