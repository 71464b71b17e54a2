// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The `bongsu:` part of a rule: what plain Sigma tools ignore. Every key is in docs/formats/rules.md.

#include "base/yaml.hpp"
#include "decide/rules/rule.hpp"

namespace bongsu::rules {

/// Takes the extension into `rule`, whose condition is stage 0 already.
/// @errors kInvalidArgument rules.* with FILE:LINE:COLUMN; an unknown key is one
Result<void> ReadExtension(Rule& rule, const yaml::Node& node, const Detection& detection, std::string_view file);

}  // namespace bongsu::rules
